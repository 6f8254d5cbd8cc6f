'use strict';

// Variables of the environment that are no numbers, and a program without addons.

const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const { runInChild } = require('../harness/child');
const { subject } = require('../harness/subject');

const register = path.join(__dirname, '..', '..', 'register.js');

function write({ createWriteStream }, dir) {
  createWriteStream(`${dir}/one`).end('text');
  createWriteStream(`${dir}/two`).end('text');
}

for (const [name, value] of [
  ['RUSHWRITE_EXIT_TIMEOUT_MS', '10s'],
  ['RUSHWRITE_EXIT_TIMEOUT_MS', '-1'],
  ['RUSHWRITE_EXIT_TIMEOUT_MS', '1e3'],
  ['RUSHWRITE_EXIT_TIMEOUT_MS', '99999999999'],
  ['RUSHWRITE_THREADS', 'abc'],
  ['RUSHWRITE_THREADS', '0'],
]) {
  test(`${name}=${value} is ignored, which is said once`, async () => {
    const { stderr, files } = await runInChild(subject, write, { env: { [name]: value } });
    assert.match(
      stderr,
      new RegExp(`^rushwrite: ${name}=${value} is ignored: it must be an integer from .*\\n$`),
    );
    assert.deepEqual(Object.keys(files), ['one', 'two']);
  });
}

test('numbers and empty values are taken without a word', async () => {
  const env = { RUSHWRITE_EXIT_TIMEOUT_MS: '100', RUSHWRITE_THREADS: '' };
  const { stderr } = await runInChild(subject, write, { env });
  assert.equal(stderr, '');
});

test('a worker is told of its own variables', async () => {
  const body = ({ createWriteStream }, dir) => {
    const { Worker } = require('node:worker_threads');
    createWriteStream(`${dir}/main`).end();
    const source = `const { createWriteStream } = require(process.env.SUBJECT_MODULE);
      createWriteStream(${JSON.stringify(`${dir}/worker`)}).end();`;
    new Worker(source, {
      eval: true,
      env: { ...process.env, RUSHWRITE_EXIT_TIMEOUT_MS: 'soon' },
    });
  };
  const { stderr } = await runInChild(subject, body);
  assert.match(stderr, /^rushwrite: RUSHWRITE_EXIT_TIMEOUT_MS=soon is ignored: .*\n$/);
});

test('with --no-addons register warns, and Node writes', async () => {
  const command = (source) => [process.execPath, '--no-addons', '-r', register, '-e', source];
  const body = (fs, dir) => {
    const stream = fs.createWriteStream(`${dir}/out`);
    stream.end('text', () => console.log('written'));
  };
  const { code, stdout, stderr } = await runInChild({ module: 'node:fs' }, body, { command });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'written\n');
  assert.match(stderr, /Warning: rushwrite\/register does nothing: Addons are disabled/);
});

'use strict';

// A test runner or a hot reload loads the package again in one thread. The copies share the addon;
// each gets the events of its own streams only.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { runInChild } = require('../harness/child');
const { isSelfTest, subject } = require('../harness/subject');

const root = path.join(__dirname, '..', '..');
const skip = isSelfTest ? 'Node is not loaded twice' : false;

const WAYS = {
  'the modules are forgotten': '\\.js$',
  'the modules and the addon are forgotten': '\\.(js|node)$',
};

for (const [way, forgotten] of Object.entries(WAYS)) {
  test(`${way}: the streams of all copies finish, and the process ends`, { skip }, async () => {
    const env = { FORGOTTEN: forgotten };
    const { code, stdout, stderr, files } = await runInChild(subject, writeWithCopies, { env });
    assert.deepStrictEqual({ code, stdout }, { code: 0, stdout: 'copies 3\nfinished 6\n' }, stderr);
    const bytes = Object.values(files).map((file) => file.bytes);
    assert.deepStrictEqual(bytes, Array(6).fill('first second third'));
  });
}

/** Three copies, each with two streams that write at the same time. */
function writeWithCopies(first, dir) {
  const load = () => {
    const forgotten = new RegExp(process.env.FORGOTTEN);
    for (const file of Object.keys(require.cache)) {
      if (forgotten.test(file)) delete require.cache[file];
    }
    return require(process.env.SUBJECT_MODULE);
  };
  let finished = 0;
  const copies = [first];
  const create = (copy, name) => {
    const stream = copy.createWriteStream(`${dir}/${name}`);
    stream.write('first ');
    stream.on('open', () => stream.write('second ', () => stream.end('third')));
    stream.on('finish', () => finished++);
    return stream;
  };
  create(first, 'a').on('open', () => {
    copies.push(load(), load());
    create(copies[1], 'b');
    create(copies[2], 'c');
    create(copies[0], 'd');
    create(copies[1], 'e').on('close', () => create(copies[2], 'f'));
  });
  process.on('exit', () => {
    console.log('copies', new Set(copies).size);
    console.log('finished', finished);
  });
}

test('two environments of one thread have streams and events of their own', () => {
  const file = path.join(
    root,
    fs.readdirSync(root).find((name) => name.endsWith('.node')),
  );
  const [first, second] = [0, 1].map(() => {
    const module = { exports: {} };
    process.dlopen(module, file);
    return module.exports;
  });
  const queue = first.attach(() => {}, { exitTimeoutMs: 0 });
  const id = first.openDescriptor(queue, 2, -1, false);
  assert.strictEqual(first.pending(id), 0);
  assert.throws(() => second.pending(id), { message: 'the environment has no streams' });
  const other = second.attach(() => {}, { exitTimeoutMs: 0 });
  assert.throws(() => second.pending(id), { message: 'the stream was released' });
  second.detach(other);
  first.release(id);
  first.detach(queue);
});

'use strict';

// Programs that have changed `Error`: a failure is told as ever.

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { parityInChild, runInChild } = require('../harness/child');
const { oracle, subject } = require('../harness/subject');

/** Fails in all the ways in which a stream makes an error, and tells them. */
function failAll({ createWriteStream }, dir) {
  globalThis.change();
  const note = (label, error) =>
    console.log(label, error === undefined ? error : (error?.code ?? error?.message));
  const fail = (label, make, use) =>
    new Promise((resolve) => {
      try {
        const stream = make();
        stream.on('error', (error) => note(`${label} event`, error));
        stream.on('close', resolve);
        use(stream);
      } catch (error) {
        note(`${label} threw`, error);
        resolve();
      }
    });
  const run = async () => {
    await fail(
      'open',
      () => createWriteStream(`${dir}/none/out`),
      (stream) => {
        stream.write('x', (error) => note('open cb', error));
        stream.end((error) => note('open end', error));
      },
    );
    await fail(
      'write',
      () => createWriteStream('/dev/full'),
      (stream) => stream.end('x', (error) => note('write end', error)),
    );
    await fail(
      'late',
      () => createWriteStream(`${dir}/out`),
      (stream) => {
        stream.destroy();
        stream.write('x', (error) => note('late cb', error));
      },
    );
    await fail(
      'flags',
      () => createWriteStream(`${dir}/out`, { flags: 'zz' }),
      (stream) => stream.end(),
    );
    await fail(
      'encoding',
      () => createWriteStream(`${dir}/out`, { encoding: 'zz' }),
      (stream) => stream.end(),
    );
  };
  run();
}

const CHANGES = {
  'Error is frozen': () => Object.freeze(Error),
  'Error and its prototype are frozen': () => {
    Object.freeze(Error);
    Object.freeze(Error.prototype);
    Object.freeze(TypeError);
    Object.freeze(TypeError.prototype);
  },
  'prepareStackTrace returns no string': () => {
    Error.prepareStackTrace = (_error, frames) => frames;
  },
  'prepareStackTrace returns nothing': () => {
    Error.prepareStackTrace = () => undefined;
  },
  'stackTraceLimit is gone': () => {
    delete Error.stackTraceLimit;
  },
  'stackTraceLimit has a setter that throws': () => {
    Object.defineProperty(Error, 'stackTraceLimit', {
      get: () => 10,
      set() {
        throw new Error('no');
      },
    });
  },
};

const NO_FULL = process.platform !== 'linux' && 'needs /dev/full';

for (const [name, change] of Object.entries(CHANGES)) {
  const body = `(api, dir) => { globalThis.change = ${change}; (${failAll})(api, dir); }`;
  parityInChild(name, body, { skip: NO_FULL });
}

test('--frozen-intrinsics', { skip: NO_FULL }, async () => {
  const body = `(api, dir) => { globalThis.change = () => {}; (${failAll})(api, dir); }`;
  const command = (source) => [process.execPath, '--frozen-intrinsics', '-e', source];
  const expected = await runInChild(oracle, body, { command });
  const actual = await runInChild(subject, body, { command });
  assert.equal(actual.stdout, expected.stdout, actual.stderr);
  assert.equal(actual.code, expected.code, actual.stderr);
});

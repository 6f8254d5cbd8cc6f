'use strict';

// rushwrite/register together with graceful-fs: an open still waits while too many files are open.

const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const { runInChild } = require('../harness/child');

const root = path.join(__dirname, '..', '..');
const places = {
  REGISTER: path.join(root, 'register.js'),
  GRACEFUL_FS: require.resolve('graceful-fs'),
};

/** Writes more files at once than the process may have open. */
async function body(rushwrite, dir) {
  const assert = require('node:assert');
  const fs = require('node:fs');
  const { finished } = require('node:stream/promises');
  const { REGISTER, GRACEFUL_FS, OURS } = process.env;
  const api = globalThis.setup(
    () => require(REGISTER),
    () => require(GRACEFUL_FS),
    fs,
  );
  const write = async (id) => {
    const stream = api.createWriteStream(`${dir}/${id % 10}`);
    assert.strictEqual(stream instanceof rushwrite.WriteStream, OURS === 'true');
    stream.write(`${id % 10}`);
    stream.end('\n');
    await finished(stream);
  };
  await Promise.all(Array.from({ length: 200 }, (_, id) => write(id)));
  for (let id = 0; id < 10; id++) {
    assert.strictEqual(fs.readFileSync(`${dir}/${id}`, 'utf8'), `${id}\n`);
  }
}

const orders = [
  {
    name: 'graceful-fs after register',
    isOurs: true,
    setup(register, graceful) {
      register();
      return graceful();
    },
  },
  {
    name: 'register after graceful-fs',
    isOurs: true,
    setup(register, graceful) {
      const api = graceful();
      register();
      return api;
    },
  },
  {
    name: 'graceful-fs patches fs after register',
    isOurs: true,
    setup(register, graceful, fs) {
      register();
      return graceful().gracefulify(fs);
    },
  },
  {
    name: 'register after graceful-fs has patched fs',
    isOurs: true,
    setup(register, graceful, fs) {
      graceful().gracefulify(fs);
      register();
      return fs;
    },
  },
];

for (const { name, isOurs, setup } of orders) {
  test(name, { skip: process.platform === 'win32' && 'needs ulimit' }, async () => {
    const limited = 'ulimit -n 100; exec "$0" -e "$1"';
    const command = (source) => {
      const program = `globalThis.setup = ({ ${setup} }).setup; ${source}`;
      return ['sh', '-c', limited, process.execPath, program];
    };
    const env = { ...places, OURS: `${isOurs}` };
    const { code, stderr } = await runInChild({ module: root }, body, { command, env });
    assert.equal(stderr, '');
    assert.equal(code, 0);
  });
}

'use strict';

// What outlives the request or the test file that loads the package holds nothing of it.

const assert = require('node:assert');
const { test } = require('node:test');
const { runInChild } = require('../harness/child');
const { isSelfTest, oracle, subject } = require('../harness/subject');

const skip = isSelfTest ? "Node's modules are loaded at the start" : false;
const env = { PACKAGE: subject.module };
const command = (source) => [process.execPath, '--expose-gc', '-e', source];

/** The child gets Node's own module first: the package is loaded in the scenario. */
for (const kind of ['file', 'socket']) {
  test(`the store in which the first ${kind} is made is let go`, { skip }, async () => {
    const settings = { env: { ...env, KIND: kind }, command };
    const { code, stdout, stderr } = await runInChild(oracle, loadInStore, settings);
    assert.deepStrictEqual({ code, stdout }, { code: 0, stdout: 'let go\n' }, stderr);
  });
}

async function loadInStore(_fs, dir) {
  const { AsyncLocalStorage } = require('node:async_hooks');
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const storage = new AsyncLocalStorage();
  const make = () => {
    const ours = require(process.env.PACKAGE);
    return process.env.KIND === 'file' ? ours.createWriteStream(`${dir}/file`) : new ours.Socket();
  };
  const load = () => {
    const store = {};
    const closed = new Promise((resolve) => {
      storage.run(store, () => {
        const stream = make();
        stream.on('close', resolve);
        if (process.env.KIND === 'file') stream.end('text');
        else stream.destroy();
      });
    });
    return { closed, weak: new WeakRef(store) };
  };
  let { closed, weak } = load();
  await closed;
  closed = null;
  for (let turns = 0; turns < 100 && weak.deref() !== undefined; turns++) {
    await turn();
    globalThis.gc();
  }
  console.log(weak.deref() === undefined ? 'let go' : 'held');
}

'use strict';

const assert = require('node:assert');
const { pathToFileURL } = require('node:url');
const { once } = require('node:events');
const { test } = require('node:test');
const { ours } = require('../harness');
const { isSelfTest, oracle, subject } = require('../harness/subject');

// An ESM import of an absolute path needs a file, not a folder.
const moduleUrl = isSelfTest ? subject.module : pathToFileURL(require.resolve(subject.module)).href;

test('ESM import by name gives what require gives', async () => {
  const { createWriteStream, WriteStream } = await import(moduleUrl);
  assert.strictEqual(createWriteStream, subject.createWriteStream);
  assert.strictEqual(WriteStream, subject.WriteStream);
});

test('ESM import of Writable', { skip: isSelfTest && 'fs exports no Writable' }, async () => {
  const { Writable, default: all } = await import(moduleUrl);
  assert.strictEqual(Writable, subject.Writable);
  assert.strictEqual(all.Writable, subject.Writable);
});

ours('a stream of an imported createWriteStream writes', async (world) => {
  const { createWriteStream } = await import(moduleUrl);
  const stream = createWriteStream(world.file());
  stream.end('imported');
  await once(stream, 'close');
  assert.strictEqual(world.read().toString(), 'imported');
});

test('requiring it leaves fs untouched', () => {
  assert.strictEqual(require('node:fs').createWriteStream, oracle.createWriteStream);
  assert.strictEqual(require('node:fs').WriteStream, oracle.WriteStream);
});

'use strict';

// rushwrite/register changes `fs` for the whole process, so each test runs a process of its own.

const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const { pathToFileURL } = require('node:url');
const { runInChild } = require('../harness/child');

const root = path.join(__dirname, '..', '..');
const register = path.join(root, 'register.js');
const registerUrl = pathToFileURL(register).href;
const gracefulFs = require.resolve('graceful-fs');

/** `body(rushwrite, dir)` runs in a child that is started with `args`, must not fail, and must come to its end. */
function inChild(name, args, body, env = {}) {
  test(name, () => passes([...args, '-e'], body, env));
}

/** A process that has nothing left to wait for ends also where its program still awaits something. */
function toItsEnd(source) {
  return `process.exitCode = 1;
    Promise.resolve(${source}).then(() => {
      process.exitCode = 0;
    });`;
}

/** The same for the text of an ES module. */
function inModule(name, args, source) {
  test(name, () => passes([...args, '--input-type=module', '-e'], () => {}, {}, source));
}

async function passes(args, body, env, text) {
  const command = (source) => [process.execPath, ...args, text ?? toItsEnd(source)];
  const places = { REGISTER: register, REGISTER_URL: registerUrl, GRACEFUL_FS: gracefulFs };
  const result = await runInChild({ module: root }, body, { command, env: { ...places, ...env } });
  assert.equal(result.stderr, '');
  assert.equal(result.code, 0);
}

inChild('-r makes the streams of fs ours', ['-r', register], async (rushwrite, dir) => {
  const fs = require('node:fs');
  const assert = require('node:assert');
  const { finished } = require('node:stream/promises');
  assert.strictEqual(fs.createWriteStream, rushwrite.createWriteStream);
  assert.strictEqual(fs.WriteStream, rushwrite.WriteStream);
  assert.strictEqual(fs.FileWriteStream, rushwrite.WriteStream);
  const makers = [
    (file) => fs.createWriteStream(file),
    (file) => new fs.WriteStream(file),
    (file) => fs.WriteStream(file),
    (file) => fs.FileWriteStream(file),
  ];
  for (const make of makers) {
    const stream = make(`${dir}/file`);
    assert.ok(stream instanceof rushwrite.WriteStream);
    stream.end('text');
    await finished(stream);
    assert.strictEqual(fs.readFileSync(`${dir}/file`, 'utf8'), 'text');
  }
});

inModule(
  '--import makes the named imports ours',
  ['--import', registerUrl],
  `import assert from 'node:assert';
   import fs, { createWriteStream, WriteStream, FileWriteStream } from 'node:fs';
   import { createRequire } from 'node:module';
   const require = createRequire(process.env.REGISTER_URL);
   const ours = require('./index.js');
   assert.strictEqual(createWriteStream, ours.createWriteStream);
   assert.strictEqual(WriteStream, ours.WriteStream);
   assert.strictEqual(FileWriteStream, ours.WriteStream);
   require('./register.js').unregister();
   assert.strictEqual(createWriteStream, fs.createWriteStream);
   assert.notStrictEqual(createWriteStream, ours.createWriteStream);
   assert.notStrictEqual(WriteStream, ours.WriteStream);`,
);

inModule(
  'a module that imports it finds register and unregister',
  [],
  `import assert from 'node:assert';
   const { register, unregister } = await import(process.env.REGISTER_URL);
   assert.strictEqual(typeof register, 'function');
   assert.strictEqual(typeof unregister, 'function');`,
);

test('the package exports it', () => {
  assert.equal(require.resolve('rushwrite/register'), register);
});

inChild('unregister puts every property back exactly', [], async (rushwrite, dir) => {
  const assert = require('node:assert');
  const fs = require('node:fs');
  const handle = await fs.promises.open(`${dir}/file`, 'w');
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  const shot = () => ({
    fs: Object.getOwnPropertyDescriptors(fs),
    promises: Object.getOwnPropertyDescriptors(fs.promises),
    prototype: Object.getOwnPropertyDescriptors(prototype),
    streams: [fs.WriteStream, fs.FileWriteStream],
  });
  const before = shot();
  const { register, unregister } = require(process.env.REGISTER);
  for (let round = 0; round < 2; round++) {
    assert.strictEqual(fs.WriteStream, rushwrite.WriteStream);
    await (await fs.promises.open(`${dir}/file`, 'w')).close();
    assert.notDeepStrictEqual(shot().prototype, before.prototype);
    unregister();
    unregister();
    assert.deepStrictEqual(shot(), before);
    const stream = before.fs.createWriteStream.value(`${dir}/file`);
    assert.ok(!(stream instanceof rushwrite.WriteStream));
    stream.destroy();
    register();
    register();
  }
  unregister();
  assert.deepStrictEqual(shot(), before);
});

inChild('the replaced properties keep their names, lengths and descriptors', [], () => {
  const assert = require('node:assert');
  const fs = require('node:fs');
  const shapeOf = (object, name) => {
    const { enumerable, configurable, writable } = Object.getOwnPropertyDescriptor(object, name);
    const { name: ownName, length } = object[name];
    return { enumerable, configurable, writable, ownName, length };
  };
  const shape = () => [
    shapeOf(fs, 'createWriteStream'),
    shapeOf(fs, 'WriteStream'),
    shapeOf(fs, 'FileWriteStream'),
    shapeOf(fs.promises, 'open'),
    Object.keys(fs),
  ];
  const before = shape();
  require(process.env.REGISTER);
  assert.deepStrictEqual(shape(), before);
});

inChild('a createWriteStream taken before makes ours', [], (rushwrite, dir) => {
  const assert = require('node:assert');
  const { createWriteStream } = require('node:fs');
  require(process.env.REGISTER);
  const stream = createWriteStream(`${dir}/file`);
  assert.ok(stream instanceof rushwrite.WriteStream);
  stream.end('text');
});

inChild('a class assigned to fs.WriteStream is used', ['-r', register], (rushwrite, dir) => {
  const assert = require('node:assert');
  const fs = require('node:fs');
  class Mine extends fs.WriteStream {}
  fs.WriteStream = Mine;
  assert.strictEqual(fs.WriteStream, Mine);
  const stream = fs.createWriteStream(`${dir}/file`);
  assert.ok(stream instanceof Mine && stream instanceof rushwrite.WriteStream);
  stream.end('text');
  require(process.env.REGISTER).unregister();
  assert.strictEqual(fs.WriteStream, Mine);
});

inChild('unregister leaves what others have put in place', [], (_rushwrite, dir) => {
  const assert = require('node:assert');
  const fs = require('node:fs');
  const { unregister } = require(process.env.REGISTER);
  const mine = () => 'mine';
  fs.createWriteStream = mine;
  unregister();
  assert.strictEqual(fs.createWriteStream, mine);
  new fs.WriteStream(`${dir}/file`).end();
});

inChild('a stream goes on after unregister', ['-r', register], async (_rushwrite, dir) => {
  const assert = require('node:assert');
  const fs = require('node:fs');
  const { finished } = require('node:stream/promises');
  const stream = fs.createWriteStream(`${dir}/file`);
  stream.write('before, ');
  require(process.env.REGISTER).unregister();
  stream.end('after');
  await finished(stream);
  assert.strictEqual(fs.readFileSync(`${dir}/file`, 'utf8'), 'before, after');
});

test('RUSHWRITE_DISABLE=1 leaves fs and the addon alone', async () => {
  const source = `
    const assert = require('node:assert');
    assert.deepStrictEqual(Object.keys(require.cache), [process.env.REGISTER]);
    assert.match(require('node:fs').createWriteStream.toString(), /lazyLoadStreams/);
    const { register, unregister } = require(process.env.REGISTER);
    register();
    unregister();
    assert.strictEqual(Object.keys(require.cache).length, 1);`;
  await passes(['-r', register, '-e'], () => {}, { RUSHWRITE_DISABLE: '1' }, source);
});

inChild(
  'RUSHWRITE_DISABLE=0 does not',
  ['-r', register],
  (rushwrite) => {
    const { WriteStream } = require('node:fs');
    require('node:assert').strictEqual(WriteStream, rushwrite.WriteStream);
  },
  { RUSHWRITE_DISABLE: '0' },
);

inChild('loaded twice, as two copies', ['-r', register], async (rushwrite, dir) => {
  const assert = require('node:assert');
  const fs = require('node:fs');
  const { finished } = require('node:stream/promises');
  const first = require(process.env.REGISTER);
  for (const file of Object.keys(require.cache)) delete require.cache[file];
  const second = require(process.env.REGISTER);
  assert.notStrictEqual(first, second);
  const write = async (text) => {
    const stream = fs.createWriteStream(`${dir}/file`);
    stream.write(text);
    stream.end();
    await finished(stream);
    assert.strictEqual(fs.readFileSync(`${dir}/file`, 'utf8'), text);
    return stream;
  };
  assert.ok(!((await write('second')) instanceof rushwrite.WriteStream));
  second.unregister();
  assert.ok((await write('first')) instanceof rushwrite.WriteStream);
  first.unregister();
  assert.ok(!((await write('none')) instanceof rushwrite.WriteStream));
});

inChild('worker threads get it too', ['-r', register], async () => {
  const { once } = require('node:events');
  const { Worker } = require('node:worker_threads');
  const source = `
    const { WriteStream } = require('node:fs');
    const ours = require(process.env.SUBJECT_MODULE).WriteStream;
    require('node:worker_threads').parentPort.postMessage(WriteStream === ours);`;
  const [isOurs] = await once(new Worker(source, { eval: true }), 'message');
  require('node:assert').ok(isOurs);
});

inChild('streams of a FileHandle', ['-r', register], async (rushwrite, dir) => {
  const assert = require('node:assert');
  const fs = require('node:fs');
  const { finished } = require('node:stream/promises');
  const { open } = fs.promises;
  for (const options of [undefined, { start: 2 }, { autoClose: false, encoding: 'hex' }]) {
    const handle = await open(`${dir}/file`, 'w');
    const stream = handle.createWriteStream(options);
    assert.ok(stream instanceof rushwrite.WriteStream);
    assert.strictEqual(stream.fd, handle.fd);
    stream.end('abcd');
    await finished(stream);
    const expected = options?.encoding ? '\xab\xcd' : `${options ? '\0\0' : ''}abcd`;
    assert.strictEqual(fs.readFileSync(`${dir}/file`, 'latin1'), expected);
    // Without autoClose, a stream that has finished still uses the handle, in Node too: close() would wait for ever.
    stream.destroy();
    await handle.close();
    assert.strictEqual(handle.fd, -1);
  }
});

inChild('opening a FileHandle fails as before', ['-r', register], async (_rushwrite, dir) => {
  const { open } = require('node:fs/promises');
  const assert = require('node:assert');
  await assert.rejects(open(`${dir}/none/file`), { code: 'ENOENT', syscall: 'open' });
  await assert.rejects(open(5), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.ok(open(__filename).catch(() => {}) instanceof Promise);
});

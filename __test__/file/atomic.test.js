'use strict';

// atomic: true: the target has its old bytes or the new ones, whole, and nothing is left beside it.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { test } = require('node:test');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { oursAlone } = require('../harness');
const { runInChild } = require('../harness/child');
const { isSelfTest, subject } = require('../harness/subject');

const TEMPORARY = /^\.target\.rushwrite-[a-z2-9]{8}\.tmp$/;

/** A target with old content, and a stream that is about to replace it. */
function replacing(world, options) {
  const file = world.file('target');
  fs.writeFileSync(file, 'old');
  const stream = world.create(file, { atomic: true, ...options });
  return { file, stream };
}

const read = (file) => fs.readFileSync(file, 'latin1');
/** Returns when the stream is closed, whether it failed or not. */
function closeOf(stream) {
  return new Promise((resolve) => (stream.closed ? resolve() : stream.on('close', resolve)));
}

const names = (file) => fs.readdirSync(path.dirname(file));

oursAlone('the target is replaced before finish, and not before', async (world) => {
  const { file, stream } = replacing(world);
  stream.write('new, ');
  await stream.sync();
  assert.strictEqual(read(file), 'old');
  const [temporary, target, ...others] = names(file);
  assert.match(temporary, TEMPORARY);
  assert.strictEqual(read(path.join(path.dirname(file), temporary)), 'new, ');
  assert.deepStrictEqual([target, others], ['target', []]);
  stream.end('whole');
  await once(stream, 'finish');
  assert.strictEqual(read(file), 'new, whole');
  assert.deepStrictEqual(names(file), ['target']);
  await closeOf(stream);
});

oursAlone('an empty stream, a short one that nobody listens to, a large one', async (world) => {
  for (const text of ['', 'short', 'x'.repeat(5_000_000)]) {
    const { file, stream } = replacing(world);
    stream.end(text);
    while (!stream.closed) await nextTurn();
    assert.strictEqual(read(file), text);
    assert.deepStrictEqual(names(file), ['target']);
  }
});

for (const [way, act] of Object.entries({
  'destroy()': (stream) => stream.destroy(),
  'destroy(error)': (stream) => stream.destroy(new Error('enough')),
  'destroy() right behind end()': (stream) => stream.end('more').destroy(),
})) {
  for (const isOpen of [false, true]) {
    oursAlone(`${way}, ${isOpen ? 'open' : 'not open yet'}: the target is as it was`, async (w) => {
      const { file, stream } = replacing(w);
      stream.on('error', () => {});
      if (isOpen) await once(stream, 'open');
      stream.write('half');
      act(stream);
      if (!stream.closed) await closeOf(stream);
      assert.strictEqual(read(file), 'old');
      assert.deepStrictEqual(names(file), ['target']);
    });
  }
}

oursAlone('a pipeline that fails, and a signal', async (world) => {
  const { file, stream } = replacing(world);
  const source = Readable.from(
    (async function* parts() {
      yield 'half';
      throw new Error('the source');
    })(),
  );
  await assert.rejects(pipeline(source, stream), /the source/);
  const controller = new AbortController();
  const aborted = world.create(file, { atomic: true, signal: controller.signal });
  aborted.on('error', () => {});
  aborted.write('half');
  await aborted.sync();
  controller.abort();
  for (const one of [stream, aborted]) if (!one.closed) await closeOf(one);
  assert.strictEqual(read(file), 'old');
  assert.deepStrictEqual(names(file), ['target']);
});

oursAlone('mode: of a plain create, or of the target', async (world) => {
  const plain = world.create(world.file('plain'), { mode: 0o666 });
  const fresh = world.create(world.file('target'), { atomic: true });
  for (const stream of [plain, fresh]) stream.end('x');
  await Promise.all([plain, fresh].map((stream) => closeOf(stream)));
  const modeOf = (name) => fs.statSync(world.file(name)).mode;
  assert.strictEqual(modeOf('target'), modeOf('plain'));
  fs.chmodSync(world.file('target'), 0o640);
  const again = world.create(world.file('target'), { atomic: true, mode: 0o600 });
  again.end('y');
  await closeOf(again);
  assert.strictEqual(modeOf('target') & 0o777, process.platform === 'win32' ? 0o666 : 0o640);
});

oursAlone(
  'a symlink is followed and stays',
  async (world) => {
    fs.mkdirSync(world.file('inner'));
    fs.writeFileSync(world.file('inner/real'), 'old');
    fs.symlinkSync('inner/real', world.file('target'));
    const stream = world.create(world.file('target'), { atomic: true });
    stream.end('new');
    await closeOf(stream);
    assert.ok(fs.lstatSync(world.file('target')).isSymbolicLink());
    assert.strictEqual(read(world.file('inner/real')), 'new');
    assert.deepStrictEqual(fs.readdirSync(world.file('inner')), ['real']);
  },
  { skip: process.platform === 'win32' },
);

oursAlone('what can not be replaced is refused, untouched', async (world) => {
  fs.mkdirSync(world.file('folder'));
  const folder = world.create(world.file('folder'), { atomic: true });
  folder.end('x');
  const [isFolder] = await once(folder, 'error');
  assert.deepStrictEqual([isFolder.code, isFolder.syscall], ['EISDIR', 'open']);
  if (process.platform === 'win32') return;
  const device = world.create('/dev/null', { atomic: true });
  device.end('x');
  const [isDevice] = await once(device, 'error');
  assert.strictEqual(isDevice.code, 'ERR_RUSHWRITE_UNSUPPORTED');
  assert.ok(fs.statSync('/dev/null').isCharacterDevice());
});

oursAlone('a rename that fails is the error, and the target is left alone', async (world) => {
  const { file, stream } = replacing(world);
  const events = [];
  for (const event of ['finish', 'error', 'close']) stream.on(event, () => events.push(event));
  await once(stream, 'open');
  fs.rmSync(file);
  fs.mkdirSync(file);
  stream.end('new');
  const [error] = await once(stream, 'error');
  assert.strictEqual(error.syscall, 'rename');
  assert.strictEqual(error.path, file);
  await closeOf(stream);
  assert.deepStrictEqual(events, ['error', 'close']);
  assert.deepStrictEqual(names(file), ['target']);
});

oursAlone('twenty streams on one target: the last finish wins, whole', async (world) => {
  const file = world.file('target');
  const texts = [...'abcdefghijklmnopqrst'].map((letter) => letter.repeat(100_000));
  let last;
  await Promise.all(
    texts.map(async (text) => {
      const stream = world.create(file, { atomic: true });
      await once(stream, 'open');
      stream.end(text);
      await once(stream, 'finish');
      last = read(file);
      assert.ok(texts.includes(last), 'torn');
    }),
  );
  await nextTurn();
  assert.ok(texts.includes(read(file)), 'torn');
  assert.deepStrictEqual(names(file), ['target']);
});

oursAlone('a chdir between open and end leads nowhere else', async (world) => {
  const before = process.cwd();
  fs.mkdirSync(world.file('inner'));
  process.chdir(path.dirname(world.file('x')));
  try {
    const stream = world.create('target', { atomic: true, mkdir: true });
    await once(stream, 'open');
    process.chdir('inner');
    stream.end('new');
    await closeOf(stream);
  } finally {
    process.chdir(before);
  }
  assert.strictEqual(read(world.file('target')), 'new');
  assert.deepStrictEqual(fs.readdirSync(world.file('inner')), []);
});

oursAlone('options that exclude each other are refused before a file is touched', async (world) => {
  const file = world.file('target');
  const refused = (options, name, code) => {
    const create = () => world.create(file, { atomic: true, ...options });
    assert.throws(create, { name, code }, JSON.stringify(options));
  };
  for (const flags of ['a', 'wx', 'r+', 'as', 577]) {
    refused({ flags }, 'TypeError', 'ERR_INCOMPATIBLE_OPTION_PAIR');
  }
  refused({ start: 0 }, 'TypeError', 'ERR_INCOMPATIBLE_OPTION_PAIR');
  refused({ fd: 1 }, 'Error', 'ERR_RUSHWRITE_UNSUPPORTED');
  refused({ fs: { ...fs } }, 'Error', 'ERR_RUSHWRITE_UNSUPPORTED');
  refused({ atomic: 'yes' }, 'TypeError', 'ERR_INVALID_ARG_TYPE');
  assert.ok(!fs.existsSync(file));
});

const skip = isSelfTest;

/** What the folder of a child has at its end. */
async function filesOf(body) {
  const { files, code, stderr } = await runInChild(subject, body);
  assert.strictEqual(code, 0, stderr);
  return Object.fromEntries(Object.entries(files).map(([name, { bytes }]) => [name, bytes]));
}

test('a folder in which nothing may be made: the open fails, the target is left alone', {
  skip,
}, async () => {
  const { files, stdout, stderr } = await runInChild(subject, ({ createWriteStream }, dir) => {
    const fs = require('node:fs');
    fs.writeFileSync(`${dir}/target`, 'old');
    fs.chmodSync(dir, 0o555);
    // The superuser may all; the thread that opens is this user's, too.
    if (process.getuid() === 0) process.seteuid(65_534);
    const stream = createWriteStream(`${dir}/target`, { atomic: true });
    stream.on('error', ({ code, syscall }) => {
      if (process.getuid() === 0) process.seteuid(0);
      fs.chmodSync(dir, 0o755);
      console.log(code, syscall);
    });
    stream.end('new');
  });
  assert.strictEqual(stdout, 'EACCES open\n', stderr);
  assert.deepStrictEqual(Object.keys(files), ['target']);
  assert.strictEqual(files.target.bytes, 'old');
});

test('an exit before the end leaves the target, and removes the temporary file', {
  skip,
}, async () => {
  for (const flushOnExit of [true, false]) {
    const body = ({ createWriteStream }, dir) => {
      require('node:fs').writeFileSync(`${dir}/target`, 'old');
      const options = { atomic: true, flushOnExit: FLUSH };
      const stream = createWriteStream(`${dir}/target`, options);
      stream.write('half');
      // One that is idle, one that is at work, one that is not open yet.
      stream.sync().then(() => {
        createWriteStream(`${dir}/target`, options).write('x'.repeat(1e6));
        createWriteStream(`${dir}/other`, options);
        process.exit();
      });
    };
    const files = await filesOf(`${body}`.replace('FLUSH', flushOnExit));
    assert.deepStrictEqual(files, { target: 'old' });
  }
});

test('an exit behind end() replaces the target', { skip }, async () => {
  const files = await filesOf(({ createWriteStream }, dir) => {
    require('node:fs').writeFileSync(`${dir}/target`, 'old');
    createWriteStream(`${dir}/target`, { atomic: true }).end('new');
    process.exit();
  });
  assert.deepStrictEqual(files, { target: 'new' });
});

test('a worker that ends, and one that is terminated, leave no temporary file', {
  skip,
}, async () => {
  const files = await filesOf((_api, dir) => {
    const { Worker } = require('node:worker_threads');
    const program = (ending) => `
      const { createWriteStream } = require(process.env.SUBJECT_MODULE);
      const stream = createWriteStream(${JSON.stringify(`${dir}/target`)}, { atomic: true });
      stream.write('half');
      stream.sync().then(() => ${ending});
    `;
    new Worker(program('process.exit()'), { eval: true });
    const terminated = new Worker(
      program("require('node:worker_threads').parentPort.postMessage('ready')"),
      { eval: true },
    );
    terminated.on('message', () => terminated.terminate());
  });
  assert.deepStrictEqual(files, {});
});

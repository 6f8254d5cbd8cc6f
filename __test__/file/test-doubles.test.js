'use strict';

// Functions that the program puts in the place of Node's, after this package was loaded: they are called.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { mock, test } = require('node:test');
const { oursAlone, parity } = require('../harness');
const { runInChild } = require('../harness/child');
const { subject } = require('../harness/subject');

/** Notes the calls of functions of `target` while `action` runs. */
async function spying(world, target, names, action) {
  const spies = names.map((name) => {
    const original = target[name];
    const spy = function spy(...args) {
      world.note(name, args.length);
      return original.apply(this, args);
    };
    target[name] = spy;
    return () => {
      target[name] = original;
    };
  });
  try {
    await action();
  } finally {
    for (const restore of spies) restore();
  }
}

async function writeSome(world, options) {
  const stream = world.create(world.file(), options);
  await world.event(stream, stream.fd === null ? 'open' : 'drain').catch(() => {});
  await new Promise((resolve) => stream.write('one ', resolve));
  stream.cork();
  stream.write('two ', world.callback('two'));
  stream.write(Buffer.from('three '), world.callback('three'));
  stream.uncork();
  stream.end('four', world.callback('end'));
  await world.closed(stream);
  world.note(stream.bytesWritten);
}

for (const names of [
  ['open'],
  ['close'],
  ['open', 'close'],
  ['write'],
  ['writev'],
  ['fsync'],
  ['open', 'write', 'writev', 'close', 'fsync'],
]) {
  for (const flush of [false, true]) {
    parity(`fs.${names} replaced, flush: ${flush}`, async (world) => {
      await spying(world, fs, names, () => writeSome(world, { flush }));
    });
  }
}

parity('fs.open fails in its own way', async (world) => {
  const { open } = fs;
  fs.open = (...args) => setImmediate(args.at(-1), Object.assign(new Error('no'), { code: 'ENO' }));
  const stream = world.create(world.file());
  stream.write('x', world.callback('write cb'));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
  fs.open = open;
});

parity('fs.open is given a path, flags and a mode', async (world) => {
  const { open } = fs;
  fs.open = (...args) => {
    world.note(...args.slice(0, -1));
    return open(...args);
  };
  const stream = world.create(world.file(), { flags: 'ax', mode: 0o640, autoClose: false });
  stream.end('x');
  await world.event(stream, 'finish');
  world.note(stream.closed, typeof stream.fd);
  stream.destroy();
  await world.closed(stream);
  fs.open = open;
});

parity('fs.close fails', async (world) => {
  const { close } = fs;
  fs.close = (fd, callback) => close(fd, () => callback(new Error('no close')));
  const stream = world.create(world.file());
  stream.end('x', world.callback('end cb'));
  await world.closed(stream);
  fs.close = close;
});

for (const names of [['write', 'writev'], ['close'], ['sync']]) {
  parity(`methods ${names} of a FileHandle replaced`, async (world) => {
    const handle = await fs.promises.open(world.file(), 'w');
    await spying(world, handle, names, async () => {
      const stream = world.create(undefined, { fd: handle, flush: true });
      await new Promise((resolve) => stream.write('one ', resolve));
      stream.end('two', world.callback('end'));
      await world.closed(stream);
    });
  });
}

parity('methods of all FileHandles replaced', async (world) => {
  const handle = await fs.promises.open(world.file(), 'w');
  await spying(world, Object.getPrototypeOf(handle), ['write', 'writev'], async () => {
    const stream = world.create(undefined, { fd: handle });
    stream.end('one', world.callback('end'));
    await world.closed(stream);
  });
});

for (const name of ['_write', '_writev', '_destroy']) {
  parity(`the method ${name} of the class replaced`, async (world, { WriteStream }) => {
    const had = Object.hasOwn(WriteStream.prototype, name);
    await spying(world, WriteStream.prototype, [name], () => writeSome(world));
    assert.ok(had);
  });
}

test('an option of ours where Node’s class does the work is refused, and isNative tells', (t) => {
  const file = { fs, autoClose: true };
  for (const option of [
    { bufferSize: 1 },
    { flushOnExit: false },
    { flushOnExit: true },
    { maxBuffered: 1 },
    { overflow: 'drop' },
  ]) {
    const [name] = Object.keys(option);
    assert.throws(() => subject.createWriteStream('/nowhere/at/all', { ...file, ...option }), {
      code: 'ERR_RUSHWRITE_UNSUPPORTED',
      message: new RegExp(`"${name}".*the option fs`),
    });
  }
  mock.method(fs, 'write', () => {});
  t.after(() => mock.reset());
  assert.throws(() => subject.createWriteStream('/nowhere/at/all', { bufferSize: 1 }), {
    code: 'ERR_RUSHWRITE_UNSUPPORTED',
    message: /fs\.write was replaced/,
  });
});

oursAlone('isNative tells whose class does the work', async (world) => {
  const native = world.create(world.file());
  const nodes = world.create(world.file('other'), { fs });
  const { open } = fs;
  fs.open = (...args) => open(...args);
  const opened = world.create(world.file('third'), { bufferSize: 1000 });
  fs.open = open;
  assert.deepEqual([native.isNative, nodes.isNative, opened.isNative], [true, false, true]);
  assert.ok(!Object.keys(native).includes('isNative'));
  for (const stream of [native, nodes, opened]) stream.end('x');
  for (const stream of [native, nodes, opened]) await world.closed(stream);
  assert.deepEqual([native.isNative, nodes.isNative, opened.isNative], [true, false, true]);
});

test('functions below fs replaced, as mock-fs does', async () => {
  const body = ({ createWriteStream }, dir) => {
    const binding = process.binding('fs');
    const { open } = binding;
    binding.open = (...args) => open.apply(binding, args);
    const stream = createWriteStream(`${dir}/a`);
    stream.end(() => console.log(stream.isNative));
    binding.open = open;
    console.log(createWriteStream(`${dir}/b`).isNative);
  };
  const { stdout, stderr } = await runInChild(subject, body);
  assert.equal(stdout, 'true\nfalse\n', stderr);
});

test('NODE_DEBUG=rushwrite says why', async () => {
  const body = ({ createWriteStream }, dir) => {
    const fs = require('node:fs');
    createWriteStream(`${dir}/a`, { fs }).end();
    createWriteStream(`${dir}/b`).end();
    createWriteStream(`${dir}/c`).on('open', () => {
      const { open, writev } = fs;
      fs.open = (...args) => open(...args);
      createWriteStream(`${dir}/d`).end();
      fs.writev = (...args) => writev(...args);
      createWriteStream(`${dir}/e`).end();
    });
  };
  const { stderr } = await runInChild(subject, body, { env: { NODE_DEBUG: 'rushwrite' } });
  assert.deepEqual(
    stderr
      .replace(/RUSHWRITE \d+: /g, '')
      .trim()
      .split('\n'),
    [
      'Node writes: the option fs',
      'JavaScript opens: fs.open was replaced',
      'Node writes: fs.writev was replaced',
    ],
  );
});

const { O_CREAT, O_DIRECT, O_TRUNC, O_WRONLY } = fs.constants;
const NO_DIRECT = O_DIRECT === undefined && 'this system has no O_DIRECT';

parity(
  'O_DIRECT with an aligned Buffer',
  async (world) => {
    const PAGE_BYTES = 4096;
    // WebAssembly's memory begins with a page.
    const memory = new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer);
    const stream = world.create(world.file(), { flags: O_CREAT | O_DIRECT | O_TRUNC | O_WRONLY });
    stream.write(memory.subarray(0, PAGE_BYTES), (error) => world.note(error?.code));
    stream.end();
    await world.closed(stream);
  },
  { skip: NO_DIRECT },
);

oursAlone(
  'O_DIRECT is left to Node',
  async (world) => {
    const flags = O_CREAT | O_DIRECT | O_WRONLY;
    const stream = world.create(world.file(), { flags });
    assert.equal(stream.isNative, false);
    stream.destroy();
    await world.closed(stream);
    assert.throws(() => world.create(world.file(), { flags, maxBuffered: 10 }), {
      code: 'ERR_RUSHWRITE_UNSUPPORTED',
    });
  },
  { skip: NO_DIRECT },
);

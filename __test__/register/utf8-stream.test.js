'use strict';

// fs.Utf8Stream under register: the same program on Node's class and on ours.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { LogFolder } = require('../harness/logs');

const skip = fs.Utf8Stream === undefined ? 'it came with Node 24.6' : false;
const Nodes = fs.Utf8Stream;

/** Runs `scenario` with both classes; what they log, and their files, must be the same. */
function parity(name, scenario) {
  test(name, { skip }, async (t) => {
    const sides = [];
    for (const isOurs of [false, true]) {
      const logs = new LogFolder(t);
      const log = [];
      if (isOurs) require('../../register.js').register();
      try {
        assert.strictEqual(fs.Utf8Stream !== Nodes, isOurs);
        await scenario({ Utf8Stream: fs.Utf8Stream, logs, log: (...entry) => log.push(entry) });
      } finally {
        if (isOurs) require('../../register.js').unregister();
      }
      sides.push({ log, files: logs.contents() });
    }
    assert.ok(sides[0].log.length > 0);
    assert.deepStrictEqual(sides[1], sides[0]);
    assert.strictEqual(fs.Utf8Stream, Nodes);
  });
}

/** Logs what `act` returns or throws. */
function attempt(log, name, act) {
  try {
    log(name, act());
  } catch (error) {
    log(name, error.name, error.code, error.message);
  }
}

function listen(stream, log) {
  for (const event of ['ready', 'drop', 'finish', 'close', 'error']) {
    stream.on(event, (value) => log(event, value instanceof Error ? value.code : value));
  }
}

for (const sync of [false, true]) {
  for (const minLength of [0, 50]) {
    parity(`lines and their end, sync ${sync}, minLength ${minLength}`, async (world) => {
      const stream = new world.Utf8Stream({ dest: world.logs.log, sync, minLength });
      listen(stream, world.log);
      for (let n = 0; n < 100; n++) stream.write(`line ${n} é漢😀\n`);
      stream.end();
      await once(stream, 'close');
      world.log(stream.file === world.logs.log, stream.fd > 2);
    });
  }

  parity(`properties, sync ${sync}`, async ({ Utf8Stream, logs, log }) => {
    const options = {
      dest: logs.log,
      sync,
      minLength: 5,
      maxLength: 500,
      mode: 0o600,
      periodicFlush: 1000,
    };
    const stream = new Utf8Stream(options);
    await once(stream, 'ready');
    for (const name of Object.getOwnPropertyNames(Nodes.prototype)) {
      if (typeof stream[name] !== 'function' && name !== 'fd')
        log(name, stream[name] === logs.log || stream[name]);
    }
    log(fs.statSync(logs.log).mode & 0o777, stream instanceof Utf8Stream);
    stream.destroy();
    await once(stream, 'close');
  });

  parity(`what is beyond maxLength is dropped, sync ${sync}`, async ({ Utf8Stream, logs, log }) => {
    const stream = new Utf8Stream({ dest: logs.log, sync, minLength: 90, maxLength: 100 });
    listen(stream, log);
    for (const text of ['a'.repeat(80), 'b'.repeat(30), 'c'.repeat(5)]) log(stream.write(text));
    await once(stream, 'ready');
    stream.end();
    await once(stream, 'close');
  });

  parity(`flush and reopen, sync ${sync}`, async ({ Utf8Stream, logs, log }) => {
    const stream = new Utf8Stream({ dest: logs.log, sync });
    await once(stream, 'ready');
    stream.write('old\n');
    await new Promise((resolve) => stream.flush(resolve));
    // Node 24 calls back before the bytes are written.
    if (Utf8Stream !== Nodes) assert.strictEqual(fs.readFileSync(logs.log, 'utf8'), 'old\n');
    log('flushed');
    fs.renameSync(logs.log, logs.path('app.1'));
    stream.reopen();
    await once(stream, 'ready');
    stream.write('new\n');
    stream.end();
    await once(stream, 'close');
  });
}

for (const sync of [false, true]) {
  for (const isReady of [false, true]) {
    const when = isReady ? 'open' : 'not open yet';
    parity(`reopens in one tick, sync ${sync}, ${when}`, async ({ Utf8Stream, logs, log }) => {
      const stream = new Utf8Stream({ dest: logs.log, sync, minLength: 100 });
      if (isReady) await once(stream, 'ready');
      stream.reopen(logs.path('app-1.log'));
      stream.reopen(logs.path('app-2.log'));
      stream.write('in the last one\n');
      stream.end();
      await once(stream, 'close');
      log(stream.file === logs.path('app-2.log'));
    });
  }

  parity(`the end tells of no drain, sync ${sync}`, async ({ Utf8Stream, logs, log }) => {
    const stream = new Utf8Stream({ dest: logs.log, sync, minLength: 100 });
    listen(stream, log);
    stream.on('drain', () => log('drain'));
    await once(stream, 'ready');
    stream.write('a line\n');
    stream.end();
    await once(stream, 'close');
  });

  parity(`views of bytes, sync ${sync}`, async ({ Utf8Stream, logs, log }) => {
    const stream = new Utf8Stream({ dest: logs.log, sync, contentMode: 'buffer' });
    await once(stream, 'ready');
    const { buffer } = Uint8Array.from({ length: 32 }, (_, index) => 97 + index / 2);
    for (const view of [
      new Uint8Array(buffer),
      new Uint8Array(buffer, 2, 3),
      new DataView(buffer, 8, 8),
      new Float64Array(buffer),
      buffer,
      [1, 2, 3],
    ]) {
      attempt(log, view.constructor.name, () => stream.write(view));
    }
    stream.end();
    await once(stream, 'close');
  });
}

parity('a write is not refused because others have written', async ({ Utf8Stream, logs, log }) => {
  const busy = new Utf8Stream({ dest: logs.path('busy'), minLength: 0 });
  const idle = new Utf8Stream({ dest: logs.log });
  await Promise.all([once(busy, 'ready'), once(idle, 'ready')]);
  for (let n = 0; n < 1024; n++) busy.write('x'.repeat(1024));
  for (let n = 0; n < 3; n++) log(idle.write('a line\n'));
  for (const stream of [busy, idle]) stream.end();
  await Promise.all([once(busy, 'close'), once(idle, 'close')]);
});

parity('a descriptor, Buffers, flushSync', async ({ Utf8Stream, logs, log }) => {
  const stream = new Utf8Stream({
    fd: fs.openSync(logs.log, 'w'),
    contentMode: 'buffer',
    minLength: 100,
  });
  listen(stream, log);
  stream.write(Buffer.from('one\n'));
  stream.flushSync();
  log(fs.readFileSync(logs.log, 'utf8'));
  attempt(log, 'a string', () => stream.write('x'));
  stream[Symbol.dispose]();
  await once(stream, 'close');
});

parity('bad arguments, and all that comes after destroy', async ({ Utf8Stream, logs, log }) => {
  for (const options of [
    undefined,
    {},
    { fd: 1, contentMode: 'x' },
    { dest: logs.log, minLength: 20_000 },
    { dest: logs.log, sync: 1 },
    { dest: logs.log, minLength: '1' },
    { dest: logs.log, periodicFlush: 'x' },
    { dest: logs.log, fs: null },
  ]) {
    attempt(log, 'new', () => new Utf8Stream(options));
  }
  const stream = new Utf8Stream({ dest: logs.log });
  attempt(log, 'flush', () => stream.flush(1));
  attempt(log, 'write', () => stream.write(1));
  await once(stream, 'ready');
  stream.destroy();
  for (const name of ['write', 'flushSync', 'reopen', 'end', 'flush']) {
    attempt(log, name, () => stream[name]('x'));
  }
  stream.flush((error) => log('flush', error.code));
  attempt(log, 'again', () => stream.destroy());
  await once(stream, 'close');
  const missing = new Utf8Stream({ dest: logs.path('missing/file') });
  const [{ code, syscall, path }] = await once(missing, 'error');
  log(code, syscall, path === logs.path('missing/file'));
});

parity('with functions of its own it is of Node', async ({ Utf8Stream, logs, log }) => {
  const calls = [];
  const write = (...args) => {
    calls.push('write');
    fs.write(...args);
  };
  const stream = new Utf8Stream({ dest: logs.log, fs: { ...fs, write } });
  log(stream instanceof Nodes, stream instanceof Utf8Stream);
  stream.write('x');
  await once(stream, 'drain');
  log(calls);
  stream.end();
  await once(stream, 'close');
});

parity('a class below it has its own instances alone', ({ Utf8Stream, logs, log }) => {
  class Own extends Utf8Stream {}
  const nodes = new Utf8Stream({ dest: logs.log, sync: true, fs });
  const own = new Own({ dest: logs.log, sync: true });
  log(nodes instanceof Own, own instanceof Own, own instanceof Utf8Stream, null instanceof Own);
  for (const stream of [nodes, own]) stream.destroy();
});

parity('replaced functions of fs do the work', async ({ Utf8Stream, logs, log }) => {
  const { fsyncSync } = fs;
  let syncs = 0;
  fs.fsyncSync = (fd) => {
    syncs++;
    return fsyncSync(fd);
  };
  try {
    const stream = new Utf8Stream({ dest: logs.log, fsync: true });
    log(stream instanceof Nodes);
    stream.write('a line\n');
    stream.end();
    await once(stream, 'close');
    log(syncs);
  } finally {
    fs.fsyncSync = fsyncSync;
  }
});

parity('with minLength it says false as early', async ({ Utf8Stream, logs, log }) => {
  const stream = new Utf8Stream({ dest: logs.log, minLength: 9999 });
  for (const length of [1500, 1500, 16 * 1024]) log(stream.write('x'.repeat(length)));
  await once(stream, 'drain');
  for (const length of [9998, 1, 1]) log(stream.write('y'.repeat(length)));
  stream.end();
  await once(stream, 'close');
});

parity('what flushSync writes is told to nobody', async ({ Utf8Stream, logs, log }) => {
  const stream = new Utf8Stream({ dest: logs.log, minLength: 100 });
  await once(stream, 'ready');
  stream.write('before\u20ac\n');
  stream.flushSync();
  stream.on('write', (bytes) => log('write', bytes));
  stream.write('after\n');
  stream.end();
  await once(stream, 'close');
});

for (const sync of [false, true]) {
  parity(`what can't be opened is refused, sync ${sync}`, async ({ Utf8Stream, logs, log }) => {
    const dest = logs.log;
    const nul = `${'x'.repeat(3)}\0`;
    for (const mode of ['x', '9', -1, 1.5, 2 ** 32, true, {}, 10n]) {
      attempt(log, 'mode', () => new Utf8Stream({ dest, sync, mode }));
    }
    attempt(log, 'path', () => new Utf8Stream({ dest: nul, sync }));
    const stream = new Utf8Stream({ dest, sync, mode: '600' });
    stream.on('error', () => {});
    await once(stream, 'ready');
    attempt(log, 'reopen', () => stream.reopen(nul));
    stream.destroy();
    log(fs.statSync(dest).mode & 0o777);
  });
}

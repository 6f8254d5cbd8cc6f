'use strict';

// retry: a write that fails for want of room is tried again, behind what was taken, until there is room.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { oursAlone } = require('../harness');
const { runInChild } = require('../harness/child');
const { isSelfTest, subject } = require('../harness/subject');

const NO_FULL = process.platform === 'linux' ? false : 'needs /dev/full';

const runs = (file, ...args) => spawnSync(file, args).status === 0;
const NAMESPACE = ['unshare', '--user', '--map-root-user', '--mount'];
const CAN_MOUNT =
  process.platform === 'linux' && runs(...NAMESPACE, 'mount', '-t', 'tmpfs', 'none', '/mnt');
const NO_MOUNT = CAN_MOUNT ? isSelfTest : 'needs the right to mount a tmpfs';
const inNamespace = (source) => [...NAMESPACE, process.execPath, '-e', source];

/** Records the events of a stream. */
function recordOf(stream) {
  const record = [];
  for (const event of ['stall', 'recover', 'finish', 'error', 'close']) {
    stream.on(event, (value) => record.push([event, value]));
  }
  return record;
}

oursAlone(
  'a device that stays full: told once, and an error at the limit',
  async (world) => {
    const retry = { delay: 5, limit: 60 };
    const stream = world.create('/dev/full', { retry });
    const record = recordOf(stream);
    const codes = [];
    for (let i = 0; i < 3; i++) stream.write('lost ', (error) => codes.push(error.code));
    await new Promise((resolve) => stream.on('close', resolve));
    assert.deepStrictEqual(
      record.map(([event]) => event),
      ['stall', 'error', 'close'],
    );
    const [[, stall], [, error]] = record;
    assert.strictEqual(stall.error.code, 'ENOSPC');
    assert.strictEqual(stall.bytesQueued, 15);
    assert.ok(stall.since instanceof Date);
    assert.strictEqual(error.code, 'ENOSPC');
    assert.deepStrictEqual(codes, ['ENOSPC', 'ENOSPC', 'ENOSPC']);
    // At least the last try, at the limit: a busy machine may come late to all others.
    assert.ok(stream.stats().syscalls >= 2);
  },
  { skip: NO_FULL },
);

oursAlone(
  'while it waits: bounds hold, flushSync() times out, destroy() closes at once',
  async (world) => {
    const options = { maxBuffered: 1000, overflow: 'drop', retry: { delay: 100_000 } };
    const stream = world.create('/dev/full', options);
    const dropped = once(stream, 'drop');
    stream.write('x'.repeat(500));
    await once(stream, 'stall');
    for (let i = 0; i < 5; i++) stream.write('x'.repeat(500));
    const [{ writes }] = await dropped;
    assert.strictEqual(writes, 4);
    assert.throws(() => stream.flushSync({ timeout: 10 }), { code: 'ERR_RUSHWRITE_TIMEOUT' });
    const sync = assert.rejects(stream.sync(), { code: 'ERR_STREAM_DESTROYED' });
    stream.destroy();
    await once(stream, 'close');
    await sync;
    assert.strictEqual(stream.bytesWritten, 0);
  },
  { skip: NO_FULL },
);

oursAlone(
  'other errors, and streams without it, fail at once',
  async (world) => {
    for (const retry of [undefined, { on: ['EDQUOT'] }]) {
      const stream = world.create('/dev/full', { retry });
      const record = recordOf(stream);
      stream.end('lost');
      await new Promise((resolve) => stream.on('close', resolve));
      assert.deepStrictEqual(
        record.map(([event]) => event),
        ['error', 'close'],
      );
    }
  },
  { skip: NO_FULL },
);

oursAlone('bad options are refused', async (world) => {
  const refuses = (retry, name, code) => {
    const create = () => world.create(world.file('x'), { retry });
    assert.throws(create, { name, code }, JSON.stringify(retry));
  };
  for (const retry of [true, 'ENOSPC', { delay: '1' }, { limit: '1' }]) {
    refuses(retry, 'TypeError', 'ERR_INVALID_ARG_TYPE');
  }
  for (const on of [[], 'ENOSPC', ['NONSENSE'], [28]]) {
    refuses({ on }, 'TypeError', 'ERR_INVALID_ARG_VALUE');
  }
  for (const retry of [{ delay: 0 }, { delay: 1.5 }, { delay: 2 ** 31 }, { limit: -1 }]) {
    refuses(retry, 'RangeError', 'ERR_OUT_OF_RANGE');
  }
  assert.ok(!fs.existsSync(world.file('x')));
});

test('a tmpfs that fills and is emptied gets every byte once', { skip: NO_MOUNT }, async () => {
  const body = ({ createWriteStream }, dir) => {
    const fs = require('node:fs');
    const { execFileSync } = require('node:child_process');
    fs.mkdirSync(`${dir}/small`);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'none', `${dir}/small`]);
    fs.writeFileSync(`${dir}/small/ballast`, Buffer.alloc(300_000));
    const file = `${dir}/small/out`;
    const stream = createWriteStream(file, { retry: { delay: 20 } });
    const recordOf = (i) => `${i} ${'.'.repeat((i * 7919) % 211)}\n`;
    const events = [];
    for (const event of ['stall', 'recover', 'error', 'finish']) {
      stream.on(event, (value) => events.push(value?.error?.code ?? value?.code ?? event));
    }
    // The disk is given room once the stream has told that there is none.
    stream.on('stall', () => setTimeout(() => fs.unlinkSync(`${dir}/small/ballast`), 2000));
    let expected = '';
    for (let i = 0; i < 3500; i++) {
      expected += recordOf(i);
      stream.write(recordOf(i));
    }
    stream.end();
    stream.on('close', () => {
      const isWhole = fs.readFileSync(file, 'latin1') === expected;
      console.log(
        JSON.stringify({ events, isWhole, bytes: stream.bytesWritten - expected.length }),
      );
    });
  };
  const { stdout, stderr, code } = await runInChild(subject, body, { command: inNamespace });
  assert.strictEqual(code, 0, stderr);
  const events = ['ENOSPC', 'recover', 'finish'];
  assert.deepStrictEqual(JSON.parse(stdout), { events, isWhole: true, bytes: 0 });
});

test('an exit during a stall keeps its deadline, and tells the loss', {
  skip: NO_FULL,
}, async () => {
  const body = ({ createWriteStream }) => {
    const stream = createWriteStream('/dev/full', { retry: {} });
    stream.write('12345');
    stream.on('stall', () => process.exit());
  };
  const env = { RUSHWRITE_EXIT_TIMEOUT_MS: '50' };
  const { code, stderr } = await runInChild(subject, body, { env });
  assert.strictEqual(code, 0);
  assert.match(stderr, /rushwrite: 5 bytes of 1 stream could not be written/);
});

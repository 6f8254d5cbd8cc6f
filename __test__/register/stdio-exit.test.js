'use strict';

// RUSHWRITE_STDIO=1: what it does that Node does not, and how it goes.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { outcomeOf } = require('../harness/child');
const { Fifo } = require('../harness/fifo');
const { makeFolder } = require('../harness/folder');
const { WIRINGS, runWired, skip } = require('../harness/stdio');

const OURS = ['-r', require.resolve('../../register.js')];

for (const wiring of WIRINGS) {
  test(`a callback that throws keeps no other from being called: ${wiring}`, { skip }, async () => {
    const { code, signal, ...output } = await runWired('ours', wiring, () => {
      process.on('uncaughtException', (error) => console.error(error.message));
      let calls = 0;
      const told = () => {
        calls++;
        if (calls === 2 || calls === 3) throw new Error('thrown');
      };
      process.stdout.write('first\n');
      for (let i = 0; i < 6; i++) process.stdout.write(`${i}\n`, told);
      process.on('exit', () => console.log(calls, 'calls'));
    });
    const text = Object.values(output).join('');
    assert.strictEqual(text.match(/thrown/g).length, 2);
    assert.match(text, /6 calls/);
  });
}

test('a full pipe is written to the end when the process exits', { skip }, async (t) => {
  const dir = makeFolder(t);
  for (const end of ['process.exit(3)', 'throw new Error("uncaught")', 'process.reallyExit(3)']) {
    const fifo = new Fifo(path.join(dir, `fifo-${end.length}`));
    const writer = fs.openSync(fifo.file, 'w');
    const child = spawnPrinting(
      `
      const lines = Array.from({ length: 30_000 }, (_, i) => 'line ' + i + ' é');
      for (const line of lines.slice(0, 20_000)) console.log(line);
      process.stdout.write(Buffer.from(lines.slice(20_000).join('\\n') + '\\n'));
      process.on('exit', () => {
        console.log('at the exit');
        process.stdout.write(Buffer.from('and again\\n'));
      });
      ${end};
    `,
      writer,
    );
    fs.closeSync(writer);
    let hasEnded = false;
    const closed = once(child, 'close').then(() => {
      hasEnded = true;
    });
    await fifo.readUntil(() => hasEnded);
    await closed;
    const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i} é`);
    if (!end.includes('really')) lines.push('at the exit', 'and again');
    assert.ok(`${fifo.bytes()}` === `${lines.join('\n')}\n`, `${end}: ${fifo.receivedBytes} bytes`);
    fifo.close();
  }
});

test('a pipe that stalls holds the exit as long as the variable says, and the loss is told', {
  skip,
}, async (t) => {
  const fifo = new Fifo(path.join(makeFolder(t), 'fifo'));
  const writer = fs.openSync(fifo.file, 'w');
  const code = 'process.stdout.write("x".repeat(1_000_000)); process.exit(3)';
  const child = spawnPrinting(code, writer, { RUSHWRITE_EXIT_TIMEOUT_MS: '100' });
  fs.closeSync(writer);
  const { code: exitCode, stderr } = await endOf(child);
  assert.strictEqual(exitCode, 3);
  const [, bytes] =
    /^rushwrite: (\d+) bytes of 1 stream could not be written before the exit: they were not taken within 100 ms\n$/.exec(
      stderr,
    ) ?? assert.fail(stderr);
  while (fifo.readOnce() > 0);
  assert.strictEqual(fifo.receivedBytes + Number(bytes), 1_000_000);
  fifo.close();
});

test('a reader that goes away before the exit is no loss', { skip }, async () => {
  const code = `
    process.stdout.on('error', () => {});
    process.stdout.write('x'.repeat(1_000_000));
    process.stdin.resume().on('end', () => process.exit(3));
  `;
  const args = [...OURS, '-e', code];
  const child = spawn(process.execPath, args, { env: { ...process.env, RUSHWRITE_STDIO: '1' } });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.stdin.end();
  const { code: exitCode, stderr } = await endOf(child);
  assert.deepStrictEqual([exitCode, stderr], [3, '']);
});

test('lines of a tick reach the system together, those of a stream of ours in their order', {
  skip,
}, async () => {
  const body = () => {
    const fs = require('node:fs');
    // The time stands still: no line waits a millisecond.
    require('node:perf_hooks').performance.now = () => 0;
    require(process.env.REGISTER);
    const SonicBoom = require(`${process.env.ROOT}/sonic-boom.js`);
    let calls = 0;
    const { write } = Object.getPrototypeOf(Object.getPrototypeOf(process.stdout));
    Object.getPrototypeOf(Object.getPrototypeOf(process.stdout)).write = function (...args) {
      calls++;
      return write.apply(this, args);
    };
    for (let i = 0; i < 100; i++) console.log(i);
    setImmediate(() => {
      const direct = new SonicBoom({ fd: 1, sync: true });
      console.error(calls, 'calls');
      console.log('a');
      direct.write('b\n');
      console.log('c');
      direct.write('d\n');
      console.log('e');
      fs.writeSync(1, 'f\n');
    });
  };
  const { stdout, stderr } = await runWired('node', 'two sockets', body);
  assert.strictEqual(stderr, '2 calls\n');
  const numbers = Array.from({ length: 100 }, (_, i) => `${i}\n`).join('');
  assert.strictEqual(stdout, `${numbers}a\nb\nc\nd\ne\nf\n`);
});

test('unregister gives the streams back', { skip }, async () => {
  const body = () => {
    const { unregister, register } = require(process.env.REGISTER);
    const { spawnSync } = require('node:child_process');
    const before = [spawnSync.name, require('node:fs').writeSync.length];
    const prototype = Object.getPrototypeOf(process.stdout);
    console.log('one');
    console.log('two');
    unregister();
    const { get } = Object.getOwnPropertyDescriptor(process, 'stdout');
    const isBack = Object.getPrototypeOf(prototype) === Object.getPrototypeOf(process.stdout);
    console.log(isBack, /createWritable/.test(get), process.listenerCount('exit'), before);
    register();
    console.log('three');
    console.log('four', Object.getPrototypeOf(process.stdout) !== Object.getPrototypeOf(prototype));
  };
  const { stdout, stderr } = await runWired('ours', 'two sockets', body);
  assert.strictEqual(stderr, '');
  assert.strictEqual(stdout, "one\ntwo\ntrue true 0 [ 'spawnSync', 5 ]\nthree\nfour true\n");
});

test('it is off by default, and with RUSHWRITE_DISABLE', { skip }, async () => {
  for (const env of [
    {},
    { RUSHWRITE_STDIO: '0' },
    { RUSHWRITE_STDIO: '1', RUSHWRITE_DISABLE: '1' },
  ]) {
    const code = 'console.log(Object.hasOwn(Object.getPrototypeOf(process.stdout), "constructor"))';
    const inherited = { ...process.env, RUSHWRITE_STDIO: undefined };
    const child = spawn(process.execPath, [...OURS, '-e', code], { env: { ...inherited, ...env } });
    const { stdout } = await outcomeOf(child);
    assert.strictEqual(stdout, 'true\n');
  }
});

function spawnPrinting(code, fd, env = {}) {
  return spawn(process.execPath, [...OURS, '-e', code], {
    env: { ...process.env, RUSHWRITE_STDIO: '1', ...env },
    stdio: ['ignore', fd, 'pipe'],
  });
}

/** How a child ends, and what it says on stderr. */
async function endOf(child) {
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

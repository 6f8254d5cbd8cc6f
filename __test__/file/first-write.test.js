'use strict';

// When the first write of an idle, open stream is with the system: before `write()` returns, or so soon
// after it that nothing the program does next can come first.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { setImmediate: nextTurn } = require('node:timers/promises');
const native = require('../../lib/native.js');
const { oursAlone } = require('../harness');
const { parityInChild } = require('../harness/child');

/** The calls that hand over what was accepted. */
const HAND_OVERS = ['flush', 'handOverString', 'handOverBytes'];

/** Counts hand-overs until the returned function is called, which answers how many there were. */
function countHandOvers() {
  const originals = HAND_OVERS.map((name) => [name, native[name]]);
  let count = 0;
  for (const [name, handOver] of originals) {
    native[name] = (...args) => {
      count++;
      return handOver(...args);
    };
  }
  const stop = () => {
    Object.assign(native, Object.fromEntries(originals));
    return count;
  };
  return Object.defineProperty(stop, 'count', { get: () => count });
}

/** Records the names of all calls of the addon until the returned function is called. */
function recordCalls(names) {
  const originals = Object.entries(native).filter(([, call]) => typeof call === 'function');
  for (const [name, call] of originals) {
    native[name] = (...args) => {
      names.push(name);
      return call(...args);
    };
  }
  return () => Object.assign(native, Object.fromEntries(originals));
}

async function opened(world) {
  const file = world.file('out');
  const stream = world.create(file);
  await once(stream, 'open');
  await nextTurn();
  return { file, stream };
}

oursAlone('writes of one turn wake a thread for the first and at its end', async (world) => {
  const { file, stream } = await opened(world);
  const stopCounting = countHandOvers();
  const endMs = Date.now() + 5000;
  for (let i = 0; i < 10; i++) {
    stream.write('line\n');
    // As long as the thread may need for it.
    while (i === 0 && fs.statSync(file).size === 0 && Date.now() < endMs);
    await new Promise(process.nextTick);
  }
  await nextTurn();
  assert.strictEqual(stopCounting(), 2);
  stream.end();
  await once(stream, 'close');
  assert.strictEqual(fs.statSync(file).size, 50);
});

oursAlone(
  'a callback behind a write without one is not put off to the turn’s end',
  async (world) => {
    const { stream } = await opened(world);
    const stopCounting = countHandOvers();
    stream.write('first\n');
    const written = new Promise((resolve) => stream.write('second\n', resolve));
    await new Promise(process.nextTick);
    assert.strictEqual(stopCounting(), 2);
    await written;
    stream.end();
    await once(stream, 'close');
  },
);

oursAlone('what comes in the turn behind such a flush waits for its end, too', async (world) => {
  const { file, stream } = await opened(world);
  const stopCounting = countHandOvers();
  const counts = [];
  const countTo = (line) => counts.push(`${line}: ${stopCounting.count}`);
  // The turn is over when the stream's flush at its end has been, which was asked for before.
  for (const line of ['first', 'second']) {
    stream.write(`${line}\n`);
    await new Promise(process.nextTick);
  }
  countTo('second');
  await nextTurn();
  countTo('its turn’s end');
  const endMs = Date.now() + 5000;
  while (fs.statSync(file).size < 'first\nsecond\n'.length && Date.now() < endMs);
  stream.write('third\n');
  await new Promise(process.nextTick);
  countTo('third');
  await nextTurn();
  countTo('its turn’s end');
  while (fs.statSync(file).size < 'first\nsecond\nthird\n'.length && Date.now() < endMs);
  await nextTurn();
  stream.write('fourth\n');
  countTo('fourth, behind a turn without a line');
  stopCounting();
  assert.deepStrictEqual(counts, [
    'second: 1',
    'its turn’s end: 2',
    'third: 2',
    'its turn’s end: 3',
    'fourth, behind a turn without a line: 4',
  ]);
  stream.end();
  await once(stream, 'close');
});

oursAlone('of a lone write with a callback only an event follows', async (world) => {
  const { file, stream } = await opened(world);
  for (const chunk of ['line\n', Buffer.from('bytes\n')]) {
    const calls = [];
    const restore = recordCalls(calls);
    const written = new Promise((resolve) => stream.write(chunk, resolve));
    await new Promise(process.nextTick);
    restore();
    const handOver = typeof chunk === 'string' ? 'handOverString' : 'handOverBytes';
    assert.deepStrictEqual(calls, [handOver, 'keepAlive']);
    assert.strictEqual(await written, null);
    await nextTurn();
  }
  assert.strictEqual(fs.readFileSync(file, 'latin1'), 'line\nbytes\n');
  stream.end();
  await once(stream, 'close');
});

parityInChild('callbacks behind a lone write keep their order', (api, dir) => {
  const stream = api.createWriteStream(`${dir}/out`);
  const note = (name) => (error) => console.log(name, error);
  stream.once('open', () => {
    setImmediate(() => {
      stream.write('one', note('first'));
      stream.write('');
      stream.write('two');
      stream.write('', note('empty'));
      stream.write('three', () => {
        console.log('third');
        stream.write('four', () => {
          stream.write(Buffer.from('five'), note('last'));
          stream.end(() => console.log('end'));
        });
      });
    });
  });
  stream.once('close', () => console.log('close'));
});

parityInChild('a lone write that fails, and what is behind it', (api) => {
  const stream = api.createWriteStream('/dev/full');
  const note = (name) => (error) => console.log(name, error?.code);
  stream.on('error', note('error'));
  stream.on('close', () => console.log('close'));
  stream.once('open', () => {
    setImmediate(() => {
      stream.write('one', note('first'));
      stream.write('two', note('second'));
    });
  });
});

parityInChild('a line before synchronous work is in the file while that runs', (api, dir) => {
  const fs = require('node:fs');
  const file = `${dir}/out`;
  const log = api.createWriteStream(file);
  log.on('open', () => {
    setImmediate(() => {
      log.write('HEADER\n');
      const end = Date.now() + 5000;
      while (fs.statSync(file).size === 0 && Date.now() < end);
      console.log('size during the work:', fs.statSync(file).size);
      log.end();
    });
  });
});

parityInChild('the same behind a burst in the tick before', (api, dir) => {
  const fs = require('node:fs');
  const file = `${dir}/out`;
  const log = api.createWriteStream(file);
  const burst = 'x'.repeat(99);
  log.on('open', () => {
    for (let i = 0; i < 199; i++) log.write(`${burst}\n`);
    const whenIdle = () => {
      log.write('AFTER\n');
      const end = Date.now() + 5000;
      while (fs.statSync(file).size === 20_000 && Date.now() < end);
      console.log('size during the work:', fs.statSync(file).size);
      log.end();
    };
    log.write(`${burst}\n`, () => setImmediate(whenIdle));
  });
});

parityInChild(
  'a child that appends comes behind what was written before it started',
  (api, dir) => {
    const { execFileSync } = require('node:child_process');
    const file = `${dir}/out`;
    const log = api.createWriteStream(file, { flags: 'a' });
    log.on('open', () => {
      setTimeout(() => {
        log.write('HEADER\n');
        // Gives the writing thread its time, on a busy machine, too.
        const wait = 'for i in $(seq 100); do [ -s "$0" ] && break; sleep 0.05; done';
        execFileSync('sh', ['-c', `${wait}; echo child >> "$0"`, file]);
        log.write('FOOTER\n');
        log.end();
      }, 1);
    });
    log.on('close', () => console.log('closed'));
  },
);

parityInChild('a line right before SIGKILL is in the file', (api, dir) => {
  const file = `${dir}/out`;
  const log = api.createWriteStream(file);
  log.on('open', () => {
    setImmediate(() => {
      log.write('LAST WORDS\n');
      const end = Date.now() + 5000;
      while (require('node:fs').statSync(file).size === 0 && Date.now() < end);
      process.kill(process.pid, 'SIGKILL');
    });
  });
});

parityInChild(
  'a socket hands its first write over at once',
  (api, _dir, port) => {
    const socket = api.connect(port, '127.0.0.1', () => {
      setTimeout(() => {
        socket.write('PING\n');
        const fs = require('node:fs');
        const end = Date.now() + 1000;
        // The server runs in this thread: only the system can tell that the bytes have left it.
        const sent = () => {
          const rows = fs.readFileSync('/proc/net/tcp', 'latin1').split('\n');
          const hex = socket.localPort.toString(16).toUpperCase().padStart(4, '0');
          const peer = rows.find((row) => row.includes(`:${hex} 01 `));
          return peer?.includes('00000000:00000005');
        };
        while (!sent() && Date.now() < end);
        console.log('with the peer during the work:', sent());
        socket.destroy();
      }, 20);
    });
  },
  { onConnection: (peer) => peer.pause(), skip: process.platform !== 'linux' },
);

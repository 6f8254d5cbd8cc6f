'use strict';

// Timeouts are short where they must fire, and long where they must not.

const { once } = require('node:events');
const { setTimeout: sleepUntil } = require('node:timers/promises');
const { parity } = require('../harness/sockets');

const SHORT_MS = 150;
const LONG_MS = 20_000;

parity('an idle socket times out, and stays open', async (world) => {
  const { socket } = await world.pair();
  world.note(socket.setTimeout(SHORT_MS) === socket, socket.timeout);
  await once(socket, 'timeout');
  world.note(socket.destroyed, socket.readyState, socket.timeout);
  socket.end('still usable', world.callback('end cb'));
  socket.setTimeout(0);
  await world.closed(socket);
});

parity('the callback of setTimeout is called once', async (world) => {
  const { socket } = await world.pair();
  socket.setTimeout(SHORT_MS, function (...args) {
    world.note('timeout cb', args, this === socket);
  });
  await once(socket, 'timeout');
  world.note(socket.listenerCount('timeout'));
  socket.setTimeout(LONG_MS);
  socket.end();
  await world.closed(socket);
});

parity('setTimeout(0) removes the timeout and its listener', async (world) => {
  const { socket } = await world.pair();
  const callback = world.callback('never');
  socket.setTimeout(SHORT_MS, callback);
  world.note(socket.setTimeout(0, callback) === socket, socket.timeout);
  await sleepUntil(2 * SHORT_MS);
  world.note(socket.listenerCount('timeout'));
  socket.end();
  await world.closed(socket);
});

parity('option timeout', async (world) => {
  // Longer, because it also runs while the socket connects.
  const { socket } = await world.pair({ socket: { timeout: 8 * SHORT_MS } });
  world.note(socket.timeout);
  await once(socket, 'timeout');
  socket.destroy();
  await world.closed(socket);
});

parity('the callback of a timeout destroys the socket', async (world) => {
  const { socket } = await world.pair();
  socket.setTimeout(SHORT_MS, () => socket.destroy(new Error('too slow')));
  await world.closed(socket);
});

parity('a timeout before connect, while the name is looked up', async (world) => {
  const socket = world.socket();
  socket.setTimeout(SHORT_MS);
  socket.connect({ port: 1, host: 'slow.invalid', lookup() {} });
  socket.write('x', world.callback('write cb'));
  await once(socket, 'timeout');
  world.note(socket.connecting, socket.destroyed);
  socket.destroy();
  await world.closed(socket);
});

// All events together take longer than the timeout.
const EVENTS = 15;
const BUSY_MS = 4 * SHORT_MS;
const STEP_MS = BUSY_MS / 10;

/** Writes `EVENTS` times to `stream`; when the socket times out, resolves with the writes made. */
async function writeUntilTimeout(socket, stream) {
  let writes = 0;
  const writer = setInterval(() => {
    stream.write('x');
    writes += 1;
    if (writes === EVENTS) clearInterval(writer);
  }, STEP_MS);
  socket.setTimeout(BUSY_MS);
  await once(socket, 'timeout');
  clearInterval(writer);
  socket.setTimeout(0);
  return writes;
}

parity('writes refresh the timeout', async (world) => {
  const { socket } = await world.pair();
  world.note('writes', await writeUntilTimeout(socket, socket));
  socket.end();
  await world.closed(socket);
});

parity('reads refresh the timeout', async (world) => {
  const { socket, other } = await world.pair();
  let reads = 0;
  socket.on('data', (part) => {
    reads += part.length;
  });
  await writeUntilTimeout(socket, other);
  world.note('reads', reads);
  socket.end();
  await world.closed(socket);
});

parity('a peer that does not read: the timeout fires despite a pending write', async (world) => {
  const { socket } = await world.pair({ reads: false });
  socket.setTimeout(SHORT_MS, () => world.note('timeout cb', socket.writableLength > 0));
  socket.write(Buffer.alloc(16 << 20));
  await once(socket, 'timeout');
  socket.destroy();
  await world.closed(socket);
});

/**
 * Writes to a peer that reads a little every 10 ms. Returns how often the socket timed out, how long the write took,
 * and for how long at most the peer did not read.
 */
async function writeToSlowPeer(socket, other, timeoutMs) {
  let timeouts = 0;
  let longestPauseMs = 0;
  let lastMs = performance.now();
  const begin = lastMs;
  const reader = setInterval(() => {
    const now = performance.now();
    longestPauseMs = Math.max(longestPauseMs, now - lastMs);
    lastMs = now;
    other.resume();
  }, 10);
  const noteTimeout = () => timeouts++;
  socket.setTimeout(timeoutMs, noteTimeout);
  await new Promise((resolve) => socket.write(Buffer.alloc(20 << 20), resolve));
  socket.setTimeout(0, noteTimeout);
  clearInterval(reader);
  return { timeouts, elapsedMs: performance.now() - begin, longestPauseMs };
}

// The whole write takes longer than the timeout, but no step does. On a machine that is too busy for that it is tried again.
parity('a peer that reads a long write slowly: progress refreshes the timeout', async (world) => {
  const timeoutMs = 5 * SHORT_MS;
  const { socket, other } = await world.pair({ reads: false });
  other.on('data', () => other.pause());
  let result;
  let attempts = 0;
  do {
    result = await writeToSlowPeer(socket, other, timeoutMs);
    attempts++;
  } while (result.longestPauseMs > timeoutMs / 3 && attempts < 10);
  world.note('timeouts', result.timeouts);
  world.note('longer than the timeout', result.elapsedMs > timeoutMs);
  socket.destroy();
  await world.closed(socket);
});

parity('destroy stops the timeout', async (world) => {
  const { socket } = await world.pair();
  socket.setTimeout(SHORT_MS, world.callback('never'));
  socket.destroy();
  await world.closed(socket);
  await sleepUntil(2 * SHORT_MS);
  world.note('silent');
});

parity('a callback that waits in a corked socket does not delay the timeout', async (world) => {
  const { socket } = await world.pair();
  socket.setTimeout(SHORT_MS);
  socket.write('a');
  socket.cork();
  socket.write('b', world.callback('cb b'));
  await once(socket, 'timeout');
  socket.setTimeout(0);
  socket.uncork();
  socket.end();
  await world.closed(socket);
});

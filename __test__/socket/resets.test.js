'use strict';

// A peer that is gone: what `net` tells as an error is no end, whoever found it first, Node's read or the
// driver's write.

const fs = require('node:fs');
const { once } = require('node:events');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');
const { MortalPeer } = require('../harness/mortal');
const { NO_UNIX_SOCKET, parity } = require('../harness/sockets');
const { rounds } = require('../harness/scale');

const ROUNDS = rounds(6, 60);

/** Writes until the system has refused something. */
function stall(socket) {
  const block = Buffer.alloc(1_000_000, 'x');
  for (let i = 0; i < 8; i++) socket.write(block, () => {});
}

const STATES = {
  'with bytes that wait': stall,
  'with few bytes, all with the system': (socket) => socket.write('a line'),
  'with a line behind bytes that wait': (socket) => {
    stall(socket);
    socket.write('a line');
  },
};

/** What the program sees of one connection whose peer is killed. */
async function observe(world, where, fill, afterKill) {
  const peer = await new MortalPeer().start(where, 'stall');
  const socket = world.api.connect(peer.where);
  const seen = [];
  socket.on('end', () => seen.push('end'));
  socket.on('error', ({ code, syscall }) => seen.push(code, syscall));
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await once(socket, 'data');
  fill(socket);
  peer.kill();
  afterKill();
  socket.resume();
  seen.push('close', await closed);
  await peer.gone();
  return seen.join(' ');
}

/** Long enough for the system to end the killed peer's connections, and for a driver to see that. */
function work() {
  const end = performance.now() + 50;
  while (performance.now() < end);
}

const MOMENTS = { '': () => {}, ', in the middle of a long tick': work };

const CASES = Object.entries(STATES).flatMap(([state, fill]) =>
  Object.entries(MOMENTS).map(([moment, afterKill]) => [state + moment, fill, afterKill]),
);

for (const [name, fill, afterKill] of CASES) {
  for (const kind of ['TCP', 'unix']) {
    parity(
      `the peer is killed, ${name}, over ${kind}`,
      async (world) => {
        const outcomes = new Set();
        for (let round = 0; round < ROUNDS; round++) {
          const file = path.join(world.dir, `s${round}`);
          const where = kind === 'unix' ? { path: file } : { port: 0, host: '127.0.0.1' };
          outcomes.add(await observe(world, where, fill, afterKill));
          fs.rmSync(file, { force: true });
        }
        world.note([...outcomes].sort());
      },
      { skip: kind === 'unix' && NO_UNIX_SOCKET },
    );
  }
}

parity('a download whose server is killed is no success', async (world) => {
  const outcomes = new Set();
  for (let round = 0; round < ROUNDS; round++) {
    const peer = await new MortalPeer().start({ port: 0, host: '127.0.0.1' }, 'stall');
    const socket = world.api.connect(peer.where);
    const file = fs.createWriteStream(world.file('download'));
    const ended = pipeline(socket, file).then(
      () => 'success',
      ({ code, syscall }) => `${code} ${syscall}`,
    );
    await once(socket, 'data');
    stall(socket);
    peer.kill();
    outcomes.add(await ended);
    await peer.gone();
  }
  fs.rmSync(world.file('download'));
  world.note([...outcomes]);
});

parity('the peer resets a stalled connection: callbacks, error, close', async (world) => {
  const outcomes = new Set();
  for (let round = 0; round < ROUNDS; round++) {
    const peer = await world.listen({ reads: false });
    const socket = world.api.connect(peer.where);
    const seen = [];
    socket.resume();
    socket.on('end', () => seen.push('end'));
    socket.on('error', ({ code }) => seen.push('error', code));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await once(socket, 'connect');
    const other = await peer.accepted();
    other.pause();
    stall(socket);
    let toldEnd = 'nothing';
    socket.end((error) => {
      toldEnd = error?.code;
    });
    other.resetAndDestroy();
    await closed;
    outcomes.add(`${seen.join(' ')}, the end's callback ${toldEnd}`);
  }
  world.note([...outcomes]);
});

parity('a stalled socket that is paused learns of the reset by its write', async (world) => {
  const peer = await world.listen({ reads: false });
  const socket = world.connect(peer.where);
  socket.pause();
  await once(socket, 'connect');
  const other = await peer.accepted();
  other.pause();
  stall(socket);
  other.resetAndDestroy();
  await world.closed(socket);
});

parity('an orderly end while bytes wait is an end', async (world) => {
  const peer = await world.listen({ allowHalfOpen: true, reads: false });
  const socket = world.connect({ ...peer.where, allowHalfOpen: true });
  socket.resume();
  await once(socket, 'connect');
  const other = await peer.accepted();
  other.pause();
  stall(socket);
  other.end('the last');
  await once(socket, 'end');
  world.note(socket.bytesRead, socket.writable);
  other.resume();
  socket.end(world.callback('end cb'));
  await world.closed(socket);
});

/** Where Linux lists the ports of this machine's connections. */
const CONNECTIONS = '/proc/net/tcp';

/** Blocks until the system has let go of the connection from this port: it was reset. */
function waitForReset(port) {
  const local = new RegExp(
    `^ *\\d+: \\w+:${port.toString(16).toUpperCase().padStart(4, '0')} `,
    'm',
  );
  while (local.test(fs.readFileSync(CONNECTIONS, 'latin1')));
}

for (const allowHalfOpen of [false, true]) {
  parity(
    `an end behind a write that has failed is not told, allowHalfOpen: ${allowHalfOpen}`,
    async (world) => {
      const { socket, other } = await world.pair({ socket: { allowHalfOpen } });
      socket.resume();
      // The peer has read it, so that its end is an orderly one.
      socket.write('first');
      await once(other, 'data');
      other.destroy();
      socket.write('refused');
      waitForReset(socket.localPort);
      socket.write('failed');
      await world.closed(socket);
    },
    { skip: fs.existsSync(CONNECTIONS) ? false : 'asks Linux for the state of a connection' },
  );
}

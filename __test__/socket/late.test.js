'use strict';

// The thread is busy while the system writes what it had refused and the peer answers: of both it hears at the
// same time. What was written is told first, whatever reads the answer: a listener or `onread`.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { oursAlone } = require('../harness/sockets');
const { LatePeers } = require('../harness/late');
const { rounds } = require('../harness/scale');

const SOCKETS = 4;
const ROUNDS = rounds(5, 50);
const PIECE = Buffer.alloc(20_000, 'q');

/** Reads when it is told, and answers when it has read so many bytes. */
function answerer(answered, onGo, parentPort) {
  const net = require('node:net');
  const sockets = [];
  let bytes = null;
  const begin = (socket) => {
    let left = bytes.get(socket.remotePort);
    const take = (part) => {
      left -= part.length;
      if (left > 0) return;
      socket.off('data', take).pause();
      socket.write('r', answered);
    };
    socket.on('data', take).resume();
  };
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    sockets.push(socket);
    // A connection may be accepted when the round has begun.
    if (bytes !== null) begin(socket);
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
  onGo((wanted) => {
    bytes = wanted;
    for (const socket of sockets) begin(socket);
  });
}

/** How a socket hears of what it has read: calls `hear`. */
const READERS = {
  'a listener': (world, port, hear) => world.connect(port, '127.0.0.1').on('data', () => hear()),
  'a reader of "readable"': (world, port, hear) => {
    const socket = world.connect(port, '127.0.0.1');
    return socket.on('readable', () => socket.read() !== null && hear());
  },
  onread: (world, port, hear) => {
    const callback = (length, buffer) => hear(buffer.toString('latin1', 0, length));
    const onread = { buffer: Buffer.alloc(100), callback };
    return world.connect({ port, host: '127.0.0.1', onread });
  },
  'onread with new buffers, of an adopted socket': (_world, port, hear) => {
    const callback = (length, buffer) => hear(buffer.toString('latin1', 0, length));
    const onread = { buffer: () => Buffer.alloc(100), callback };
    return net.connect({ port, host: '127.0.0.1', onread });
  },
};

async function connected(world, reader) {
  const { peers, first: port } = await LatePeers.start(answerer);
  const sides = [];
  for (let i = 0; i < SOCKETS; i++) {
    const side = { seen: [], hear: null, socket: null };
    side.socket = READERS[reader](world, port, (text = 'r') => {
      side.seen.push(text);
      side.hear();
      return true;
    });
    await once(side.socket, 'connect');
    world.api.adopt?.(side.socket);
    sides.push(side);
  }
  return { peers, sides };
}

/** Lets `write` write; this thread sleeps from `sleepsIn` on, until the peers have answered. */
async function round({ peers, sides }, sleepsIn, write) {
  const bytes = new Map();
  const heard = sides.map((side) => {
    side.seen = [];
    return new Promise((resolve) => {
      side.hear = resolve;
    });
  });
  for (const side of sides) {
    const { bytesWritten } = side.socket;
    write(side);
    bytes.set(side.socket.localPort, side.socket.bytesWritten - bytesWritten);
  }
  peers.go(bytes);
  await sleepsIn(() => assert.ok(peers.sleep(SOCKETS)));
  await Promise.all(heard);
  for (const { seen } of sides) {
    assert.strictEqual(seen.indexOf('r'), seen.length - 1, `${seen}`);
    assert.ok(seen.length > 1);
  }
}

/** The tick is over, and with it what writing had to do in it. */
const theNextTurn = (sleep) =>
  new Promise((resolve) => {
    setImmediate(() => resolve(sleep()));
  });

const thisTick = (sleep) => sleep();

/** Spends what writing may take of a turn: more waits for the next one. */
function spendTurn(socket) {
  socket.write(PIECE);
  const start = performance.now();
  while (performance.now() - start < 3);
  socket.write(PIECE);
}

/** What the system refuses. */
function overfill({ socket, seen }) {
  while (socket.writableLength === 0) socket.write(PIECE, () => seen.push('callback'));
}

for (const reader of Object.keys(READERS)) {
  oursAlone(`what the system had refused is told before the answer: ${reader}`, async (world) => {
    const all = await connected(world, reader);
    for (let i = 0; i < ROUNDS; i++) await round(all, theNextTurn, overfill);
    for (const { socket } of all.sides) socket.destroy();
    await all.peers.stop();
  });

  // `Writable` waits for a turn in which there is time again, although the system has all.
  oursAlone(`a write for which a turn has no time left: ${reader}`, async (world) => {
    const all = await connected(world, reader);
    const large = Buffer.alloc(100_000, 'q');
    for (let i = 0; i < ROUNDS; i++) {
      // What is read comes before the next turn.
      await new Promise((resolve) => setTimeout(resolve));
      await round(all, thisTick, ({ socket, seen }) => {
        spendTurn(socket);
        socket.write(large, () => seen.push('callback'));
      });
    }
    for (const { socket } of all.sides) socket.destroy();
    await all.peers.stop();
  });
}

oursAlone(
  'writes made before a held answer is told: their callbacks keep their order',
  async (world) => {
    const all = await connected(world, 'a listener');
    const orders = [];
    const said = [];
    await round(all, theNextTurn, ({ socket, seen }) => {
      const order = [];
      orders.push(order);
      overfill({ socket, seen });
      const told = new Promise((resolve) => {
        socket.write(PIECE, () => {
          seen.push('callback');
          resolve();
        });
      });
      const later = told.then(() => {}).then(() => {});
      const writes = later.then(() => {
        const names = ['first', 'second', 'third'];
        return Promise.all(
          names.map(
            (name) =>
              new Promise((resolve) => {
                socket.write(name, () => resolve(order.push(name)));
              }),
          ),
        );
      });
      said.push(writes);
    });
    await Promise.all(said);
    for (const order of orders) assert.deepStrictEqual(order, ['first', 'second', 'third']);
    for (const { socket } of all.sides) socket.destroy();
    await all.peers.stop();
  },
);

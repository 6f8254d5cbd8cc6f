'use strict';

// A random conversation of a client and a server through a proxy that stalls, cuts, ends halves or resets at a random
// byte. What both sides send, and where the proxy strikes, follow from a seed.

const { once } = require('node:events');
const net = require('node:net');
const { numbersOf } = require('./scale');

const FATES = [
  'none',
  'reset client',
  'reset server',
  'cut',
  'half-close',
  'stall client',
  'stall server',
];

/** Byte number `i` of what a side sends. */
const byteAt = (seed, i) => (i * 31 + seed * 7 + (i >> 8)) & 0xff;

function bytesFrom(seed, start, length) {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = byteAt(seed, start + i);
  return bytes;
}

/** What an event or a callback tells, in a word. */
function nameOf(value) {
  if (!(value instanceof Error)) return value === undefined ? '' : `${value}`;
  return value.syscall === undefined ? value.code : `${value.code} (${value.syscall})`;
}

/** Writes at random, and keeps what its socket was told. */
class Side {
  sent = 0;
  received = 0;
  order = [];
  errors = [];
  /** Those that a program would act on, in order. */
  events = [];
  /** What callbacks were given, in order; the same ones in a row are one. */
  results = [];
  isEnded = false;
  isFaithful = true;
  told = 0;
  writes = 0;

  constructor(socket, seed, peerSeed, random) {
    this.socket = socket;
    this.seed = seed;
    this.random = random;
    socket.on('data', (part) => {
      for (let i = 0; i < part.length; i += 97) {
        if (part[i] !== byteAt(peerSeed, this.received + i)) this.isFaithful = false;
      }
      this.received += part.length;
    });
    socket.on('end', () => {
      this.isEnded = true;
    });
    socket.on('error', (error) => this.errors.push(error));
    for (const name of ['end', 'finish', 'error', 'close']) {
      socket.on(name, (value) => this.events.push(`${name} ${nameOf(value)}`.trim()));
    }
    this.closed = new Promise((resolve) => socket.on('close', resolve));
  }

  async talk() {
    const { random, socket } = this;
    const count = random(30);
    for (let i = 0; i < count && socket.writable; i++) {
      if (random(4) === 0) this.#corked();
      else this.#write(this.#length());
      if (random(5) === 0) await new Promise(setImmediate);
      // Drawn in any case, so that both classes draw the same numbers.
      const respects = random(2) === 0;
      if (socket.writableNeedDrain && respects) {
        await Promise.race([once(socket, 'drain').catch(() => {}), this.closed]);
      }
    }
    if (!socket.writable) return;
    this.writes++;
    this.#tell(socket, (told) => socket.end(told));
  }

  #length() {
    return [1, 20, 1000, 20_000, 300_000][this.random(5)] + this.random(50);
  }

  #corked() {
    this.socket.cork();
    for (let i = this.random(5); i >= 0; i--) this.#write(this.random(300));
    this.socket.uncork();
  }

  #write(length) {
    const bytes = bytesFrom(this.seed, this.sent, length);
    this.sent += length;
    const isText = this.random(3) === 0;
    this.writes++;
    this.#tell(this.socket, (told) => {
      if (isText) this.socket.write(bytes.toString('latin1'), 'latin1', told);
      else this.socket.write(bytes, told);
    });
  }

  #tell(_socket, action) {
    const number = this.writes;
    action((error) => {
      this.told++;
      this.order.push(error ? -number : number);
      const result = nameOf(error ?? 'ok');
      if (this.results.at(-1) !== result) this.results.push(result);
    });
  }
}

/** Passes bytes on until `fate` comes at so many of them. */
function passOn(from, to, limit, fate) {
  let passed = 0;
  let isOver = false;
  from.on('data', (part) => {
    if (isOver) return;
    passed += part.length;
    if (passed > limit) {
      isOver = true;
      return fate(part);
    }
    if (!to.write(part) && !to.destroyed) {
      from.pause();
      const goOn = () => from.resume();
      to.once('drain', goOn).once('close', goOn);
    }
  });
  from.on('end', () => {
    if (!isOver) to.end();
    isOver = true;
  });
  for (const socket of [from, to]) socket.on('error', () => {});
  from.on('close', () => to.destroySoon());
}

/** Keeps the ports of connections that were reset before the proxy had begun to end them. */
const resetPorts = new Set();

function reset(socket) {
  if (socket.writableEnded) return socket.destroy();
  resetPorts.add(socket.localPort).add(socket.remotePort);
  // resetAndDestroy() ends the socket first.
  socket.resetAndClosing = true;
  return socket.destroy();
}

/** Who sends there is refused bytes after a while. */
function stall(socket, turns, goOn) {
  socket.pause();
  const wait = () => (turns-- > 0 ? setImmediate(wait) : goOn());
  wait();
}

const fates = {
  none: () => () => {},
  'reset client': (client, server) => () => {
    reset(client);
    server.destroySoon();
  },
  'reset server': (client, server) => () => {
    reset(server);
    client.destroySoon();
  },
  cut: (client, server) => () => {
    client.destroy();
    server.destroy();
  },
  'half-close': (client, server) => () => {
    server.end();
    client.resume();
  },
  'stall client': (client, server, turns) => () => stall(client, turns, fates.cut(client, server)),
  'stall server': (client, server, turns) => () => stall(server, turns, fates.cut(client, server)),
};

async function converse(api, seed) {
  resetPorts.clear();
  const random = numbersOf(seed);
  const fate = FATES[random(FATES.length)];
  const limit = fate === 'none' ? Infinity : random(2) === 0 ? random(3000) : random(2_000_000);
  const turns = 2 + random(30);
  const server = api.createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  const proxy = net.createServer({ allowHalfOpen: true }, (client) => {
    const forward = net.connect({ port: server.address().port, allowHalfOpen: true });
    passOn(client, forward, limit, fates[fate](client, forward, turns));
    passOn(forward, client, Infinity, () => {});
  });
  proxy.listen(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(proxy, 'listening')]);
  const client = api.connect({ port: proxy.address().port, allowHalfOpen: true });
  const one = new Side(client, seed, seed + 1, numbersOf(seed + 17));
  const [accepted] = await once(server, 'connection');
  const two = new Side(accepted, seed + 1, seed, numbersOf(seed + 39));
  one.port = client.localPort;
  two.port = accepted.remotePort;
  await Promise.all([one.talk(), two.talk()]);
  await within(10_000, Promise.all([one.closed, two.closed]), `conversation ${seed}, ${fate}`);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  server.close();
  proxy.close();
  return { seed, fate, one, two };
}

async function within(limitMs, promise, what) {
  let timer;
  const limit = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come to an end`)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

module.exports = { FATES, converse, resetPorts };

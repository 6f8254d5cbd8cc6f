'use strict';

// Random conversations through a proxy that stalls, cuts, ends halves and resets at random bytes. Client and
// server are ours. Whatever happens, each write and end is told once, in order, what arrives is a beginning of
// what was sent, and who is told the end has all of it. Where nothing happens on the way both sides have the outcome
// that they have with net.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');
const { isLong, numbersOf, rounds } = require('../harness/scale');
const { oracle, subject } = require('../harness/subject');

const CONVERSATIONS = rounds(60, 2000);
/** Of a side that has ended, too; Node 20 and 22 make an end of such a reset, with net as well. */
const TELLS_RESETS = Number.parseInt(process.versions.node, 10) >= 24;
const FATES = ['none', 'reset client', 'reset server', 'cut', 'half-close', 'stall'];

/** Byte number `i` of what a side sends. */
const byteAt = (seed, i) => (i * 31 + seed * 7 + (i >> 8)) & 0xff;

function bytesFrom(seed, start, length) {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = byteAt(seed, start + i);
  return bytes;
}

/** Writes at random, and keeps what its socket was told. */
class Side {
  sent = 0;
  received = 0;
  order = [];
  errors = [];
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
  stall: (client, server) => () => {
    client.pause();
    setImmediate(() => setImmediate(fates.cut(client, server)));
  },
};

async function converse(api, seed) {
  resetPorts.clear();
  const random = numbersOf(seed);
  const fate = FATES[random(FATES.length)];
  const limit = fate === 'none' ? Infinity : random(2) === 0 ? random(3000) : random(2_000_000);
  const server = api.createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  const proxy = net.createServer({ allowHalfOpen: true }, (client) => {
    const forward = net.connect({ port: server.address().port, allowHalfOpen: true });
    passOn(client, forward, limit, fates[fate](client, forward));
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

function check({ seed, fate, one, two }) {
  for (const [side, peer] of [
    [one, two],
    [two, one],
  ]) {
    const name = `conversation ${seed}, ${fate}`;
    assert.ok(side.isFaithful, `${name}: other bytes`);
    assert.ok(side.received <= peer.sent, `${name}: more bytes`);
    assert.strictEqual(side.told, side.writes, `${name}: callbacks`);
    const told = side.order.map(Math.abs);
    assert.deepStrictEqual(
      told,
      [...told].sort((a, b) => a - b),
      `${name}: order`,
    );
    if (fate === 'none') {
      assert.strictEqual(side.received, peer.sent, `${name}: all bytes`);
      assert.ok(side.isEnded, `${name}: an end`);
      assert.deepStrictEqual(side.errors, [], name);
    }
    const isReset = resetPorts.has(side.port) && (TELLS_RESETS || !side.socket.writableFinished);
    if (side.isEnded && (fate === 'none' || isReset)) {
      assert.strictEqual(side.received, peer.sent, `${name}: a false end`);
    }
  }
}

/** What both classes give each time, if nothing happens on the way. */
function outcomeOf({ sent, received, writes, told, order, errors, isEnded }) {
  return { sent, received, writes, told, order, errors, isEnded };
}

/** Of both sides in turn; null where net's outcome varies. */
const outcomesOf = ({ fate, one, two }) => (fate === 'none' ? [one, two].map(outcomeOf) : null);

test(`${CONVERSATIONS} random conversations`, {
  timeout: isLong ? 1800_000 : 120_000,
}, async () => {
  const first = isLong ? 1 : 1000;
  for (let seed = first; seed < first + CONVERSATIONS; seed++) {
    const conversation = await converse(subject, seed);
    check(conversation);
    const outcomes = outcomesOf(conversation);
    if (outcomes === null) continue;
    const name = `conversation ${seed}, as with net`;
    assert.deepStrictEqual(outcomes, outcomesOf(await converse(oracle, seed)), name);
  }
});

test('the same with net proves that they are sound', async () => {
  for (let seed = 5000; seed < 5010; seed++) check(await converse(oracle, seed));
});

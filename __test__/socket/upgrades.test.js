'use strict';

// STARTTLS at random moments: after so many plain bytes, which may still wait in Rust, a client takes the
// connection into TLS, and so does the server. Both are ours. Net's record of the same conversation is the oracle.

const assert = require('node:assert');
const { once } = require('node:events');
const { before, test } = require('node:test');
const tls = require('node:tls');
const { NO_OPENSSL, makeCertificate } = require('../harness/certificate');
const { Digest } = require('../harness/digest');
const { isLong, numbersOf, rounds } = require('../harness/scale');
const { oracle, subject } = require('../harness/subject');

const CONVERSATIONS = rounds(60, 2000);
const LENGTHS = [0, 1, 100, 5000, 100_000, 3_000_000];
let context;

before(() => {
  if (!NO_OPENSSL) context = tls.createSecureContext(makeCertificate());
});

/** One of the two, and what it hears. */
class Side {
  #random;
  #wraps;
  record = { told: [], plain: null, secure: null, errors: [] };
  #writes = [];

  /** @param {(socket: Socket) => TLSSocket} wraps */
  constructor(socket, seed, wraps) {
    this.socket = socket;
    this.#random = numbersOf(seed);
    this.#wraps = wraps;
    this.plainBytes = LENGTHS[this.#random(LENGTHS.length)];
    this.secureBytes = LENGTHS[this.#random(LENGTHS.length)];
    socket.on('error', ({ code }) => this.record.errors.push(code));
  }

  /** Sends plain bytes, and reads those of the peer; then all goes on in TLS, perhaps at once. */
  async talk(peer) {
    const random = this.#random;
    this.#send(this.socket, this.plainBytes, 'plain');
    if (random(3) === 0) await new Promise(setImmediate);
    this.record.plain = await readExactly(this.socket, peer.plainBytes);
    if (random(3) === 0) await new Promise(setImmediate);
    this.secure = this.#wraps(this.socket);
    this.secure.on('error', ({ code }) => this.record.errors.push(code));
    this.#send(this.secure, this.secureBytes, 'secure');
    this.record.secure = await readExactly(this.secure, peer.secureBytes);
    await Promise.all(this.#writes);
  }

  /** So many bytes in writes of random lengths, some of them corked. */
  #send(socket, length, what) {
    const random = this.#random;
    for (let sent = 0; sent < length; ) {
      const size = Math.min(1 + random(random(2) === 0 ? 300 : 200_000), length - sent);
      const isCorked = random(4) === 0;
      if (isCorked) socket.cork();
      const name = `${what} ${sent}`;
      this.#writes.push(
        new Promise((resolve) => {
          socket.write(bytesFrom(sent, size), (error) => {
            this.record.told.push(error ? `${name} ${error.code}` : name);
            resolve();
          });
        }),
      );
      if (isCorked) process.nextTick(() => socket.uncork());
      sent += size;
    }
  }
}

function bytesFrom(start, length) {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = ((start + i) * 31 + ((start + i) >> 8)) & 0xff;
  return bytes;
}

/** Reads so many bytes and leaves the rest. */
async function readExactly(socket, length) {
  const digest = new Digest();
  let left = length;
  while (left > 0) {
    const part = socket.read();
    if (part === null) {
      await once(socket, 'readable');
      continue;
    }
    digest.update(part.subarray(0, left));
    if (part.length > left) socket.unshift(part.subarray(left));
    left -= Math.min(left, part.length);
  }
  return digest.end();
}

async function converse(api, seed) {
  const server = api.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = api.connect(server.address().port, '127.0.0.1');
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  const client = new Side(socket, seed, (plain) =>
    tls.connect({ socket: plain, rejectUnauthorized: false }),
  );
  const host = new Side(
    accepted,
    seed + 7919,
    (plain) => new tls.TLSSocket(plain, { isServer: true, secureContext: context }),
  );
  await Promise.all([client.talk(host), host.talk(client)]);
  const records = structuredClone([client.record, host.record]);
  for (const side of [client, host]) side.secure.on('error', () => {}).destroy();
  server.close();
  await once(server, 'close');
  return records;
}

test(`TLS at a random moment of ${CONVERSATIONS} conversations`, {
  skip: NO_OPENSSL,
  timeout: isLong ? 1_800_000 : 120_000,
}, async () => {
  for (let seed = 1; seed <= CONVERSATIONS; seed++) {
    const expected = await converse(oracle, seed);
    for (const { errors } of expected) assert.deepStrictEqual(errors, [], `${seed}, net`);
    assert.deepStrictEqual(await converse(subject, seed), expected, `conversation ${seed}`);
  }
});

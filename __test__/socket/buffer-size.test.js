'use strict';

// bufferSize, the one option that Node's class does not have.

const assert = require('node:assert');
const { once } = require('node:events');
const { writeUntilFull } = require('../harness/backpressure');
const { oursAlone } = require('../harness/sockets');

const CHUNK = Buffer.alloc(10_000);

for (const bufferSize of [-1, 1.5, Number.NaN, 2 ** 30]) {
  oursAlone(`bufferSize ${bufferSize} is out of range`, async (_world, { Socket, connect }) => {
    const expected = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
    assert.throws(() => new Socket({ bufferSize }), expected);
    assert.throws(() => connect({ port: 1, host: '127.0.0.1', bufferSize }), expected);
  });
}

for (const bufferSize of ['1', true, {}, 1n]) {
  oursAlone(`bufferSize of type ${typeof bufferSize} is refused`, async (_world, { Socket }) => {
    const expected = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    assert.throws(() => new Socket({ bufferSize }), expected);
  });
}

for (const bufferSize of [undefined, null, 0, 1, 1000, 1 << 20]) {
  oursAlone(`bufferSize ${bufferSize}: all bytes, all callbacks`, async (world) => {
    const { socket, peer } = await world.pair({ socket: { bufferSize } });
    const sent = [];
    const called = [];
    for (let i = 0; i < 200; i++) {
      const chunk = i % 2 === 0 ? `text ${i} ż` : Buffer.alloc(i * 100, `${i}`);
      sent.push(Buffer.from(chunk));
      const took = socket.write(chunk, () => called.push(i));
      if (!took && i % 3 === 0) await once(socket, 'drain');
    }
    socket.end();
    await world.closed(socket);
    const expected = Buffer.concat(sent);
    assert.ok((await peer.received(expected.length)).equals(expected));
    assert.deepStrictEqual(called, [...sent.keys()]);
  });
}

oursAlone('a larger bufferSize accepts more while the peer stalls', async (world) => {
  const accepted = [];
  for (const bufferSize of [64 * 1024, 32 << 20]) {
    const { socket } = await world.pair({ reads: false, socket: { bufferSize } });
    accepted.push(await writeUntilFull(socket, () => CHUNK));
    socket.destroy();
    await world.closed(socket);
  }
  const [small, large] = accepted;
  // After a false, half of the buffer must be free before there is room again.
  assert.ok(large - small > 12 << 20, `${small} and ${large}`);
});

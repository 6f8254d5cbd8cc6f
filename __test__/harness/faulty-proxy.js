'use strict';

// A TCP proxy that cuts a connection in the middle of the first request that matches, or damages that
// request, or holds it back for ever.

const { once } = require('node:events');
const net = require('node:net');
const { tie } = require('./tied');

/** Where in the request the fault is; behind its head. */
const FAULT_AT_BYTE = 100_000;

class FaultyProxy {
  /** How many requests matched. */
  matches = 0;
  #pattern;
  #fault;
  #server;
  #sockets = new Set();

  /** @param {'cut' | 'damage' | 'hold'} fault */
  static async start(targetPort, pattern, fault) {
    const proxy = new FaultyProxy(pattern, fault);
    proxy.#server = net.createServer((socket) => proxy.#forward(socket, targetPort));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  constructor(pattern, fault) {
    this.#pattern = pattern;
    this.#fault = fault;
  }

  get port() {
    return this.#server.address().port;
  }

  #forward(socket, targetPort) {
    const target = net.connect(targetPort, '127.0.0.1');
    tie(socket, target, this.#sockets);
    target.pipe(socket);
    let bytesLeft = Infinity;
    socket.on('data', (data) => {
      if (this.#pattern.test(data.toString('latin1'))) {
        this.matches += 1;
        if (this.matches === 1) bytesLeft = FAULT_AT_BYTE;
      }
      const isFaulty = bytesLeft < data.length;
      if (isFaulty && this.#fault === 'damage') data[bytesLeft] ^= 1;
      if (isFaulty && this.#fault === 'cut') socket.resetAndDestroy();
      else if (!isFaulty || this.#fault === 'damage') target.write(data);
      bytesLeft = isFaulty && this.#fault === 'damage' ? Infinity : bytesLeft - data.length;
    });
  }

  async stop() {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

module.exports = FaultyProxy;

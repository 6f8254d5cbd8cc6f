'use strict';

// A TCP proxy that cuts a connection in the middle of the first request that matches.

const { once } = require('node:events');
const net = require('node:net');

const CUT_AFTER_BYTES = 100_000;

class SeveringProxy {
  /** How many requests matched. */
  matches = 0;
  #pattern;
  #server;
  #sockets = new Set();

  static async start(targetPort, pattern) {
    const proxy = new SeveringProxy(pattern);
    proxy.#server = net.createServer((socket) => proxy.#forward(socket, targetPort));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  constructor(pattern) {
    this.#pattern = pattern;
  }

  get port() {
    return this.#server.address().port;
  }

  #forward(socket, targetPort) {
    const target = net.connect(targetPort, '127.0.0.1');
    for (const one of [socket, target]) {
      this.#sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        socket.destroy();
        target.destroy();
        this.#sockets.delete(one);
      });
    }
    target.pipe(socket);
    let bytesLeft = Infinity;
    socket.on('data', (data) => {
      if (this.#pattern.test(data.toString('latin1'))) {
        this.matches += 1;
        if (this.matches === 1) bytesLeft = CUT_AFTER_BYTES;
      }
      bytesLeft -= data.length;
      if (bytesLeft < 0) socket.resetAndDestroy();
      else target.write(data);
    });
  }

  async stop() {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

module.exports = SeveringProxy;

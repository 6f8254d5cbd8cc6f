'use strict';

// A TCP proxy whose target can be away: connections are reset then, those that are open and those that come.

const { once } = require('node:events');
const net = require('node:net');
const { tie } = require('./tied');

class StoreProxy {
  /** How many connections were refused because the target was away. */
  refusals = 0;
  #isAway = false;
  #server;
  #sockets = new Set();

  static async start(targetPort) {
    const proxy = new StoreProxy();
    proxy.#server = net.createServer((socket) => proxy.#forward(socket, targetPort));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port() {
    return this.#server.address().port;
  }

  goAway() {
    this.#isAway = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  comeBack() {
    this.#isAway = false;
  }

  #forward(socket, targetPort) {
    socket.on('error', () => {});
    if (this.#isAway) {
      this.refusals++;
      socket.resetAndDestroy();
      return;
    }
    const target = net.connect(targetPort, '127.0.0.1');
    tie(socket, target, this.#sockets);
    socket.pipe(target).pipe(socket);
  }

  async stop() {
    this.goAway();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

module.exports = StoreProxy;

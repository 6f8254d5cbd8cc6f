'use strict';

// The other end of a socket under test: Node's server and sockets, on a free loopback port or a
// unix path. Keeps what each connection received.

const { once } = require('node:events');
const net = require('node:net');
const { showBytes } = require('./folder');

const NO_UNIX_SOCKET =
  process.platform === 'win32' ? 'Windows has no unix sockets with a path' : false;

class Peer {
  #server;
  #connections = [];
  #reads;

  /** `options`: those of `net.createServer`; with `reads: false` the peer reads nothing. */
  constructor({ reads = true, onConnection, ...options } = {}) {
    this.#reads = reads;
    this.#server = net.createServer(options, (socket) => {
      this.#keep(socket);
      onConnection?.(socket);
    });
  }

  async listen(where = { port: 0, host: '127.0.0.1' }) {
    this.#server.listen(where);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    this.port = address.port;
    this.where = where.path ? { path: where.path } : { port: address.port, host: where.host };
    return this;
  }

  /** Resolves with the peer's socket of this connection, once it exists. */
  async accepted(index = 0) {
    while (this.#connections.length <= index) await once(this.#server, 'connection');
    return this.#connections[index].socket;
  }

  /** Resolves when the connection has received `length` bytes. */
  async received(length, index = 0) {
    const socket = await this.accepted(index);
    const connection = this.#connections[index];
    while (connection.length < length) await once(socket, 'data');
    return Buffer.concat(connection.chunks);
  }

  /** Resolves with how this connection ended: 'end', or the code of its error. */
  async ending(index = 0) {
    const socket = await this.accepted(index);
    if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
    return this.#connections[index].ending;
  }

  /** Accepts no more connections; existing ones go on. */
  close() {
    this.#server.close();
  }

  /** Waits until all connections are closed; resolves with what each received. */
  async finish() {
    this.close();
    const seen = [];
    for (const { socket, chunks } of this.#connections) {
      if (socket.isPaused() || !this.#reads) socket.destroy();
      if (socket.readableEnded) socket.end();
      else socket.once('end', () => socket.end());
      if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
      seen.push(showBytes(Buffer.concat(chunks)));
    }
    return seen;
  }

  #keep(socket) {
    const connection = { socket, chunks: [], length: 0, ending: 'open' };
    this.#connections.push(connection);
    socket.on('end', () => {
      connection.ending = 'end';
    });
    socket.on('error', (error) => {
      connection.ending = error.code;
    });
    if (!this.#reads) return;
    socket.on('data', (chunk) => {
      connection.chunks.push(chunk);
      connection.length += chunk.length;
    });
  }
}

module.exports = { NO_UNIX_SOCKET, Peer };

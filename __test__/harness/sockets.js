'use strict';

// The harness for sockets: runs a scenario on net.Socket and on ours, with peers of Node. What each
// peer received is compared as well.

const { once } = require('node:events');
const net = require('node:net');
const os = require('node:os');
const harness = require('./index');
const { NO_UNIX_SOCKET, Peer } = require('./peer');
const { World } = require('./world');

// Without `drain`, as for files, and without `data`: how bytes are cut into parts varies.
const EVENTS = [
  'lookup',
  'connectionAttempt',
  'connectionAttemptFailed',
  'connectionAttemptTimeout',
  'connect',
  'ready',
  'timeout',
  'prefinish',
  'finish',
  'end',
  'error',
  'close',
];

const NO_IPV6 = Object.values(os.networkInterfaces())
  .flat()
  .some(({ address }) => address === '::1')
  ? false
  : 'this machine has no ::1';

// On a busy machine an address may take longer than Node's 250 ms, and Node would try the next one.
net.setDefaultAutoSelectFamilyAttemptTimeout(20_000);

class SocketWorld extends World {
  #peers = [];
  #sockets = [];
  #servers = [];
  #clients = [];

  /** A peer that listens, on 127.0.0.1 by default. */
  async listen({ where, ...options } = {}) {
    const peer = await new Peer(options).listen(where);
    this.#peers.push(peer);
    this.hide(peer.port, '<port>');
    return peer;
  }

  /** A server of this side that listens; its events and those of its sockets are in the log. */
  async serve(options, where = { port: 0, host: '127.0.0.1' }) {
    const server = this.server(options);
    server.listen(where);
    await once(server, 'listening');
    this.hide(server.address()?.port, '<port>');
    return server;
  }

  /** The same, before it listens. */
  server(...args) {
    const server = this.api.createServer(...args);
    this.#servers.push(server);
    server.on('connection', (socket) => {
      this.hide(socket.remotePort, '<remote port>');
      this.note('server', 'connection', socket instanceof this.api.Socket);
      this.watchSocket(socket, 'accepted');
    });
    server.on('drop', (data) => {
      this.hide(data?.remotePort, '<remote port>');
      this.note('server', 'drop', { ...data });
    });
    return this.watch(server, 'server', ['listening', 'error', 'close']);
  }

  /** A client of Node's on `server`, and the socket that the server has for it. */
  async call(server, options) {
    const client = net.connect({ ...addressOf(server), ...options });
    this.#clients.push(client);
    client.on('error', () => {});
    const [socket] = await once(server, 'connection');
    return { client, socket };
  }

  /** A port on which nobody listens. */
  async freePort() {
    const peer = await new Peer().listen();
    this.hide(peer.port, '<port>');
    await peer.finish();
    return peer.port;
  }

  /** From now on the log shows `words` instead of `chance`. */
  hide(chance, words) {
    if (chance !== undefined) this.hidden.set(chance, words);
  }

  /** Connects a socket of this side and logs all its events. */
  connect(...args) {
    return this.watchSocket(this.api.connect(...args));
  }

  /** A socket of this side that is not connected yet. */
  socket(...args) {
    return this.watchSocket(new this.api.Socket(...args));
  }

  /** A connected socket, its peer, and the peer's own socket. */
  async pair({ socket: options, ...peerOptions } = {}) {
    const peer = await this.listen(peerOptions);
    const socket = this.connect({ ...peer.where, ...options });
    await once(socket, 'ready');
    return { socket, peer, other: await peer.accepted() };
  }

  watchSocket(socket, label) {
    this.#sockets.push(socket);
    socket.on('connect', () => this.hide(socket.localPort, '<local port>'));
    return this.watch(socket, label, EVENTS);
  }

  /** Resolves when each socket of this side is closed. */
  async allClosed() {
    for (const socket of this.#sockets) await this.closed(socket);
  }

  async end() {
    for (const socket of [...this.#sockets, ...this.#clients]) socket.destroy();
    for (const server of this.#servers) server.removeAllListeners().close();
    const peers = [];
    for (const peer of this.#peers) peers.push(await peer.finish());
    return { peers };
  }
}

/** Where a client finds a server. */
function addressOf(server) {
  const address = server.address();
  return typeof address === 'string'
    ? { path: address }
    : { port: address.port, host: '127.0.0.1' };
}

/** As in the harness for files; the scenario gets a SocketWorld. */
function parity(name, scenario, options) {
  harness.parity(name, scenario, { ...options, World: SocketWorld });
}

function ours(name, scenario, options) {
  harness.ours(name, scenario, { ...options, World: SocketWorld });
}

function oursAlone(name, scenario, options) {
  harness.oursAlone(name, scenario, { ...options, World: SocketWorld });
}

module.exports = { NO_IPV6, NO_UNIX_SOCKET, SocketWorld, addressOf, ours, oursAlone, parity };

'use strict';

// A peer in a process of its own, which can be killed: the system then ends its connections, by a reset
// where it had not read all that it was sent.

const { spawn } = require('node:child_process');
const { once } = require('node:events');

/** Listens, says where, and treats each connection as `mode` says. */
const SOURCE = `
  const net = require('node:net');
  const [where, mode] = JSON.parse(process.argv[1]);
  const server = net.createServer({ pauseOnConnect: mode === 'stall' }, (socket) => {
    socket.on('error', () => {});
    if (mode === 'stall') socket.write('beginning');
    else socket.resume().write('beginning');
  });
  server.listen(where, () => console.log(JSON.stringify(server.address())));
`;

class MortalPeer {
  #child;

  /**
   * @param {object} where for `server.listen()`
   * @param {'stall' | 'read'} mode whether it reads; it sends a few bytes in either case
   */
  async start(where, mode) {
    this.#child = spawn(process.execPath, ['-e', SOURCE, JSON.stringify([where, mode])], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(this.#child.stdout, 'data');
    const address = JSON.parse(line);
    this.where = typeof address === 'string' ? { path: address } : { port: address.port };
    return this;
  }

  kill() {
    this.#child.kill('SIGKILL');
  }

  async gone() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, 'exit');
    }
  }
}

module.exports = { MortalPeer };

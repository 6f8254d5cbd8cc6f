'use strict';

// A handle taken from its socket: nothing more is written to the connection, and we do not keep it
// open.

const { parityInChild } = require('../harness/child');
const { parity } = require('../harness/sockets');

/** Closes the handle, writes once more, and waits for the socket to close. */
async function closeHandle(world, socket, peer) {
  const handle = socket._handle;
  socket._handle = null;
  handle.close();
  world.note(await peer.ending());
  world.note('write', socket.write('after', world.callback('write cb')));
  await world.closed(socket);
}

parity('the handle is closed directly, not by its socket', async (world) => {
  const { socket, peer } = await world.pair();
  await new Promise((resolve) => socket.write('before', resolve));
  await peer.received(6);
  await closeHandle(world, socket, peer);
});

parity('the handle is closed in the tick of a write: the bytes arrive first', async (world) => {
  const { socket, peer } = await world.pair();
  socket.write('before');
  await closeHandle(world, socket, peer);
});

parityInChild(
  'a socket sent to another process: only that process writes and closes',
  ({ connect }, dir) => {
    const { fork } = require('node:child_process');
    const net = require('node:net');
    const file = `${dir}/child.js`;
    const source = `
      process.once('message', (_message, socket) => {
        process.once('message', () => socket.end('child'));
        socket.on('close', () => process.disconnect());
        process.send('has it');
      });
    `;
    require('node:fs').writeFileSync(file, source);
    const child = fork(file);
    let text = '';
    const server = net.createServer((other) => {
      other.on('data', (part) => {
        text += part;
      });
      other.on('end', () => console.log('the peer received', text));
      other.on('close', () => server.close());
    });
    server.listen(0, '127.0.0.1', () => {
      const socket = connect(server.address().port, '127.0.0.1');
      socket.on('ready', () => socket.write('parent ', () => child.send('take it', socket)));
      child.on('message', () => {
        socket.on('error', (error) => console.log('error', error.code));
        socket.on('close', () => child.send('go on'));
        console.log(
          'write',
          socket.write('too late', (error) => console.log(error.code)),
        );
      });
    });
  },
  { sockets: true },
);

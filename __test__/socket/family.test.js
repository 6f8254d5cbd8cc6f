'use strict';

// Several addresses for one name, and the local address.

const { once } = require('node:events');
const { answering } = require('../harness/resolver');
const { NO_IPV6, parity } = require('../harness/sockets');

const V4 = { address: '127.0.0.1', family: 4 };
const V6 = { address: '::1', family: 6 };

function dial(world, port, addresses, options) {
  const lookup = answering(addresses);
  return world.connect({ port, host: 'two.addresses', autoSelectFamily: true, lookup, ...options });
}

// Node 20 loses an end() called before such a connection.
parity(
  'the first address refuses, the second answers',
  async (world) => {
    const peer = await world.listen();
    const socket = dial(world, peer.port, [V6, V4]);
    socket.write('x', world.callback('write cb'));
    await once(socket, 'ready');
    socket.end(world.callback('end cb'));
    world.note(socket.autoSelectFamilyAttemptedAddresses, socket.remoteFamily);
    await world.closed(socket);
  },
  { skip: NO_IPV6 },
);

parity('the first address answers', async (world) => {
  const peer = await world.listen();
  const socket = dial(world, peer.port, [V4, V6]);
  await once(socket, 'connect');
  world.note(socket.autoSelectFamilyAttemptedAddresses);
  socket.end('x', world.callback('end cb'));
  await world.closed(socket);
});

parity(
  'no address answers',
  async (world) => {
    const socket = dial(world, await world.freePort(), [V6, V4]);
    socket.write('x', world.callback('write cb'));
    await world.closed(socket);
    world.note(socket.autoSelectFamilyAttemptedAddresses);
  },
  { skip: NO_IPV6 },
);

parity(
  'without autoSelectFamily the first address alone is tried',
  async (world) => {
    const peer = await world.listen();
    const socket = dial(world, peer.port, [V6, V4], { autoSelectFamily: false });
    socket.write('x', world.callback('write cb'));
    await world.closed(socket);
    world.note(socket.autoSelectFamilyAttemptedAddresses);
  },
  { skip: NO_IPV6 },
);

parity('family 4 of two addresses', async (world) => {
  const peer = await world.listen();
  const socket = dial(world, peer.port, [V4], { family: 4 });
  socket.end('x');
  await world.closed(socket);
});

parity(
  'the attempts of a destroyed socket stop',
  async (world) => {
    const socket = dial(world, await world.freePort(), [V6, V4]);
    socket.write('x', world.callback('write cb'));
    socket.on('connectionAttemptFailed', () => socket.destroy());
    await world.closed(socket);
  },
  { skip: NO_IPV6 },
);

parity('localAddress', async (world) => {
  const peer = await world.listen();
  const socket = world.connect({ ...peer.where, localAddress: '127.0.0.1' });
  await once(socket, 'connect');
  world.note(socket.localAddress, socket.address());
  socket.end('x');
  await world.closed(socket);
});

parity('localAddress that is not ours', async (world) => {
  const peer = await world.listen();
  const socket = world.connect({ ...peer.where, localAddress: '192.0.2.1' });
  socket.write('x', world.callback('write cb'));
  await world.closed(socket);
});

parity('localPort', async (world) => {
  const peer = await world.listen();
  const localPort = await world.freePort();
  const socket = world.connect({ ...peer.where, localAddress: '127.0.0.1', localPort });
  await once(socket, 'connect');
  world.note(socket.localPort === localPort);
  socket.resetAndDestroy();
  await world.closed(socket);
});

parity('localPort that is taken', async (world) => {
  const peer = await world.listen();
  const socket = world.connect({
    ...peer.where,
    localAddress: '127.0.0.1',
    localPort: (await world.listen()).port,
  });
  await world.closed(socket);
});

'use strict';

const dns = require('node:dns');
const { parity } = require('./harness/sockets');

/** Answers every question with these addresses, the way the question asks for. */
function answering(world, ...addresses) {
  return (host, options, callback) => {
    world.note('asked for', host, options.family, options.hints, options.all);
    process.nextTick(() => {
      if (options.all) callback(null, addresses);
      else callback(null, addresses[0].address, addresses[0].family);
    });
  };
}

const HERE = { address: '127.0.0.1', family: 4 };

for (const autoSelectFamily of [true, false]) {
  parity(`a lookup function is asked, autoSelectFamily ${autoSelectFamily}`, async (world) => {
    const peer = await world.listen();
    const lookup = answering(world, HERE);
    const socket = world.connect({ port: peer.port, host: 'some.name', lookup, autoSelectFamily });
    socket.end('x', world.callback('end cb'));
    await world.closed(socket);
    world.note(socket._host);
  });

  parity(`a lookup that fails, autoSelectFamily ${autoSelectFamily}`, async (world) => {
    const lookup = (_host, _options, callback) => {
      process.nextTick(callback, Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
    };
    const socket = world.connect({ port: 1, host: 'some.name', lookup, autoSelectFamily });
    socket.write('x', world.callback('write cb'));
    await world.closed(socket);
  });

  parity(`a lookup that answers nonsense, autoSelectFamily ${autoSelectFamily}`, async (world) => {
    const lookup = answering(world, { address: 'nowhere', family: 4 });
    const socket = world.connect({ port: 1, host: 'some.name', lookup, autoSelectFamily });
    await world.closed(socket);
  });

  parity(`destroyed before the answer, autoSelectFamily ${autoSelectFamily}`, async (world) => {
    const lookup = answering(world, HERE);
    const socket = world.connect({ port: 1, host: 'some.name', lookup, autoSelectFamily });
    socket.write('x', world.callback('write cb'));
    socket.destroy();
    await world.closed(socket);
  });
}

parity('family and hints reach the lookup', async (world) => {
  const peer = await world.listen();
  const socket = world.connect({
    port: peer.port,
    host: 'some.name',
    family: 4,
    hints: dns.ADDRCONFIG,
    lookup: answering(world, HERE),
  });
  socket.end();
  await world.closed(socket);
});

parity('an address is not looked up', async (world) => {
  const peer = await world.listen();
  const socket = world.connect({ ...peer.where, lookup: () => world.note('never') });
  socket.end('x');
  await world.closed(socket);
});

parity('a lookup that throws', async (world) => {
  const lookup = () => {
    throw new Error('boom');
  };
  world.attempt('connect', () => {
    world.connect({ port: 1, host: 'some.name', lookup }).on('error', () => {});
  });
});

// `.invalid` is a name that no resolver may know; without a network the answer is another, and the
// same on both sides.
parity('a name that does not exist', async (world) => {
  const socket = world.connect(80, 'nobody.invalid');
  socket.write('x', world.callback('write cb'));
  socket.end(world.callback('end cb'));
  await world.closed(socket);
});

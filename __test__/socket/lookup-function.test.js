'use strict';

// A `lookup` function of the user's: as an option, or in place of `dns.lookup`.

const dns = require('node:dns');
const { parityInChild } = require('../harness/child');
const { answering } = require('../harness/resolver');
const { parity } = require('../harness/sockets');

/** Answers with `address`, and logs the question. */
function noting(world, address) {
  return answering([address], (host, { family, hints, all }) => {
    world.note('asked for', host, family, hints, all);
  });
}

const HERE = { address: '127.0.0.1', family: 4 };

for (const autoSelectFamily of [true, false]) {
  parity(`a lookup function is asked, autoSelectFamily ${autoSelectFamily}`, async (world) => {
    const peer = await world.listen();
    const lookup = noting(world, HERE);
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
    const lookup = noting(world, { address: 'nowhere', family: 4 });
    const socket = world.connect({ port: 1, host: 'some.name', lookup, autoSelectFamily });
    await world.closed(socket);
  });

  parity(`destroyed before the answer, autoSelectFamily ${autoSelectFamily}`, async (world) => {
    const lookup = noting(world, HERE);
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
    lookup: noting(world, HERE),
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

parity('a patched dns.lookup is asked', async (world) => {
  const { port } = await world.listen();
  const original = dns.lookup;
  dns.lookup = noting(world, HERE);
  try {
    world.connect(port, 'some.name').end('x');
  } finally {
    dns.lookup = original;
  }
  await world.allClosed();
});

parityInChild('a dns.lookup that was patched before us is asked', patchFirst, { sockets: true });

function patchFirst() {
  const dns = require('node:dns');
  for (const file of Object.keys(require.cache)) delete require.cache[file];
  dns.lookup = (host, _options, callback) => {
    console.log('asked for', host);
    process.nextTick(callback, new Error('patched'));
  };
  const { connect } = require(process.env.SUBJECT_MODULE);
  connect(80, 'some.name').on('error', ({ message }) => console.log(message));
}

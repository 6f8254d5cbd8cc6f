'use strict';

// How our own lookup resolves a name, in place of `dns.lookup`: names, options, the order of the
// addresses, and what happens while it is under way.

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const dns = require('node:dns');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const { test } = require('node:test');
const { inspect } = require('node:util');
const { answering: answeringAsNode } = require('../../lib/lookup.js');
const { parity } = require('../harness/sockets');

// Names that Node passes on, changes or refuses. No resolver knows `.invalid`; without a network
// the answer differs, but equally on both sides.
const NAMES = [
  'localhost',
  'LOCALHOST',
  os.hostname(),
  '127.1',
  '0x7f000001',
  '１２７.0.0.1',
  'nobody.invalid',
  'bücher.invalid',
  'xn--bcher-kva.invalid',
  'xn--',
  'a'.repeat(256),
  'a b',
  'ü%41',
  'nul\0',
];

for (const host of NAMES) {
  parity(`the name ${inspect(host)}`, async (world) => {
    const { port } = await world.listen();
    world.attempt('connect', () => {
      const socket = world.connect({ port, host });
      socket.end('x', world.callback('end cb'));
    });
    await world.allClosed();
  });
}

const QUESTIONS = [
  { family: 4 },
  { family: 6 },
  { family: 'IPv4' },
  { family: 7 },
  { family: 4, hints: dns.ADDRCONFIG },
  { family: 6, hints: dns.V4MAPPED },
  { hints: dns.V4MAPPED | dns.ALL },
  { hints: 1 },
  { hints: '32' },
  { host: 127 },
  { autoSelectFamily: false },
  { localAddress: '127.0.0.1' },
  { lookup: null },
  { lookup: false },
  { lookup: 'localhost' },
];

for (const question of QUESTIONS) {
  parity(`localhost with ${inspect(question)}`, async (world) => {
    const { port } = await world.listen();
    world.attempt('connect', () => {
      world.connect({ port, host: 'localhost', ...question }).end('x');
    });
    await world.allClosed();
  });
}

class Where {
  #port;
  host = 'localhost';
  family = 4;

  constructor(port) {
    this.#port = port;
  }

  get port() {
    return this.#port;
  }
}

const FORMS = {
  'a port and a host': (port) => [port, 'localhost'],
  'a port, a host and a listener': (port, listener) => [port, 'localhost', listener],
  'options and a listener': (port, listener) => [{ port, host: 'localhost' }, listener],
  'no host': (port, listener) => [{ port, family: 4 }, listener],
  'frozen options': (port) => [Object.freeze({ port, host: 'localhost', lookup: undefined })],
  'inherited options': (port) => [Object.create({ port, host: 'localhost' })],
  'options whose getters are private': (port) => [new Where(port)],
  'arguments that Node has normalized': (port, listener) => [
    net._normalizeArgs([port, 'localhost', listener]),
  ],
};

for (const [form, argumentsOf] of Object.entries(FORMS)) {
  parity(`connect() with ${form}`, async (world) => {
    const peer = await world.listen();
    const args = argumentsOf(peer.port, world.callback('listener'));
    world
      .socket()
      .connect(...args)
      .end('x');
    await world.allClosed();
    if (typeof args[0] === 'object') world.note(Object.keys(args[0]));
  });
}

for (const order of ['verbatim', 'ipv4first', 'ipv6first']) {
  parity(`localhost, ${order}`, async (world) => {
    const { port } = await world.listen();
    const before = dns.getDefaultResultOrder();
    dns.setDefaultResultOrder(order);
    try {
      world.connect(port, 'localhost').end('x');
    } finally {
      dns.setDefaultResultOrder(before);
    }
    await world.allClosed();
  });
}

test('several addresses come in the default result order', (t) => {
  const found = ['192.0.2.1', '2001:db8::1', '192.0.2.2', '2001:db8::2'];
  const before = dns.getDefaultResultOrder();
  t.after(() => dns.setDefaultResultOrder(before));
  for (const [order, ends] of [
    ['verbatim', ['.1', '::1', '.2', '::2']],
    ['ipv4first', ['.1', '.2', '::1', '::2']],
    ['ipv6first', ['::1', '::2', '.1', '.2']],
  ]) {
    dns.setDefaultResultOrder(order);
    const all = ends.map((end) =>
      end.startsWith('.')
        ? { address: `192.0.2${end}`, family: 4 }
        : { address: `2001:db8${end}`, family: 6 },
    );
    const answers = [];
    answeringAsNode('some.name', { all: true }, (...answer) => answers.push(answer))(0, found);
    const [{ address, family }] = all;
    answeringAsNode('some.name', {}, (...answer) => answers.push(answer))(0, found);
    assert.deepStrictEqual(answers, [
      [null, all],
      [null, address, family],
    ]);
  }
});

parity('AsyncLocalStorage: events see the context of connect()', async (world) => {
  const { port } = await world.listen();
  const storage = new AsyncLocalStorage();
  const connect = async (name, ...args) => {
    const socket = storage.run(name, () => world.api.connect(...args));
    for (const event of ['lookup', 'connect', 'error']) {
      socket.on(event, () => world.note(event, 'sees', storage.getStore()));
    }
    socket.end();
    await new Promise((closed) => socket.on('close', closed));
  };
  await Promise.all([
    connect('first', { port, host: 'localhost', family: 4 }),
    connect('second', port, 'xn--'),
    connect('third', port, 'nobody.invalid'),
  ]);
  // The answers come in any order.
  world.log.sort();
});

for (const host of ['localhost', 'nobody.invalid']) {
  parity(`destroyed while ${host} is looked up`, async (world) => {
    const socket = world.connect({ port: await world.freePort(), host, autoSelectFamily: false });
    socket.write('x', world.callback('write cb'));
    process.nextTick(() => socket.destroy(new Error('mine')));
    await Promise.all([new Promise((told) => socket.once('lookup', told)), world.closed(socket)]);
  });

  parity(`aborted while ${host} is looked up`, async (world) => {
    const controller = new AbortController();
    const { signal } = controller;
    const socket = world.connect({ port: await world.freePort(), host, signal });
    process.nextTick(() => controller.abort());
    await world.closed(socket);
  });
}

parity('an http agent', async (world) => {
  const { port } = await world.listen({
    onConnection: (socket) => socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n'),
  });
  const agent = new http.Agent();
  agent.createConnection = world.api.connect;
  const [response] = await once(
    http.get({ port, host: 'localhost', family: 4, agent, headers: { host: 'some.name' } }),
    'response',
  );
  world.note(response.statusCode);
  response.resume();
  world.hide(port, '<port>');
});

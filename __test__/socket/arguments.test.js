'use strict';

// Wrong arguments throw at once, with Node's class and code.

const { parity } = require('../harness/sockets');

/** Logs what is thrown; destroys a socket that is made anyway. */
async function refuse(world, make) {
  let socket;
  try {
    socket = world.watchSocket(make());
    world.note('made');
  } catch (error) {
    world.note('threw', error);
    return;
  }
  socket.destroy();
  await world.closed(socket);
}

const NOTHING = {
  'no argument': [],
  undefined: [undefined],
  null: [null],
  'an empty object': [{}],
  'host alone': [{ host: '127.0.0.1' }],
  'an empty path': [{ path: '' }],
  'port undefined': [{ port: undefined }],
  'port null': [{ port: null }],
  'an empty string': [''],
  'a listener alone': [() => {}],
};

const PORTS = {
  negative: [-1],
  65536: [65_536],
  'no integer': [{ port: 1.5 }],
  NaN: [{ port: Number.NaN }],
  'not a number': [{ port: 'http' }],
  'an empty string': [{ port: '' }],
  'a boolean': [{ port: true }],
  'an object': [{ port: {} }],
  'an array': [{ port: [1] }],
  'a bigint': [{ port: 1n }],
};

const OPTIONS = {
  'host a number': [{ port: 1, host: 1 }],
  'host an object': [{ port: 1, host: {} }],
  'path a number': [{ path: 1 }],
  'path an object': [{ path: {} }],
  'path with a NUL': [{ path: 'a\0b' }],
  'localAddress no address': [{ port: 1, host: '127.0.0.1', localAddress: 'here' }],
  'localPort a text': [{ port: 1, host: '127.0.0.1', localPort: 'p' }],
  'localPort out of range': [{ port: 1, host: '127.0.0.1', localPort: 70_000 }],
  'lookup no function': [{ port: 1, host: 'localhost', lookup: 1 }],
  'family unknown': [{ port: 1, host: 'localhost', family: 5 }],
  'hints unknown': [{ port: 1, host: 'localhost', hints: 99_999 }],
  'timeout a text': [{ port: 1, host: '127.0.0.1', timeout: 'x' }],
  'timeout negative': [{ port: 1, host: '127.0.0.1', timeout: -1 }],
  'autoSelectFamily no boolean': [{ port: 1, host: 'localhost', autoSelectFamily: 'x' }],
  'attempt timeout zero': [
    { port: 1, host: 'localhost', autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 0 },
  ],
  'signal no signal': [{ port: 1, host: '127.0.0.1', signal: {} }],
  'highWaterMark negative': [{ port: 1, host: '127.0.0.1', highWaterMark: -1 }],
  'onread without a buffer': [{ port: 1, host: '127.0.0.1', onread: { callback() {} } }],
};

for (const [kind, cases] of Object.entries({ nothing: NOTHING, port: PORTS, option: OPTIONS })) {
  for (const [name, args] of Object.entries(cases)) {
    parity(`${kind}: connect, ${name}`, async (world, { connect }) => {
      await refuse(world, () => connect(...args));
    });

    parity(`${kind}: socket.connect, ${name}`, async (world, { Socket }) => {
      await refuse(world, () => new Socket().connect(...args));
    });
  }
}

const CONSTRUCTOR = {
  'a number is an fd': 1e9,
  'fd negative': { fd: -1 },
  'fd a text': { fd: '1' },
  'fd that is not open': { fd: 999_999 },
  objectMode: { objectMode: true },
  readableObjectMode: { readableObjectMode: true },
  writableObjectMode: { writableObjectMode: true },
  'signal no signal': { signal: 1 },
  'highWaterMark NaN': { highWaterMark: Number.NaN },
  null: null,
  'a text': 'x',
  'a handle of some kind': { handle: 1 },
};

for (const [name, options] of Object.entries(CONSTRUCTOR)) {
  parity(`new Socket: ${name}`, async (world, { Socket }) => {
    await refuse(world, () => new Socket(options));
  });
}

const METHODS = {
  'setTimeout(text)': (socket) => socket.setTimeout('x'),
  'setTimeout(-1)': (socket) => socket.setTimeout(-1),
  'setTimeout(Infinity)': (socket) => socket.setTimeout(Number.POSITIVE_INFINITY),
  'setTimeout(undefined)': (socket) => socket.setTimeout(undefined),
  'setTimeout(20_000, no function)': (socket) => socket.setTimeout(20_000, 'x'),
  'setEncoding(unknown)': (socket) => socket.setEncoding('utf9'),
  'setDefaultEncoding(unknown)': (socket) => socket.setDefaultEncoding('utf9'),
  'write()': (socket) => socket.write(),
  'write(null)': (socket) => socket.write(null),
  'write(number)': (socket) => socket.write(1),
  'write(object)': (socket) => socket.write({}),
  'write(array)': (socket) => socket.write([1]),
  'write(ArrayBuffer)': (socket) => socket.write(new ArrayBuffer(1)),
  'write(text, unknown)': (socket) => socket.write('x', 'utf9'),
  'end(number)': (socket) => socket.end(1),
  'end(text, unknown)': (socket) => socket.end('x', 'utf9'),
};

for (const [name, call] of Object.entries(METHODS)) {
  parity(`${name} before connect`, async (world) => {
    const socket = world.socket();
    world.attempt(name, () => call(socket) === socket);
    socket.destroy();
    await world.closed(socket);
  });

  parity(`${name} on a connected socket`, async (world) => {
    const { socket } = await world.pair();
    world.attempt(name, () => call(socket) === socket);
    socket.end('still usable');
    await world.closed(socket);
  });
}

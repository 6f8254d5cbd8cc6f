'use strict';

// Arguments of other realms, and things that Node takes for a URL, a path or flags, or does not.

const vm = require('node:vm');
const { parity } = require('../harness');

/** As whatwg-url, jsdom and Electron make them: Node's own class is not involved. */
class AnotherURL {
  constructor(path) {
    this.href = `file://${path}`;
    this.protocol = 'file:';
    this.hostname = this.host = '';
    this.pathname = path;
  }
}

async function write(world, path, options) {
  const stream = world.tryCreate('constructor', path, options);
  if (stream === undefined) return;
  stream.write('text', (error) => world.note('cb', error));
  stream.end();
  await world.closed(stream);
  world.note('path', Buffer.isBuffer(stream.path) || ArrayBuffer.isView(stream.path));
  world.note('flags', typeof stream.flags);
}

parity('a URL of another class', (world) => write(world, new AnotherURL(world.file())));

parity('URL is replaced', async (world) => {
  const { URL } = globalThis;
  const url = new URL(`file://${world.file()}`);
  globalThis.URL = AnotherURL;
  try {
    await write(world, url);
    await write(world, new AnotherURL(world.file('other')));
  } finally {
    globalThis.URL = URL;
  }
});

parity('a URL of another class and scheme', (world) => {
  const url = Object.assign(new AnotherURL(world.file()), { protocol: 'http:' });
  return write(world, url);
});

parity('an object that is a parsed URL of the old kind', (world) =>
  write(world, { ...new AnotherURL(world.file()), auth: null, path: 'x' }),
);

parity('a path as the bytes of another realm', async (world) => {
  const bytes = JSON.stringify([...Buffer.from(world.file())]);
  await write(world, vm.runInNewContext(`Uint8Array.from(${bytes})`));
});

parity('a path whose view lies about its memory', async (world) => {
  class Liar extends Uint8Array {
    get buffer() {
      return new ArrayBuffer(3);
    }
    get byteLength() {
      return 1;
    }
  }
  await write(world, Liar.from(Buffer.from(world.file())));
});

parity('a path that only claims to be a view', (world) =>
  write(world, Object.create(Uint8Array.prototype)),
);

parity('options of another realm', (world) =>
  write(world, world.file(), vm.runInNewContext(`({ flags: 'wx', encoding: 'latin1' })`)),
);

parity('a signal of another realm', async (world) => {
  const make = `({ aborted: false, addEventListener() {}, removeEventListener() {} })`;
  await write(world, world.file(), { signal: vm.runInNewContext(make) });
});

const FLAGS = [
  {},
  ['w'],
  { toString: () => 'w' },
  new String('w'),
  Symbol('w'),
  { valueOf: () => 1 },
];
for (const [i, flags] of FLAGS.entries()) {
  parity(`flags that are no string nor number, ${i}`, (world) =>
    write(world, world.file(), { flags }),
  );
}

const MODES = [{}, ['666'], { toString: () => '666' }, new String('666'), { valueOf: () => 0o666 }];
for (const [i, mode] of MODES.entries()) {
  parity(`a mode that is no string nor number, ${i}`, (world) =>
    write(world, world.file(), { mode }),
  );
}

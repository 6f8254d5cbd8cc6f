'use strict';

// Streams whose methods the user replaces, and `options.fs`. Node's own class does the work for
// these, so the user's functions are called as Node calls them.

const fs = require('node:fs');
const { parity } = require('../harness');

function spyOn(world, names) {
  return Object.fromEntries(
    names.map((name) => [
      name,
      (...args) => {
        world.note('fs', name, args.length);
        return fs[name](...args);
      },
    ]),
  );
}

for (const names of [
  ['open', 'write', 'writev', 'close', 'fsync'],
  ['open', 'write', 'close'],
]) {
  parity(`option fs with ${names.join()}: the functions are called`, async (world) => {
    const stream = world.create(world.file(), { fs: spyOn(world, names) });
    stream.write('a', world.callback('cb a'));
    stream.write('b', world.callback('cb b'));
    await world.event(stream, 'ready');
    stream.end('c', world.callback('end cb'));
    await world.closed(stream);
  });
}

parity('option fs with writev alone takes two chunks at once', async (world) => {
  const stream = world.create(world.file(), { fs: spyOn(world, ['open', 'writev', 'close']) });
  stream.write('a', world.callback('cb a'));
  stream.write('b', world.callback('cb b'));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('option fs with flush calls fsync', async (world) => {
  const names = ['open', 'write', 'close', 'fsync'];
  const stream = world.create(world.file(), { fs: spyOn(world, names), flush: true });
  stream.end('x', world.callback('end cb'));
  await world.closed(stream);
});

parity('option fs whose write fails', async (world) => {
  const failing = {
    ...spyOn(world, ['open', 'close']),
    write: (_fd, _bytes, _offset, _length, _position, callback) => {
      process.nextTick(callback, Object.assign(new Error('no'), { code: 'ENO' }));
    },
  };
  const stream = world.create(world.file(), { fs: failing });
  stream.write('x', world.callback('write cb'));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('a stream with option fs is a WriteStream', async (world) => {
  const stream = world.create(world.file(), { fs: spyOn(world, ['open', 'write', 'close']) });
  world.note(stream instanceof world.api.WriteStream, stream.constructor.name);
  stream.end('x');
  await world.closed(stream);
});

const OPTIONS = {
  write: (world) => (chunk, encoding, callback) => {
    world.note('write', chunk, encoding);
    callback();
  },
  writev: (world) => (chunks, callback) => {
    world.note('writev', chunks.length, chunks[0].chunk);
    callback();
  },
  final: (world) => (callback) => {
    world.note('final');
    setImmediate(callback);
  },
  destroy: (world) =>
    function destroy(error, callback) {
      world.note('destroy', error);
      fs.closeSync(this.fd);
      callback(error);
    },
};

for (const [name, make] of Object.entries(OPTIONS)) {
  parity(`option ${name} replaces the stream's own`, async (world) => {
    const stream = world.create(world.file(), { [name]: make(world) });
    stream.write('a', world.callback('cb a'));
    stream.write('b', world.callback('cb b'));
    stream.end('c', world.callback('end cb'));
    await world.closed(stream);
  });
}

parity('option construct opens the file itself', async (world) => {
  const stream = world.create(world.file(), {
    construct(callback) {
      world.note('construct');
      this.fd = fs.openSync(this.path, 'w');
      process.nextTick(callback);
    },
  });
  stream.end('x', world.callback('end cb'));
  await world.closed(stream);
});

parity('a subclass with _write', async (world) => {
  class Upper extends world.api.WriteStream {
    _write(chunk, encoding, callback) {
      super._write(Buffer.from(chunk.toString().toUpperCase()), encoding, callback);
    }
  }
  const stream = world.watch(new Upper(world.file()));
  await world.event(stream, 'ready');
  for (const text of ['one ', 'two ']) {
    await new Promise((resolve) => stream.write(text, resolve));
  }
  stream.end('three', world.callback('end cb'));
  await world.closed(stream);
});

parity('a subclass with _final', async (world) => {
  class WithFooter extends world.api.WriteStream {
    _final(callback) {
      world.note('_final');
      this._write(Buffer.from('footer'), 'buffer', callback);
    }
  }
  const stream = world.watch(new WithFooter(world.file()));
  stream.write('body ', world.callback('cb'));
  stream.end(world.callback('end cb'));
  await world.closed(stream);
});

parity('a subclass with _destroy', async (world) => {
  class Noting extends world.api.WriteStream {
    _destroy(error, callback) {
      world.note('_destroy', error);
      super._destroy(error, (failure) => {
        world.note('destroyed', failure);
        callback(failure);
      });
    }
  }
  const stream = world.watch(new Noting(world.file()));
  stream.end('x', world.callback('end cb'));
  await world.closed(stream);
});

parity('_write replaced on the instance', async (world) => {
  const stream = world.create(world.file());
  const original = stream._write;
  stream._write = function replaced(chunk, encoding, callback) {
    world.note('_write', chunk, encoding);
    return original.call(this, chunk, encoding, callback);
  };
  await world.event(stream, 'ready');
  await new Promise((resolve) => stream.write('a', resolve));
  stream.end('b', world.callback('end cb'));
  await world.closed(stream);
});

parity('write replaced on the instance sees every call', async (world) => {
  const stream = world.create(world.file());
  const { write } = stream;
  stream.write = function counted(...args) {
    world.note('write', ...args.slice(0, 2));
    return write.apply(this, args);
  };
  stream.write('a', 'utf8');
  stream.write(Buffer.from('b'));
  stream.end('c');
  await world.closed(stream);
});

// graceful-fs replaces open() in a subclass; the 'open' event tells that it is done.
parity('a subclass with the old open()', async (world) => {
  class Patched extends world.api.WriteStream {
    open() {
      fs.open(this.path, this.flags, this.mode, (error, fd) => {
        if (error) {
          this.destroy(error);
          this.emit('error', error);
        } else {
          this.fd = fd;
          this.emit('open', fd);
          this.emit('ready');
        }
      });
    }
  }
  const stream = world.watch(new Patched(world.file()));
  stream.write('a', world.callback('cb'));
  stream.end('b', world.callback('end cb'));
  await world.closed(stream);
});

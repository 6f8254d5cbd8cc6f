'use strict';

// Files that a function of the program's opens: its descriptor is adopted, and every promise kept.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { oursAlone, parity } = require('../harness');
const { parityInChild, runInChild } = require('../harness/child');
const { subject } = require('../harness/subject');

/** A class with an `open` in the way from before `_construct`, as graceful-fs has it. */
function withOpen(world, WriteStream, { delay = (action) => action(), tell = true } = {}) {
  return class Patched extends WriteStream {
    open() {
      world.note('open called', this.flags, this.mode, this.fd);
      delay(() =>
        fs.open(this.path, this.flags, this.mode, (error, fd) => {
          if (error) {
            this.destroy();
            this.emit('error', error);
          } else {
            this.fd = fd;
            this.emit('open', fd);
            if (tell) this.emit('ready');
          }
        }),
      );
    }
  };
}

parity('a subclass with its own open: writes before and after', async (world, { WriteStream }) => {
  const stream = world.watch(new (withOpen(world, WriteStream))(world.file(), { flags: 'a' }));
  stream.write('a', world.callback('a'));
  stream.write(Buffer.from('b'));
  stream.write('c', 'latin1', world.callback('c'));
  await world.event(stream, 'ready');
  world.note(stream.pending);
  stream.write('d', world.callback('d'));
  stream.end('e', world.callback('end cb'));
  await world.closed(stream);
  world.note(stream.bytesWritten);
});

parity('its open fails', async (world, { WriteStream }) => {
  const Patched = withOpen(world, WriteStream);
  const stream = world.watch(new Patched(world.file('none/out')));
  stream.write('a', world.callback('a'));
  stream.end('b', world.callback('end cb'));
  await world.closed(stream);
});

parity(
  'its open comes late, and the stream is destroyed before',
  async (world, { WriteStream }) => {
    const Patched = withOpen(world, WriteStream, { delay: setImmediate });
    const stream = world.watch(new Patched(world.file()));
    stream.write('a', world.callback('a'));
    stream.destroy(new Error('no more'));
    stream.write('b', world.callback('b'));
    await world.closed(stream);
  },
);

parity('open replaced on the class', async (world, { WriteStream }) => {
  const { open } = withOpen(world, WriteStream, { tell: false }).prototype;
  const before = Object.getOwnPropertyDescriptor(WriteStream.prototype, 'open');
  Object.defineProperty(WriteStream.prototype, 'open', { value: open, configurable: true });
  try {
    const stream = world.create(world.file());
    stream.end('text', world.callback('end cb'));
    await world.closed(stream);
  } finally {
    delete WriteStream.prototype.open;
    if (before) Object.defineProperty(WriteStream.prototype, 'open', before);
  }
});

oursAlone('such a stream is ours, and can be flushed', async (world, { WriteStream }) => {
  const Patched = withOpen(world, WriteStream);
  const stream = world.watch(new Patched(world.file(), { bufferSize: 2 << 20 }));
  assert.equal(stream.isNative, true);
  await world.event(stream, 'ready');
  for (let i = 0; i < 20; i++) stream.write('x'.repeat(10_000));
  stream.flushSync();
  assert.equal(fs.statSync(world.file()).size, 200_000);
  stream.end();
  await world.closed(stream);
});

oursAlone('maxBuffered counts what waits for such an open', async (world, { WriteStream }) => {
  const Patched = withOpen(world, WriteStream);
  const stream = new Patched(world.file(), { maxBuffered: 10, overflow: 'drop' });
  for (let i = 0; i < 5; i++) stream.write('12345');
  assert.throws(() => stream.flushSync(), { code: 'ERR_RUSHWRITE_UNSUPPORTED' });
  const [{ writes }] = await world.event(stream, 'drop');
  assert.equal(writes, 3);
  stream.end();
  await world.closed(stream);
  assert.equal(world.read().toString(), '1234512345');
});

const gracefulFs = require.resolve('graceful-fs');
const register = path.join(__dirname, '..', '..', 'register.js');

/** How a program of graceful-fs comes to its end. */
const ENDINGS = {
  'in the tick of the first write': (stream) => {
    stream.write('text');
    process.exit();
  },
  'while the file is being opened': (stream) => {
    stream.write('text');
    setImmediate(() => process.exit());
  },
  'in a later tick': (stream) => {
    process.nextTick(() => {
      stream.write('text');
      process.exit();
    });
  },
  'when it is open': (stream) => {
    stream.on('open', () => {
      stream.write('te');
      stream.write('xt');
      process.exit();
    });
  },
  'by an error': (stream) => {
    stream.write('text');
    throw new Error('on purpose');
  },
  'and writes in an exit listener': (stream) => {
    process.on('exit', () => stream.write('text'));
    setImmediate(() => process.exit());
  },
};

const SETUPS = {
  'graceful-fs after register': `require(${JSON.stringify(register)});
    const api = require(${JSON.stringify(gracefulFs)});`,
  'graceful-fs patches fs after register': `require(${JSON.stringify(register)});
    const api = require(${JSON.stringify(gracefulFs)}).gracefulify(require('fs'));`,
  'register after graceful-fs': `const api = require(${JSON.stringify(gracefulFs)});
    require(${JSON.stringify(register)});`,
  'register after graceful-fs has patched fs': `
    const api = require(${JSON.stringify(gracefulFs)}).gracefulify(require('fs'));
    require(${JSON.stringify(register)});`,
};

for (const [setup, source] of Object.entries(SETUPS)) {
  for (const [ending, end] of Object.entries(ENDINGS)) {
    test(`${setup}: process ends ${ending}, nothing is lost`, async () => {
      const body = `(_unused, dir) => {
        ${source}
        (${end})(api.createWriteStream(dir + '/out'));
      }`;
      const { files, stderr } = await runInChild(subject, body);
      assert.equal(files.out?.bytes, 'text', stderr);
    });
  }
}

test('an open that comes late at the exit does not empty the file', async () => {
  const body = `(_unused, dir) => {
    process.env.UV_THREADPOOL_SIZE = '1';
    const api = require(${JSON.stringify(gracefulFs)});
    require(${JSON.stringify(register)});
    const work = () => require('node:crypto').pbkdf2('a', 'b', 400_000, 64, 'sha512', () => {});
    const stream = api.createWriteStream(dir + '/out');
    stream.write('text');
    // The only thread of the pool is busy when Node comes to open the file.
    work();
    setImmediate(() => process.exit());
    process.on('exit', () => {
      const end = performance.now() + 1000;
      while (performance.now() < end);
    });
  }`;
  const { files, stderr } = await runInChild(subject, body);
  assert.equal(files.out?.bytes, 'text', stderr);
});

test('an open that never comes holds no exit whose clock a test double has stopped', async () => {
  const body = `({ WriteStream }, dir) => {
    class Patched extends WriteStream {
      open() {}
    }
    new Patched(dir + '/out').write('text');
    performance.now = () => 0;
    setImmediate(() => process.exit());
  }`;
  const { files, stderr } = await runInChild(subject, body);
  assert.equal(files.out?.bytes, 'text', stderr);
});

test('what cannot be opened at the exit is told', async () => {
  const { stderr, code } = await runInChild(subject, ({ WriteStream }, dir) => {
    class Patched extends WriteStream {
      open() {}
    }
    new Patched(`${dir}/none/out`).write('text');
    process.exit();
  });
  assert.equal(code, 0);
  assert.match(stderr, /^rushwrite: 4 bytes of 1 stream could not be written.*ENOENT/);
});

const NO_PERMISSION = (() => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return (major < 20 || (major === 20 && minor < 20)) && 'needs the permission model';
})();
const permissionFlag = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

for (const [name, folder] of [
  ['allowed', ''],
  ['forbidden', '/forbidden'],
]) {
  for (const way of ['direct', 'register']) {
    test(`the permission model, ${way}: a path that is ${name}`, {
      skip: NO_PERMISSION,
    }, async () => {
      const body = `(fs, dir) => {
        const note = (label, error) => console.log(label, error?.code, error?.permission, error?.syscall);
        process.on('uncaughtException', (error) => note('uncaught', error));
        fs.mkdirSync?.(dir + '/allowed');
        const where = '${name}' === 'allowed' ? dir + '/allowed/out' : dir + '/out';
        const stream = fs.createWriteStream(where);
        stream.on('error', (error) => note('error', error));
        stream.on('close', () => console.log('close'));
        stream.write('text', (error) => note('cb', error));
        stream.end((error) => note('end', error));
      }`;
      const results = [];
      for (const api of [{ module: 'node:fs' }, subject]) {
        results.push(await runWithPermission(api, body, way));
      }
      const [expected, actual] = results;
      assert.equal(actual.stdout, expected.stdout, actual.stderr);
      assert.deepEqual(actual.files, expected.files);
      assert.match(expected.stdout, folder ? /ERR_ACCESS_DENIED/ : /cb (null|undefined)/);
    });
  }
}

function runWithPermission(api, body, way) {
  const root = path.join(__dirname, '..', '..');
  const isOurs = api === subject;
  const preload = isOurs && way === 'register' ? ['-r', register] : [];
  const command = (source) => {
    const dir = JSON.parse(source.match(/, ("[^"]+")\)$/)[1]);
    fs.mkdirSync(`${dir}/allowed`);
    const program = source.replace("fs.mkdirSync?.(dir + '/allowed');", '');
    const allow = ['--allow-fs-read=*', `--allow-fs-write=${dir}/allowed/*`, '--allow-addons'];
    return [process.execPath, permissionFlag, ...allow, ...preload, '-e', program];
  };
  const module = isOurs && way === 'direct' ? root : 'node:fs';
  return runInChild({ module }, body, { command });
}

parityInChild('a worker whose file is opened by a function of its own', ({ WriteStream }, dir) => {
  const { Worker, isMainThread } = require('node:worker_threads');
  if (!isMainThread || !WriteStream) return;
  const source = `const fs = require('node:fs');
    const { WriteStream } = require(process.env.SUBJECT_MODULE);
    class Patched extends WriteStream {
      open() {
        fs.open(this.path, this.flags, this.mode, (error, fd) => {
          this.fd = fd;
          this.emit('open', fd);
        });
      }
    }
    const stream = new Patched(${JSON.stringify(`${dir}/out`)});
    stream.end('text', () => console.log('written'));`;
  new Worker(source, { eval: true }).on('exit', () => console.log('exit'));
});

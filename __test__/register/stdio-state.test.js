'use strict';

// RUSHWRITE_STDIO=1: what programs ask the standard streams, and do to them, is answered as Node answers it.

const { parityWired } = require('../harness/stdio');

/** Each prints something that would tell if bytes were lost, moved or torn. */
const programs = {
  'answers, callbacks and lengths'() {
    const log = [];
    const { stdout } = process;
    const told = (error) => log.push(`told ${error}`);
    const note = (name, value) => log.push(`${name} ${value}`);
    note('write', stdout.write('a\n'));
    note('write', stdout.write('b\n'));
    note('length', stdout.writableLength);
    note('write', stdout.write('c\n', told));
    note('write', stdout.write('d\n', 'utf8', told));
    note('write', stdout.write('e\n', told));
    note(
      'write',
      stdout.write(Buffer.from('f\n'), () => log.push('f')),
    );
    note('write', stdout.write('670a', 'hex'));
    note(
      'write',
      stdout.write('', () => log.push('empty')),
    );
    note('need', stdout.writableNeedDrain);
    note('corked', stdout.writableCorked);
    stdout.cork();
    note('write', stdout.write('corked\n'));
    note('length', stdout.writableLength);
    stdout.uncork();
    note('write', stdout.write('h\n'));
    stdout.setDefaultEncoding('hex');
    note('write', stdout.write('690a'));
    note('write', stdout.write('6a0a'));
    stdout.setDefaultEncoding('utf8');
    note('written', stdout.bytesWritten);
    for (const value of [null, 1, {}, undefined]) {
      try {
        stdout.write(value);
      } catch (error) {
        note('throws', error.code);
      }
    }
    setImmediate(() => console.error(log.join('\n')));
  },

  'halves of a character'() {
    for (const half of ['x', '\ud83d', '\ude00', 'y', '\ud83d', '\ude00\n']) {
      process.stdout.write(half);
    }
    process.stdout.write('\ud83d\ude00 whole\n');
  },

  'the end of stdout'() {
    const { stdout } = process;
    for (const event of ['prefinish', 'finish', 'close', 'error']) {
      stdout.on(event, (value) => console.error(event, value?.code));
    }
    stdout.write('one\n');
    stdout.write('two\n');
    stdout.end('three\n', () => console.error('ended'));
    console.error(stdout.writableEnded, stdout.destroyed);
    stdout.write('late\n', (error) => console.error('late', error?.code));
  },

  'destroy of stdout'() {
    const { stdout } = process;
    for (const event of ['finish', 'close', 'error']) {
      stdout.on(event, (value) => console.error(event, value?.code));
    }
    stdout.write('one\n');
    stdout.write('two\n');
    stdout.destroy();
    console.error(stdout.destroyed);
    setImmediate(() => {
      console.log('three');
      console.log('four');
      stdout.destroySoon();
      setImmediate(() => console.log('five'));
    });
  },

  'what programs look at'() {
    for (const stream of [process.stdout, process.stderr]) {
      const { name } = stream.constructor;
      const { fd, isTTY, columns, rows, _type, _isStdio, cursorTo } = stream;
      const { clearLine, getColorDepth, hasColors, readable, writable } = stream;
      console.log(name, fd, isTTY, columns, rows, _type, _isStdio, cursorTo);
      console.log(clearLine, getColorDepth, hasColors, readable, writable);
      console.log(stream._handle?.constructor.name, stream._handle?.fd, stream.writableObjectMode);
      console.log(Object.keys(stream).join(), Object.getOwnPropertyNames(stream).join());
      console.log(stream instanceof require('node:net').Socket, stream.writableHighWaterMark);
      console.log(stream instanceof require('node:stream').Writable, String(stream));
      stream._handle?.setBlocking?.(true);
      const inspected = require('node:util').inspect(stream, { depth: 0 });
      console.log(inspected.split('\n')[0]);
      const names = [];
      for (const name in stream) names.push(name);
      console.log(names.sort().join());
    }
    const { stdout } = process;
    console.log(process.stdout === stdout, console._stdout === stdout);
  },

  'the handle is written to'() {
    const { _handle: handle } = process.stdout;
    console.log('one');
    console.log('two');
    if (handle?.writeUtf8String === undefined) return console.log('none');
    const { WriteWrap } = process.binding('stream_wrap');
    process.stdout._handle.writeUtf8String(new WriteWrap(), 'three\n');
    console.log('four');
    console.log('five');
  },

  'write is replaced and put back'() {
    const captured = [];
    const { write } = process.stdout;
    console.log('one');
    console.log('two');
    process.stdout.write = (chunk, ...rest) => {
      captured.push(chunk);
      if (chunk.startsWith('both')) return write.call(process.stdout, chunk, ...rest);
      return true;
    };
    console.log('three');
    console.log('both');
    process.stdout.write = write;
    console.log('four');
    console.log(captured);
    delete process.stdout.write;
    console.log('five');
  },

  'a pipeline into stdout'() {
    const fs = require('node:fs');
    const { pipeline } = require('node:stream');
    const file = `${process.env.DIR}/source`;
    fs.writeFileSync(file, `${'0123456789'.repeat(1000)}\n`.repeat(40));
    console.log('before');
    console.log('before it');
    pipeline(fs.createReadStream(file), process.stdout, (error) => console.error('done', error));
  },

  'backpressure that is respected'() {
    const { once } = require('node:events');
    (async () => {
      for (let i = 0; i < 3000; i++) {
        if (!process.stdout.write(`${i} ${'x'.repeat(i % 300)}\n`)) {
          await once(process.stdout, 'drain');
        }
      }
      process.stdout.end();
    })();
  },

  'errors of a full device'() {
    const fs = require('node:fs');
    if (!fs.existsSync('/dev/full')) return console.log('none');
    const { spawnSync } = require('node:child_process');
    const body = `
      console.log('ignored'); console.log('ignored, too');
      setImmediate(() => {
        process.stdout.write('told\\n', (e) => console.error('told', e.code, e.syscall));
        process.stdout.on('error', (e) => console.error('error', e.message));
        setImmediate(() => {
          process.stdout.write('a'); process.stdout.write('b');
          setImmediate(() => {
            process.stdout.removeAllListeners('error');
            process.on('uncaughtException', (e) => console.error('uncaught', e.code));
            process.stdout.write('c');
          });
        });
      });`;
    const args = [...process.execArgv.slice(0, -2), '-e', body];
    const stdio = ['ignore', fs.openSync('/dev/full', 'w'), 'pipe'];
    const { status, stderr } = spawnSync(process.execPath, args, { stdio });
    console.log(status, `${stderr}`);
  },

  'a pipe that nobody reads any more'() {
    const { execFileSync, spawnSync } = require('node:child_process');
    const fs = require('node:fs');
    const fifo = `${process.env.DIR}/fifo`;
    execFileSync('mkfifo', [fifo]);
    const body = `
      console.log('ignored'); console.log('ignored, too');
      setImmediate(() => {
        process.stdout.on('error', (e) => console.error('error', e.message, e.errno, e.syscall));
        process.stdout.on('close', () => console.error('close'));
        process.stdout.write('told\\n', (e) => console.error('told', e.code, e.syscall));
        setImmediate(() => {
          process.stdout.removeAllListeners('error');
          process.on('uncaughtException', (e) => console.error('uncaught', e.code));
          process.stdout.write('c');
          setImmediate(() => { console.log('x'); console.log('y'); process.exit(6); });
        });
      });`;
    const reader = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const writer = fs.openSync(fifo, 'w');
    fs.closeSync(reader);
    const args = [...process.execArgv.slice(0, -2), '-e', body];
    const { status, stderr } = spawnSync(process.execPath, args, {
      stdio: ['ignore', writer, 'pipe'],
    });
    console.log(status, `${stderr}`);
  },
};

for (const [name, body] of Object.entries(programs)) parityWired(name, body);

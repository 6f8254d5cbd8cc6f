'use strict';

// All accepted bytes are written before the process or the worker ends, whatever ends it.

const assert = require('node:assert');
const { test } = require('node:test');
const { NO_FIFO } = require('../harness/fifo');
const { runInChild } = require('../harness/child');
const { showBytes } = require('../harness/folder');
const { isSelfTest, subject } = require('../harness/subject');
const { textOfLines, ways } = require('./ways');

/** Runs `body` in a child; checks its end, and returns its files and output. */
async function endsWith(code, body, options) {
  const result = await runInChild(subject, body, options);
  assert.deepStrictEqual(
    { code: result.code, signal: result.signal },
    { code, signal: null },
    result.stderr,
  );
  return result;
}

function promise(name, body, options = {}) {
  test(name, { skip: isSelfTest ? 'Node promises nothing here' : options.skip }, body);
}

for (const [way, { code }] of Object.entries(ways)) {
  promise(`${way}: all of it is written, in order`, async () => {
    const { files, stderr } = await endsWith(code, runWay, {
      env: { WAYS: require.resolve('./ways'), WAY: way },
    });
    assert.strictEqual(files.out.bytes, showBytes(Buffer.from(textOfLines())), stderr);
  });
}

function runWay(_api, dir) {
  require(process.env.WAYS).ways[process.env.WAY].run(`${dir}/out`);
}

promise('a system error that no listener saw is printed to stderr', async () => {
  const { stderr } = await endsWith(0, ({ createWriteStream }, dir) => {
    createWriteStream(`${dir}/no/folder`).write('eleven byte');
    process.exit();
  });
  assert.match(
    stderr,
    /^rushwrite: 11 bytes of 1 stream could not be written before the exit: ENOENT/,
  );
  assert.strictEqual(stderr.split('\n').length, 2, 'one line');
});

promise(
  'a stalled pipe delays the exit up to the deadline, and stderr says how many bytes are lost',
  async () => {
    const { stderr, stdout } = await endsWith(
      5,
      ({ createWriteStream }, dir) => {
        require('node:child_process').execFileSync('mkfifo', [`${dir}/fifo`]);
        const fd = require('node:fs').openSync(`${dir}/fifo`, 'r+');
        const stream = createWriteStream(`${dir}/fifo`);
        createWriteStream(`${dir}/out`).write('not held up');
        stream.write(Buffer.alloc(1_000_000));
        stream.on('ready', () => {
          const start = performance.now();
          process.on('exit', () => {
            console.log(Math.round(performance.now() - start), stream.bytesWritten, fd > 0);
          });
          process.exit(5);
        });
      },
      // Long enough for the other stream even on a busy machine.
      { env: { RUSHWRITE_EXIT_TIMEOUT_MS: '2000' } },
    );
    const [elapsedMs, writtenBytes] = stdout.split(' ').map(Number);
    const lost = 1_000_000 - writtenBytes;
    const told = `rushwrite: ${lost} bytes of 1 stream could not be written before the exit: they were not taken within 2000 ms\n`;
    assert.strictEqual(stderr, told);
    assert.ok(elapsedMs >= 1999, `${elapsedMs} ms`);
  },
  { skip: NO_FIFO },
);

promise(
  'a FIFO without a reader does not keep the process alive',
  async () => {
    const { stderr } = await endsWith(
      0,
      ({ createWriteStream }, dir) => {
        require('node:child_process').execFileSync('mkfifo', [`${dir}/fifo`]);
        createWriteStream(`${dir}/fifo`).write('hello?');
        setImmediate(() => process.exit());
      },
      { env: { RUSHWRITE_EXIT_TIMEOUT_MS: '100' } },
    );
    assert.match(stderr, /^rushwrite: 6 bytes of 1 stream could not be written/);
  },
  { skip: NO_FIFO },
);

promise(
  'flushOnExit: false: the exit does not wait, and nothing is printed',
  async () => {
    const { stderr } = await endsWith(
      0,
      ({ createWriteStream }, dir) => {
        require('node:child_process').execFileSync('mkfifo', [`${dir}/fifo`]);
        const fd = require('node:fs').openSync(`${dir}/fifo`, 'r+');
        const stream = createWriteStream(`${dir}/fifo`, { flushOnExit: false });
        stream.write(Buffer.alloc(1_000_000));
        stream.on('ready', () => process.exit(fd > 0 ? 0 : 1));
      },
      { env: { RUSHWRITE_EXIT_TIMEOUT_MS: '25000' } },
    );
    assert.strictEqual(stderr, '');
  },
  { skip: NO_FIFO },
);

promise('300 streams are written within one deadline', async () => {
  const { files } = await endsWith(0, ({ createWriteStream }, dir) => {
    for (let i = 0; i < 300; i++) createWriteStream(`${dir}/${i}`).write(`file ${i}`);
    process.exit();
  });
  assert.strictEqual(Object.keys(files).length, 300);
  for (let i = 0; i < 300; i++) assert.strictEqual(files[i].bytes, `file ${i}`);
});

promise('a socket: its peer receives everything after the process has ended', async () => {
  const { stdout } = await endsWith(0, () => {
    const { spawn } = require('node:child_process');
    const net = require('node:net');
    const server = net.createServer((peer) => {
      let text = '';
      peer.on('data', (data) => {
        text += data;
      });
      peer.on('end', () => {
        console.log(text.length, text.endsWith('the end'));
        server.close();
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const source = `
        const { connect } = require(process.env.SUBJECT_MODULE);
        const socket = connect(${server.address().port}, '127.0.0.1', () => {
          for (let i = 0; i < 5000; i++) socket.write('0123456789');
          socket.cork();
          socket.write('the end');
          process.exit();
        });
      `;
      spawn(process.execPath, ['-e', source], { stdio: 'inherit' });
    });
  });
  assert.strictEqual(stdout, '50007 true\n');
});

promise(
  'a worker with a stalled reader is terminated: its pipe is closed after the deadline',
  async () => {
    const { stdout } = await endsWith(
      0,
      (_api, dir) => {
        const { execFileSync } = require('node:child_process');
        const fs = require('node:fs');
        const { Worker } = require('node:worker_threads');
        execFileSync('mkfifo', [`${dir}/fifo`]);
        const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;
        const reader = fs.openSync(`${dir}/fifo`, O_RDONLY | O_NONBLOCK);
        const fd = fs.openSync(`${dir}/fifo`, O_WRONLY | O_NONBLOCK);
        const source = `
          const { createWriteStream } = require(process.env.SUBJECT_MODULE);
          const stream = createWriteStream('', { fd: ${fd} });
          stream.write(Buffer.alloc(1_000_000));
          const timer = setInterval(() => {
            if (stream.bytesWritten === 0) return;
            clearInterval(timer);
            require('node:worker_threads').parentPort.postMessage('stalls');
          }, 1);
        `;
        const worker = new Worker(source, { eval: true });
        // The time starts here: how long the worker takes to emit 'exit' varies.
        let start;
        worker.on('message', () => {
          start = performance.now();
          worker.terminate();
        });
        // The reader sees the end when the last duplicate is closed, too.
        const hasEnded = () => {
          try {
            return fs.readSync(reader, Buffer.alloc(1)) === 0;
          } catch {
            return false;
          }
        };
        worker.on('exit', () => {
          fs.closeSync(fd);
          // Read from then on: until the deadline the driver waits for the reader.
          const poll = setInterval(() => {
            if (performance.now() - start < 150) return;
            while (!hasEnded()) if (performance.now() - start > 10_000) break;
            clearInterval(poll);
            console.log(performance.now() - start >= 199);
          }, 5);
        });
      },
      { env: { RUSHWRITE_EXIT_TIMEOUT_MS: '200' } },
    );
    assert.strictEqual(stdout, 'true\n');
  },
  { skip: NO_FIFO },
);

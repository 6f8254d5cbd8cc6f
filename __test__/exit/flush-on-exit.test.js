'use strict';

// What was accepted is written when the process or the worker is gone, however it goes.

const assert = require('node:assert');
const { test } = require('node:test');
const { NO_FIFO } = require('../harness/fifo');
const { runInChild } = require('../harness/child');
const { showBytes } = require('../harness/folder');
const { isSelfTest, subject } = require('../harness/subject');

const LINES = Array.from({ length: 3000 }, (_unused, i) => `line ${i}\n`).join('');

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

/** Each writes the lines to the file `out` and comes to an end in one way, with one code. */
const ways = {
  'process.exit()': {
    code: 7,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      for (let i = 0; i < 3000; i++) stream.write(`line ${i}\n`);
      process.exit(7);
    },
  },
  'process.exit() after the open': {
    code: 0,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`, { bufferSize: 1000 });
      stream.on('ready', () => {
        for (let i = 0; i < 3000; i++) stream.write(`line ${i}\n`);
        process.exit();
      });
    },
  },
  'process.exit() with a corked stream': {
    code: 0,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      stream.cork();
      for (let i = 0; i < 3000; i++) stream.write(`line ${i}\n`);
      process.exit();
    },
  },
  'process.exit() of a stream that was ended, in another encoding': {
    code: 0,
    body: ({ createWriteStream }, dir) => {
      let text = '';
      for (let i = 0; i < 3000; i++) text += `line ${i}\n`;
      createWriteStream(`${dir}/out`).end(text, 'latin1');
      process.exit();
    },
  },
  'an uncaught exception': {
    code: 1,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      for (let i = 0; i < 3000; i++) stream.write(`line ${i}\n`);
      throw new Error('uncaught');
    },
  },
  'an unhandled rejection': {
    code: 1,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      for (let i = 0; i < 3000; i++) stream.write(`line ${i}\n`);
      Promise.reject(new Error('unhandled'));
    },
  },
  'the natural end with a corked stream': {
    code: 0,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      stream.on('ready', () => {
        stream.cork();
        for (let i = 0; i < 3000; i++) stream.write(`line ${i}\n`);
      });
    },
  },
  'SIGTERM with the documented recipe': {
    code: 143,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      process.once('SIGTERM', () => process.exit(128 + 15));
      for (let i = 0; i < 3000; i++) stream.write(`line ${i}\n`);
      process.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);
    },
  },
  'an exit listener that writes': {
    code: 0,
    body: ({ createWriteStream }, dir) => {
      let stream;
      process.on('exit', () => stream.write('line 1\n'));
      stream = createWriteStream(`${dir}/out`, { bufferSize: 10 });
      stream.write('line 0\n');
      process.on('exit', () => {
        for (let i = 2; i < 2000; i++) stream.write(`line ${i}\n`);
        stream.cork();
        for (let i = 2000; i < 2500; i++) stream.write(Buffer.from(`line ${i}\n`));
        stream.uncork();
        for (let i = 2500; i < 3000; i++) stream.write(`line ${i}\n`, 'latin1');
      });
      process.exit();
    },
  },
  'an exit listener that uncorks': {
    code: 0,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      process.on('exit', () => stream.uncork());
      // Later than 'ready' the stream has nothing to do, and no flush is due.
      stream.on('ready', () => setImmediate(leave));
      const leave = () => {
        stream.cork();
        for (let i = 0; i < 3000; i++) stream.write(`line ${i}\n`);
        process.exit();
      };
    },
  },
  'an exit listener that corks and uncorks': {
    code: 0,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      process.on('exit', () => {
        for (let i = 0; i < 3000; i++) {
          if (i % 100 === 0) stream.cork();
          stream.write(`line ${i}\n`);
          if (i % 100 === 99) stream.uncork();
        }
      });
      stream.on('ready', () => setImmediate(() => process.exit()));
    },
  },
  'an exit listener that ends a corked stream': {
    code: 0,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      process.on('exit', () => stream.end('line 2999\n'));
      stream.on('ready', () => setImmediate(leave));
      const leave = () => {
        stream.cork();
        for (let i = 0; i < 2999; i++) stream.write(`line ${i}\n`);
        process.exit();
      };
    },
  },
  'an exit listener that ends a corked stream of one chunk, without another': {
    code: 0,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      process.on('exit', () => stream.end());
      stream.on('ready', () => setImmediate(leave));
      const leave = () => {
        let text = '';
        for (let i = 0; i < 3000; i++) text += `line ${i}\n`;
        stream.cork();
        stream.write(text);
        process.exit();
      };
    },
  },
  'flushSync() and process.exit() in the tick of a write, and last words': {
    code: 1,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      process.on('exit', () => stream.write('line 2999\n'));
      stream.on('ready', () => {
        for (let i = 0; i < 2999; i++) stream.write(`line ${i}\n`);
        stream.flushSync();
        process.exit(1);
      });
    },
  },
  'an exit listener that writes with a callback to a corked stream, and ends it': {
    code: 0,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      process.on('exit', () => {
        stream.write('line 2998\n', () => {});
        stream.end('line 2999\n', 'latin1');
      });
      stream.on('ready', () => setImmediate(leave));
      const leave = () => {
        stream.cork();
        for (let i = 0; i < 2998; i++) stream.write(Buffer.from(`line ${i}\n`));
        process.exit();
      };
    },
  },
  'process.exit() in the tick of a write before the open, and last words': {
    code: 1,
    body: ({ createWriteStream }, dir) => {
      const stream = createWriteStream(`${dir}/out`);
      process.on('exit', () => stream.write('line 2999\n'));
      for (let i = 0; i < 2999; i++) stream.write(`line ${i}\n`);
      process.exit(1);
    },
  },
  'an exit listener that makes the stream': {
    code: 0,
    body: ({ createWriteStream }, dir) => {
      process.on('exit', () => {
        const stream = createWriteStream(`${dir}/out`, { highWaterMark: 10 });
        for (let i = 0; i < 2999; i++) stream.write(`line ${i}\n`);
        stream.end('line 2999\n');
      });
      createWriteStream(`${dir}/other`).write('x');
    },
  },
  'process.exit() in a worker': {
    code: 0,
    body: (_api, dir) => {
      const { Worker } = require('node:worker_threads');
      const source = `
        const { createWriteStream } = require(process.env.SUBJECT_MODULE);
        const stream = createWriteStream(${JSON.stringify(`${dir}/out`)});
        for (let i = 0; i < 3000; i++) stream.write('line ' + i + '\\n');
        process.exit(3);
      `;
      new Worker(source, { eval: true }).on('exit', (code) => {
        if (code !== 3) process.exit(code);
      });
    },
  },
  'an uncaught exception in a worker': {
    code: 0,
    body: (_api, dir) => {
      const { Worker } = require('node:worker_threads');
      const source = `
        const { createWriteStream } = require(process.env.SUBJECT_MODULE);
        const stream = createWriteStream(${JSON.stringify(`${dir}/out`)});
        for (let i = 0; i < 3000; i++) stream.write('line ' + i + '\\n');
        throw new Error('in the worker');
      `;
      new Worker(source, { eval: true }).on('error', () => {});
    },
  },
};

for (const [way, { code, body }] of Object.entries(ways)) {
  promise(`${way}: all of it is written, in order`, async () => {
    const { files, stderr } = await endsWith(code, body);
    assert.strictEqual(files.out.bytes, showBytes(Buffer.from(LINES)), stderr);
  });
}

promise('an unread error of the system is told on stderr', async () => {
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
  'a stalled pipe holds the exit up to the deadline, and the loss is told with its bytes',
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
      // Time enough for the other stream, however busy the machine is.
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
  'a FIFO that nobody reads from does not keep the process from its end',
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
  'flushOnExit: false waits for nothing and tells nothing',
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

promise('many streams under one deadline', async () => {
  const { files } = await endsWith(0, ({ createWriteStream }, dir) => {
    for (let i = 0; i < 300; i++) createWriteStream(`${dir}/${i}`).write(`file ${i}`);
    process.exit();
  });
  assert.strictEqual(Object.keys(files).length, 300);
  for (let i = 0; i < 300; i++) assert.strictEqual(files[i].bytes, `file ${i}`);
});

promise('a socket: what its peer has room for is on its way when the process is gone', async () => {
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
  'terminate() of a worker whose reader stalls closes the pipe after the deadline',
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
        // Counted from here: how long the worker takes to its 'exit' is chance.
        let start;
        worker.on('message', () => {
          start = performance.now();
          worker.terminate();
        });
        // The descriptor is closed, or a number of its own by now.
        const isOpen = () => {
          try {
            return fs.fstatSync(fd).isFIFO();
          } catch {
            return false;
          }
        };
        worker.on('exit', () => {
          const poll = setInterval(() => {
            if (isOpen()) return;
            clearInterval(poll);
            console.log(performance.now() - start >= 199, reader > 0);
          }, 5);
        });
      },
      { env: { RUSHWRITE_EXIT_TIMEOUT_MS: '200' } },
    );
    assert.strictEqual(stdout, 'true true\n');
  },
  { skip: NO_FIFO },
);

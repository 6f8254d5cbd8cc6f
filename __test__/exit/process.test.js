'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const { parityInChild, runInChild } = require('../harness/child');
const { oracle, subject } = require('../harness/subject');

parityInChild('an idle open stream lets the process end', ({ createWriteStream }, dir) => {
  const stream = createWriteStream(`${dir}/out`);
  stream.write('written', () => console.log('written'));
  process.on('exit', (code) => console.log('exit', code, stream.destroyed, stream.pending));
});

parityInChild('a stream never written to lets the process end', ({ createWriteStream }, dir) => {
  createWriteStream(`${dir}/out`).on('open', () => console.log('open'));
});

parityInChild('a stream by number lets the process end', ({ createWriteStream }, dir) => {
  const fd = require('node:fs').openSync(`${dir}/out`, 'w');
  createWriteStream('', { fd });
  console.log('made');
});

parityInChild('the natural end writes everything', ({ createWriteStream }, dir) => {
  const stream = createWriteStream(`${dir}/out`);
  for (let i = 0; i < 50_000; i++) stream.write(`line ${i}\n`);
});

parityInChild('pending work keeps the process alive until close', ({ createWriteStream }, dir) => {
  const stream = createWriteStream(`${dir}/out`);
  for (let i = 0; i < 30; i++) stream.write(Buffer.alloc(1 << 20, i));
  stream.end(() => console.log('end cb'));
  for (const event of ['open', 'ready', 'finish', 'close']) {
    stream.on(event, () => console.log(event));
  }
  process.on('exit', () => console.log('exit', stream.bytesWritten));
});

parityInChild('many streams at once all finish', ({ createWriteStream }, dir) => {
  let closed = 0;
  for (let i = 0; i < 200; i++) {
    const stream = createWriteStream(`${dir}/${i}`);
    stream.write(`file ${i}\n`);
    stream.end('x'.repeat(i));
    stream.on('close', () => {
      closed += 1;
    });
  }
  process.on('exit', () => console.log('closed', closed));
});

parityInChild('ended streams leave no descriptor open', ({ createWriteStream }, dir) => {
  const { readdirSync, existsSync } = require('node:fs');
  const folder = ['/proc/self/fd', '/dev/fd'].find(existsSync);
  const countOpen = () => (folder ? readdirSync(folder).length : 0);
  const write = (name) =>
    new Promise((resolve) => {
      createWriteStream(`${dir}/${name}`).end('x').on('close', resolve);
    });
  const round = async () => {
    for (let i = 0; i < 30; i++) await write(i);
    await Promise.all(Array.from({ length: 30 }, (_unused, i) => write(`all ${i}`)));
  };
  round().then(async () => {
    const before = countOpen();
    await round();
    console.log('more descriptors', countOpen() - before);
  });
});

parityInChild('an error without a listener ends the process', ({ createWriteStream }, dir) => {
  process.on('exit', (code) => console.log('exit', code));
  createWriteStream(`${dir}/no/folder`);
});

parityInChild('an uncaught write error carries its fields', ({ createWriteStream }, dir) => {
  process.on('uncaughtException', (error) => {
    console.log(error.code, error.syscall, error.message, error.errno < 0);
  });
  createWriteStream(`${dir}/no/folder`).end('x');
});

parityInChild('the loop waits for a write callback', ({ createWriteStream }, dir) => {
  const stream = createWriteStream(`${dir}/out`);
  let rounds = 0;
  const next = () => {
    rounds += 1;
    if (rounds < 100) stream.write(`${rounds}\n`, next);
  };
  stream.on('open', next);
  process.on('exit', () => console.log('rounds', rounds, stream.bytesWritten));
});

parityInChild('stdout by number', ({ createWriteStream }) => {
  const stream = createWriteStream(null, { fd: 1, autoClose: false });
  for (let i = 0; i < 3000; i++) stream.write(`line ${i}\n`);
  stream.end('the end\n');
});

parityInChild('require alone lets the process end', (api) => {
  console.log(typeof api.createWriteStream, typeof api.WriteStream);
});

parityInChild('a worker writes and ends', (_api, dir) => {
  const { Worker } = require('node:worker_threads');
  const source = `
    const { createWriteStream } = require(process.env.SUBJECT_MODULE);
    const { workerData, parentPort } = require('node:worker_threads');
    const stream = createWriteStream(workerData);
    for (let i = 0; i < 5000; i++) stream.write('line ' + i + '\\n');
    stream.end(() => parentPort.postMessage(stream.bytesWritten));
  `;
  // One after the other, so that the output has a fixed order.
  const next = (left) => {
    const worker = new Worker(source, { eval: true, workerData: `${dir}/${left}` });
    worker.on('message', (bytes) => console.log('bytes', bytes));
    worker.on('exit', (code) => {
      console.log('exit', code);
      if (left > 1) next(left - 1);
    });
  };
  next(3);
});

test('a worker terminated while it writes does not harm the process', async () => {
  for (const api of [oracle, subject]) {
    const { code, signal, stdout } = await runInChild(api, (_api, dir) => {
      const { Worker } = require('node:worker_threads');
      const source = `
        const { createWriteStream } = require(process.env.SUBJECT_MODULE);
        const { workerData, parentPort } = require('node:worker_threads');
        const stream = createWriteStream(workerData);
        stream.write('x', () => parentPort.postMessage('writing'));
        setInterval(() => stream.write(Buffer.alloc(100000)), 0);
      `;
      let left = 10;
      const next = () => {
        const worker = new Worker(source, { eval: true, workerData: `${dir}/out` });
        worker.on('message', () => worker.terminate());
        worker.on('exit', () => {
          left -= 1;
          if (left > 0) next();
          else console.log('done');
        });
      };
      next();
    });
    assert.deepStrictEqual({ code, signal, stdout }, { code: 0, signal: null, stdout: 'done\n' });
  }
});

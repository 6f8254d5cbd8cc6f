'use strict';

// pino over the SonicBoom face, over createWriteStream and over the transport: every record once, in order,
// whatever way the process ends.

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { promisify } = require('node:util');
const pino = require('pino');
const { LogFolder } = require('../harness/logs');
const SonicBoom = require('../../sonic-boom.js');
const { createWriteStream } = require('../..');

const run = promisify(execFile);
const TRANSPORT = require.resolve('../../pino.js');
const COUNT = 5000;

/** The records of a file must be 0, 1, 2 … */
function assertRecords(text, count) {
  const numbers = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).n);
  assert.deepStrictEqual(
    numbers,
    Array.from({ length: count }, (_, n) => n),
  );
}

/** Like `once()`. The thread of a transport does not keep the process alive; this does. */
async function told(emitter, event) {
  const alive = setInterval(() => {}, 1000);
  try {
    return await once(emitter, event);
  } finally {
    clearInterval(alive);
  }
}

const destinations = {
  'sonic-boom, async': (dest) => new SonicBoom({ dest, sync: false }),
  'sonic-boom, minLength': (dest) => new SonicBoom({ dest, sync: false, minLength: 4096 }),
  'sonic-boom, sync': (dest) => new SonicBoom({ dest, sync: true }),
  createWriteStream: (dest) => createWriteStream(dest),
};

for (const [name, make] of Object.entries(destinations)) {
  test(`${name}: records arrive in order`, async (t) => {
    const logs = new LogFolder(t);
    const stream = make(logs.log);
    const logger = pino(stream);
    for (let n = 0; n < COUNT; n++) logger.info({ n }, 'a record');
    stream.end();
    await once(stream, 'close');
    assertRecords(logs.text(), COUNT);
  });
}

for (const name of ['sonic-boom, async', 'sonic-boom, minLength', 'sonic-boom, sync']) {
  test(`${name}: flush(cb) calls back when the records are in the file`, async (t) => {
    const logs = new LogFolder(t);
    const stream = destinations[name](logs.log);
    const logger = pino(stream);
    for (let n = 0; n < 100; n++) logger.info({ n });
    await new Promise((resolve, reject) => {
      logger.flush((error) => (error ? reject(error) : resolve()));
    });
    assertRecords(logs.text(), 100);
    stream.end();
    await once(stream, 'close');
  });
}

const ENDS = {
  'process.exit()': 'process.exit();',
  'an uncaught error': "throw new Error('uncaught');",
  'the natural end': '',
};

for (const [end, code] of Object.entries(ENDS)) {
  for (const minLength of [0, 4096]) {
    test(`${end}, minLength ${minLength}: nothing is lost`, async (t) => {
      const logs = new LogFolder(t);
      const program = `
        const pino = require(${JSON.stringify(require.resolve('pino'))});
        const SonicBoom = require(${JSON.stringify(require.resolve('../../sonic-boom.js'))});
        const dest = new SonicBoom({ dest: process.argv[1], sync: false, minLength: ${minLength} });
        const logger = pino(dest);
        for (let n = 0; n < 1000; n++) logger.info({ n });
        ${code}
      `;
      await run(process.execPath, ['-e', program, logs.log]).catch(() => {});
      assertRecords(logs.text(), 1000);
    });
  }
}

for (const durability of ['buffered', 'written', 'synced']) {
  test(`the transport, ${durability}: records arrive in order`, async (t) => {
    const logs = new LogFolder(t);
    const file = logs.path('folder/app.log');
    const transport = pino.transport({
      target: TRANSPORT,
      options: { file, mkdir: true, durability },
    });
    const logger = pino(transport);
    for (let n = 0; n < 500; n++) logger.info({ n });
    transport.end();
    await told(transport, 'close');
    assertRecords(fs.readFileSync(file, 'utf8'), 500);
  });
}

test('the transport rotates, and tells of a file that can not be opened', async (t) => {
  const logs = new LogFolder(t);
  const options = { file: logs.log, rotate: { size: 10_000 } };
  const transport = pino.transport({ target: TRANSPORT, options });
  const logger = pino(transport);
  for (let n = 0; n < 1000; n++) logger.info({ n });
  transport.end();
  await told(transport, 'close');
  assertRecords(logs.text(), 1000);
  assert.ok(logs.files().length > 5);
  const failing = pino.transport({
    target: TRANSPORT,
    options: { file: logs.path('none/app.log') },
  });
  const [error] = await told(failing, 'error');
  assert.match(error.message, /ENOENT/);
});

test('process.exit() in the thread that logs loses nothing that the transport was sent', async (t) => {
  const logs = new LogFolder(t);
  const program = `
    const pino = require(${JSON.stringify(require.resolve('pino'))});
    const logger = pino({ transport: { target: ${JSON.stringify(TRANSPORT)}, options: { file: process.argv[1] } } });
    for (let n = 0; n < 1000; n++) logger.info({ n });
    process.exit();
  `;
  await run(process.execPath, ['-e', program, logs.log]);
  assertRecords(logs.text(), 1000);
});

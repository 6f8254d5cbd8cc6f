'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { once } = require('node:events');
const { Worker, isMainThread, workerData } = require('node:worker_threads');

const { createWriteStream } = require('../../index.js');

async function main() {
  const file = path.join(process.argv[2], 'out');
  const worker = new Worker(__filename, { workerData: file });
  const [code] = await once(worker, 'exit');
  assert.strictEqual(code, 0);
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'from a worker');
  console.log('ok');
}

if (isMainThread) main();
else createWriteStream(workerData).end('from a worker');

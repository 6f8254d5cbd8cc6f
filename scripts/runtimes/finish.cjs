'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { once } = require('node:events');

const { finished, pipeline } = require('node:stream/promises');
const { createWriteStream } = require('../../index.js');

const file = path.join(process.argv[2], 'out');
const source = Buffer.alloc(1_000_003, 'the data of the guide ');

async function main() {
  fs.writeFileSync(file, source);
  const copy = createWriteStream(`${file}.copy`, { flush: true });
  const events = [];
  for (const name of ['open', 'ready', 'finish', 'close']) copy.on(name, () => events.push(name));
  await pipeline(fs.createReadStream(file), copy);
  if (!copy.closed) await once(copy, 'close');
  assert.deepStrictEqual(events, ['open', 'ready', 'finish', 'close']);
  assert.ok(fs.readFileSync(`${file}.copy`).equals(source));
  const empty = createWriteStream(`${file}.empty`);
  empty.end();
  await finished(empty);
  console.log('ok');
}

main();

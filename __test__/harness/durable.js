'use strict';

// A program run under strace, which makes some of its system calls fail, or only writes them down. It
// replaces files, and appends to a journal with a sync behind each record. Prints how all that ended.
//
//   node durable.js atomic|journal|retry <folder> <streams>

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { createWriteStream } = require('../..');

const closeOf = (stream) => new Promise((resolve) => stream.on('close', resolve));

const endings = {};

function note(ending) {
  endings[ending] = (endings[ending] ?? 0) + 1;
}

const nameOf = (error) => `${error.syscall} ${error.code}`;

async function replace(folder, i) {
  const file = path.join(folder, `target-${i}`);
  fs.writeFileSync(file, 'old');
  const stream = createWriteStream(file, { atomic: true });
  const events = [];
  stream.on('finish', () => events.push('finish'));
  stream.on('error', (error) => events.push(nameOf(error)));
  stream.write('new, ');
  stream.end('whole');
  await closeOf(stream);
  assert.strictEqual(events.length, 1, `${events}`);
  const text = fs.readFileSync(file, 'latin1');
  // Only a folder that can't be synced is told of behind the rename.
  const isNew = events[0] === 'finish' || (stream.errored.syscall === 'fsync' && text !== 'old');
  assert.strictEqual(text, isNew ? 'new, whole' : 'old');
  note(`${events[0]}: ${text === 'old' ? 'old' : 'new'}`);
}

async function journal(folder, i) {
  const file = path.join(folder, `journal-${i}`);
  const stream = createWriteStream(file, { flags: 'a' });
  stream.on('error', () => {});
  let failure = null;
  for (let record = 0; record < 10; record++) {
    stream.write(`${record}\n`);
    const [first, second] = await Promise.allSettled([stream.sync(), stream.sync()]);
    if (failure === null && first.status === 'fulfilled') continue;
    failure ??= first.reason;
    // Never hidden, never another one.
    for (const { status, reason } of [first, second]) {
      assert.strictEqual(status, 'rejected');
      assert.strictEqual(reason, failure);
    }
  }
  if (failure === null) {
    stream.end();
    await once(stream, 'finish');
  } else {
    assert.strictEqual(stream.errored, failure);
  }
  note(failure === null ? 'synced' : nameOf(failure));
}

async function retry(folder, i) {
  const file = path.join(folder, `retried-${i}`);
  const options = { start: 0, retry: { on: ['ENOSPC', 'EIO'], delay: 1 } };
  const stream = createWriteStream(file, options);
  const events = [];
  for (const event of ['stall', 'recover', 'error']) stream.on(event, () => events.push(event));
  let expected = '';
  for (let record = 0; record < 100; record++) {
    const line = `${record} ${'.'.repeat((record * 7919) % 2111)}\n`;
    expected += line;
    if (!stream.write(line)) await once(stream, 'drain');
    if (record % 10 === 0) await new Promise(setImmediate);
  }
  stream.end();
  await closeOf(stream);
  assert.ok(fs.readFileSync(file, 'latin1') === expected, 'every byte once');
  const pairs = events.filter((event) => event === 'stall').length;
  assert.deepStrictEqual(events, Array.from({ length: pairs }, () => ['stall', 'recover']).flat());
  note(pairs > 0 ? 'recovered' : 'written');
}

async function main(what, folder, streams) {
  const run = { atomic: replace, journal, retry }[what];
  for (let i = 0; i < streams; i++) await run(folder, i);
  const left = fs.readdirSync(folder).filter((name) => name.includes('.rushwrite-'));
  assert.deepStrictEqual(left, []);
  console.log(JSON.stringify(endings));
}

const [what, folder, streams] = process.argv.slice(2);
main(what, folder, Number(streams));

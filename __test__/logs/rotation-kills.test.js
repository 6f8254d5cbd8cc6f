'use strict';

// A process that rotates is killed at random moments: what it had flushed is in the files once, and nothing
// but whole files is left after the next start.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { LogFolder } = require('../harness/logs');
const { numbersOf, report, rounds } = require('../harness/scale');
const { createWriteStream } = require('../..');

const program = require.resolve('../harness/log-writer.js');
const KILLS = rounds(8, 100);
const ROTATE = { size: 20_000, compress: 'gzip' };

/** Runs until it has said so many lines, and is killed then. Returns how many records it has flushed. */
async function killed(log, first, lines, delayMs) {
  const args = [program, log, 'a', `${first}`, '1000000000', JSON.stringify({ rotate: ROTATE })];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let flushed = first;
  let seen = 0;
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const told = (rest + text).split('\n');
    rest = told.pop();
    if (told.length > 0) flushed = Number(told.at(-1));
    seen += told.length;
    if (seen >= lines) setTimeout(() => child.kill('SIGKILL'), delayMs);
  });
  await once(child, 'close');
  return flushed;
}

/** A kill may cut the last write, of which nobody was told: what is left of its last record goes. */
function trim(logs) {
  if (!fs.existsSync(logs.log)) return;
  const bytes = fs.readFileSync(logs.log);
  fs.truncateSync(logs.log, bytes.lastIndexOf('\n') + 1);
}

function numbersIn(logs) {
  const lines = logs.text().split('\n');
  assert.strictEqual(lines.pop(), '', 'the last line is whole');
  return lines.map((line) => {
    const [, number, dots] = /^a (\d+) (\.*)$/.exec(line) ?? assert.fail(`torn: ${line}`);
    assert.strictEqual(dots.length, (Number(number) * 7919) % 97);
    return Number(number);
  });
}

test('what was flushed is there once, in order, whatever the kill has cut', async (t) => {
  const logs = new LogFolder(t);
  const next = numbersOf(19);
  let first = 0;
  for (let round = 0; round < KILLS; round++) {
    const flushed = await killed(logs.log, first, 5 + next(60), next(5));
    trim(logs);
    const numbers = numbersIn(logs);
    // A record that was not flushed may be there or not; none is missing between two.
    first = numbers.length;
    assert.deepStrictEqual(numbers, [...numbers.keys()]);
    assert.ok(first >= flushed, `${flushed} were flushed, ${first} are there`);
  }
  const last = createWriteStream(logs.log, { rotate: ROTATE });
  await once(last, 'open');
  last.end();
  await once(last, 'close');
  const isWhole = (name) => name === 'app.log' || name.endsWith('Z.log.gz');
  while (!logs.names().every(isWhole)) await new Promise(setImmediate);
  assert.strictEqual(numbersIn(logs).length, first);
  const rotations = logs.files().length - 1;
  assert.ok(rotations >= KILLS, `${rotations} rotations`);
  report(t, `${KILLS} kills, ${rotations} rotations, ${first} records`);
});

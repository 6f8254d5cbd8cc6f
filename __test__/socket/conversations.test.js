'use strict';

// Random conversations through a proxy that stalls, cuts, ends halves and resets at random bytes. Client and
// server are ours. Whatever happens, each write and end is told once, in order, what arrives is a beginning of
// what was sent, and who is told the end has all of it. Where nothing happens on the way both sides have the outcome
// that they have with net.

const assert = require('node:assert');
const { test } = require('node:test');
const { converse, resetPorts } = require('../harness/conversation');
const { isLong, rounds } = require('../harness/scale');
const { oracle, subject } = require('../harness/subject');

const CONVERSATIONS = rounds(60, 2000);
/** Of a side that has ended, too; Node 20 and 22 make an end of such a reset, with net as well. */
const TELLS_RESETS = Number.parseInt(process.versions.node, 10) >= 24;
function check({ seed, fate, one, two }) {
  for (const [side, peer] of [
    [one, two],
    [two, one],
  ]) {
    const name = `conversation ${seed}, ${fate}`;
    assert.ok(side.isFaithful, `${name}: other bytes`);
    assert.ok(side.received <= peer.sent, `${name}: more bytes`);
    assert.strictEqual(side.told, side.writes, `${name}: callbacks`);
    const told = side.order.map(Math.abs);
    assert.deepStrictEqual(
      told,
      [...told].sort((a, b) => a - b),
      `${name}: order`,
    );
    if (fate === 'none') {
      assert.strictEqual(side.received, peer.sent, `${name}: all bytes`);
      assert.ok(side.isEnded, `${name}: an end`);
      assert.deepStrictEqual(side.errors, [], name);
    }
    const isReset = resetPorts.has(side.port) && (TELLS_RESETS || !side.socket.writableFinished);
    if (side.isEnded && (fate === 'none' || isReset)) {
      assert.strictEqual(side.received, peer.sent, `${name}: a false end`);
    }
  }
}

/** What both classes give each time, if nothing happens on the way. */
function outcomeOf({ sent, received, writes, told, order, errors, isEnded }) {
  return { sent, received, writes, told, order, errors, isEnded };
}

/** Of both sides in turn; null where net's outcome varies. */
const outcomesOf = ({ fate, one, two }) => (fate === 'none' ? [one, two].map(outcomeOf) : null);

test(`${CONVERSATIONS} random conversations`, {
  timeout: isLong ? 1800_000 : 120_000,
}, async () => {
  const first = isLong ? 1 : 1000;
  for (let seed = first; seed < first + CONVERSATIONS; seed++) {
    const conversation = await converse(subject, seed);
    check(conversation);
    const outcomes = outcomesOf(conversation);
    if (outcomes === null) continue;
    const name = `conversation ${seed}, as with net`;
    assert.deepStrictEqual(outcomes, outcomesOf(await converse(oracle, seed)), name);
  }
});

test('the same with net proves that they are sound', async () => {
  for (let seed = 5000; seed < 5010; seed++) check(await converse(oracle, seed));
});

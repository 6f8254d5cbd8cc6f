'use strict';

// What comes of conversations that a proxy disturbs is a matter of chance, with net, too. So the outcomes are compared
// as sets: whatever a side of ours is told, net's was told the same in some conversation with a disturbance of the
// same kind. Sets that are almost complete take minutes, so this is a test of `npm run test:stress` alone.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const { converse } = require('../harness/conversation');
const { Peer } = require('../harness/peer');
const { isLong } = require('../harness/scale');
const { oracle, subject } = require('../harness/subject');

const SEEDS = 1000;
/** How often each class has the same conversation. */
const TIMES = 2;
/** How many further conversations net has where ours had an outcome that net's had not: some are rare with both. */
const MORE_SEEDS = 10_000;
/** How often it has the one again in which that was. */
const ATTEMPTS = 50;
/** The system does not take so many at once. */
const STALLING_BYTES = 16 << 20;

/** What the proxy does to its two connections. An accepted socket and a connected one have no other outcomes. */
const KINDS = {
  'reset client': { client: 'reset', server: 'ended' },
  'reset server': { client: 'ended', server: 'reset' },
  cut: { client: 'cut', server: 'cut' },
  'stall client': { client: 'cut', server: 'cut' },
  'stall server': { client: 'cut', server: 'cut' },
  'half-close': { client: 'unread', server: 'half-closed' },
};

/** A write that was under way when the socket failed: net cancels it, with us it has the socket's error. */
const CANCELLED = 'ECANCELED (write)';

/** What both sides were told, in a line each. */
function outcomesOf({ fate, one, two }) {
  return Object.entries({ client: one, server: two }).map(([role, { events, results }]) => {
    const failure = events.find((event) => event.startsWith('error '))?.slice('error '.length);
    const told = results.map((name) => (isItsError(name, failure) ? 'its error' : name));
    return `${KINDS[fate][role]}: ${events.join(', ')}; callbacks: ${told.join(', ')}`;
  });
}

function isItsError(name, failure) {
  return failure !== undefined && (name === failure || name === CANCELLED);
}

/** Fills `outcomes`, by the seeds of conversations in which they were seen first. */
async function repeat(api, seed, times, outcomes) {
  for (let i = 0; i < times; i++) {
    const conversation = await converse(api, seed);
    if (conversation.fate === 'none') return;
    for (const outcome of outcomesOf(conversation)) {
      if (!outcomes.has(outcome)) outcomes.set(outcome, seed);
    }
  }
}

test('outcomes of disturbed conversations are among those of net', {
  timeout: 1800_000,
  skip: isLong ? false : 'only sets that are almost complete can be compared',
}, async () => {
  const nets = new Map(await rareOutcomes());
  const ours = new Map();
  for (let seed = 1; seed <= SEEDS; seed++) {
    await repeat(oracle, seed, TIMES, nets);
    await repeat(subject, seed, TIMES, ours);
  }
  await searchFor(ours, nets);
  const others = [...ours].filter(([outcome]) => !nets.has(outcome));
  assert.deepStrictEqual(others, [], 'outcomes and seeds');
});

/** Of a reset that net's read finds while a write waits, and after all writes: net has them rarely by chance. */
async function rareOutcomes() {
  const outcomes = [];
  for (const length of [1, STALLING_BYTES]) {
    const peer = await new Peer({ reads: false }).listen();
    const socket = oracle.connect(peer.where).resume();
    const [other] = await Promise.all([peer.accepted(), once(socket, 'connect')]);
    const isStalled = length > 1;
    const told = new Promise((resolve) => socket.write(Buffer.alloc(length), resolve));
    if (!isStalled) assert.ok(!(await told));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    other.resetAndDestroy();
    const [error] = await Promise.all([once(socket, 'error').then(([one]) => one), closed]);
    assert.deepStrictEqual([error.code, error.syscall], ['ECONNRESET', 'read']);
    const callbacks = isStalled ? 'ok, its error' : 'ok';
    for (const kind of ['reset', 'cut']) {
      outcomes.push([`${kind}: error ECONNRESET (read), close true; callbacks: ${callbacks}`, 0]);
    }
    await peer.finish();
  }
  return outcomes;
}

/** Lets net have conversations until it had all the outcomes, or enough of them. */
async function searchFor(outcomes, nets) {
  const isComplete = () => [...outcomes.keys()].every((outcome) => nets.has(outcome));
  for (const [outcome, seed] of outcomes) {
    if (!nets.has(outcome)) await repeat(oracle, seed, ATTEMPTS, nets);
  }
  for (let seed = SEEDS + 1; seed <= SEEDS + MORE_SEEDS && !isComplete(); seed++) {
    await repeat(oracle, seed, 1, nets);
  }
}

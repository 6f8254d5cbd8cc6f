'use strict';

// Runs one scenario on Node's class and on ours. Files, log and thrown errors must be the same, and
// for sockets what the peers received.

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { test } = require('node:test');
const { makeFolder, readFolder, removeFolder } = require('./folder');
const { rounds } = require('./scale');
const { isSelfTest, oracle, subject } = require('./subject');
const { World } = require('./world');

/** A scenario that takes longer has hung. Ten times the rounds may take ten times as long. */
const LIMIT_MS = rounds(60_000, 600_000);

// Turns of the loop after a scenario, to catch an event that is emitted twice.
const SETTLING_TURNS = 5;

/**
 * Registers a test that runs `scenario(world)` on both sides.
 *
 * options.differs(expected) - a documented difference: takes Node's record and returns ours.
 * options.beginningOf - file name to text, for streams that are destroyed: Node drops its queue,
 *   ours may have written it already. Each file must be a prefix of the text.
 * options.skip - why this platform cannot run it.
 * options.World - the class of `world`.
 */
function parity(name, scenario, options = {}) {
  const { differs = (expected) => expected, beginningOf = {}, skip, World: Of } = options;
  test(name, { skip }, async () => {
    const expected = withBeginnings(await run(oracle, scenario, Of), beginningOf);
    assert.ok(expected.log.length > 0, 'the scenario must log something');
    const actual = withBeginnings(await run(subject, scenario, Of), beginningOf);
    assert.deepStrictEqual(actual, isSelfTest ? expected : differs(expected));
  });
}

function withBeginnings({ files, ...rest }, beginningOf) {
  const entries = Object.entries(files).map(([name, entry]) => {
    const text = beginningOf[name];
    if (text === undefined || !text.startsWith(entry.bytes)) return [name, entry];
    return [name, { ...entry, bytes: `a beginning of ${text}` }];
  });
  return { ...rest, files: Object.fromEntries(entries) };
}

/** Registers a test of a promise that Node does not make; `scenario` asserts by itself. */
function ours(name, scenario, options = {}) {
  test(name, options, async () => {
    await run(subject, scenario, options.World);
  });
}

/** Like `ours`, where Node's own class is known to fail, hang or die. */
function oursAlone(name, scenario, options = {}) {
  const skip = isSelfTest ? 'Node itself fails here' : options.skip;
  ours(name, scenario, { ...options, skip });
}

async function run(api, scenario, Of = World) {
  const dir = makeFolder();
  const world = new Of(api, dir);
  try {
    const others = await runIn(world, scenario);
    return { log: world.log, files: readFolder(dir), ...others };
  } finally {
    removeFolder(dir);
  }
}

async function runIn(world, scenario) {
  let others;
  try {
    await within(LIMIT_MS, world, scenario(world, world.api));
    await settle();
  } finally {
    others = await within(LIMIT_MS, world, world.end());
  }
  return others;
}

async function within(limitMs, world, promise) {
  let timer;
  const limit = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(timeoutMessage(world))), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function timeoutMessage({ api, log }) {
  return `${api.name} did not come to an end; its log so far: ${JSON.stringify(log, null, 2)}`;
}

async function settle() {
  for (let turn = 0; turn < SETTLING_TURNS; turn++) await nextTurn();
}

module.exports = { oracle, ours, oursAlone, parity, run, subject };

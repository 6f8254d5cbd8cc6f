'use strict';

// Programs of combinations: what is written to, with which options, the steps and the way it ends. A seed repeats one.
//
// A program is plain data, so that one that fails can be printed, and shortened by hand.

const { numbersOf } = require('../scale');

const ENCODINGS = ['utf8', 'latin1', 'ascii', 'hex', 'base64', 'base64url', 'utf16le'];

/** Chances, as lists of which one entry is drawn. */
const PLACES = [
  'file',
  'file',
  'file',
  'file',
  'fd',
  'handle',
  'small',
  'small',
  'small',
  'fifo',
  'full',
  'missing',
];
const SIZES = [0, 1, 3, 10, 40, 100, 100, 300, 1000, 1100, 5000, 16_000, 20_000, 70_000, 200_000];
const SMALL_SIZES = [0, 1, 3, 10, 40, 100, 100, 300, 1000, 1100, 5000, 16_000, 20_000];
const STEPS = [
  ...Array(14).fill('write'),
  ...Array(4).fill('lines'),
  ...Array(2).fill('cork'),
  ...Array(3).fill('uncork'),
  ...Array(3).fill('sync'),
  'syncMetadata',
  ...Array(2).fill('flushSync'),
  'flushAllSync',
  'setDefaultEncoding',
  'reopen',
  'reopen',
  'renameAndReopen',
  'moveAway',
  'fill',
  'makeRoom',
  'read',
  'stats',
  'end',
  'destroy',
  ...Array(3).fill('micro'),
  ...Array(3).fill('tick'),
  ...Array(5).fill('turn'),
  ...Array(2).fill('turns'),
  ...Array(2).fill('wait'),
  ...Array(2).fill('opened'),
  ...Array(2).fill('drain'),
  ...Array(2).fill('written'),
  'synced',
  ...Array(5).fill('nested'),
  'idle',
];

/** When a step is taken that is nested in another. */
const MOMENTS = [
  ...Array(6).fill('callback'),
  'synced',
  'open',
  'ready',
  'drain',
  'stall',
  'recover',
  'reopen',
  'rotate',
  'drop',
  'prefinish',
  'finish',
  'error',
  'close',
  'endCallback',
];
const NESTED = [
  'write',
  'write',
  'lines',
  'uncork',
  'sync',
  'flushSync',
  'flushAllSync',
  'reopen',
  'stats',
  'end',
  'destroy',
  'makeRoom',
  'setDefaultEncoding',
];
const TOO_LATE = ['write', 'lines', 'end', 'destroy'];
const ENDS = [
  'end',
  'end',
  'end',
  'endChunk',
  'endChunk',
  'endCallback',
  'endCallback',
  'close',
  'destroySoon',
  'endTwice',
];
const BREAKS = [
  'destroy',
  'destroyError',
  'abort',
  'endDestroy',
  'endTickDestroy',
  'endTurnDestroy',
];

/** The program of a seed. */
function programOf(seed) {
  const number = numbersOf(seed);
  for (let i = 0; i < 8; i++) number(2);
  const one = (list) => list[number(list.length)];
  const chance = (percent) => number(100) < percent;
  const place = one(PLACES);
  const options = optionsOf(place, { number, one, chance });
  const steps = stepsOf(place, { number, one, chance });
  const isBroken = chance(30);
  return { seed, place, options, steps, ending: one(isBroken ? BREAKS : ENDS) };
}

/** The programs that are played at the same time: the first is that of the seed. */
function programsOf(seed) {
  const others = seed % 4 === 0 ? seed % 3 : 0;
  const programs = Array.from({ length: 1 + others }, (_, i) => programOf(seed + i * 1_000_000));
  // A disk that one of them fills would stop the others.
  return programs.map((one, i) =>
    i > 0 && one.place === 'small' ? { ...one, place: 'file' } : one,
  );
}

/** The same, but the thread ends in the middle. */
function leavingProgramOf(seed) {
  const program = programOf(seed);
  const at = numbersOf(seed + 7)(program.steps.length + 1);
  return { ...program, steps: [...program.steps.slice(0, at), { kind: 'exit' }] };
}

function optionsOf(place, { number, one, chance }) {
  const options = {};
  if (chance(25)) options.highWaterMark = one([1, 100, 1000, 16_384, 65_536, 300_000]);
  if (chance(25)) options.bufferSize = one([0, 1, 100, 5000, 65_536, 300_000]);
  if (chance(20)) options.maxBuffered = one([1, 200, 5000, 50_000, 300_000]);
  if (chance(70) && options.maxBuffered) options.overflow = 'drop';
  if (chance(12)) options.flush = true;
  if (chance(5) && (options.maxBuffered === undefined || options.overflow))
    options.autoClose = false;
  if (chance(4)) options.emitClose = false;
  if (chance(8)) options.defaultEncoding = one(ENCODINGS);
  if (chance(10)) options.signal = true;
  if (place === 'small' || place === 'full') {
    options.retry = chance(80) ? { delay: one([1, 2, 5]) } : undefined;
    if (options.retry && (place === 'full' || chance(10))) options.retry.limit = number(30);
  } else if (chance(15)) {
    options.retry = { delay: 1 };
  }
  const isPath = place === 'file' || place === 'small' || place === 'missing';
  if (!isPath) return options;
  if (place !== 'missing' && chance(10)) options.mkdir = true;
  const kind = number(10);
  if (kind < 2) {
    options.rotate = { size: one([1, 50, 1000, 10_000, 100_000]) };
    if (chance(25)) options.rotate.interval = one([1, 3, 10]);
  }
  if (kind === 1 || kind === 2) options.follow = one([0, 1, true]);
  if (kind === 3) options.atomic = true;
  if (kind === 4 || kind === 5) options.flags = one(['a', 'wx', 'w+', 'a+']);
  if (kind === 6 && place !== 'missing') options.start = one([0, 5, 5000]);
  return options;
}

function stepsOf(place, chances) {
  const { number, one, chance } = chances;
  const steps = [];
  const count = 1 + number(one([5, 15, 40, 80]));
  const sizes = place === 'small' ? SMALL_SIZES : SIZES;
  for (let i = 0; i < count; i++) {
    const kind = one(STEPS);
    // A stream that ends early leaves less to see.
    if ((kind === 'end' || kind === 'destroy') && !chance(25)) continue;
    steps.push(stepOf(kind, sizes, chances));
  }
  return steps;
}

function stepOf(kind, sizes, { number, one, chance }) {
  if (kind === 'write')
    return { kind, ...chunkOf(sizes, { number, one, chance }), called: chance(40) };
  if (kind === 'lines')
    return { kind, count: 2 + number(30), size: one([5, 100]), called: chance(30) };
  if (kind === 'setDefaultEncoding') return { kind, encoding: one(ENCODINGS) };
  if (kind === 'wait') return { kind, ms: 1 + number(4) };
  if (kind === 'fill' || kind === 'read')
    return { kind, bytes: one([0, 1, 10, 1000, 10_000, 100_000]) };
  if (kind === 'end') return { kind, ending: one(ENDS) };
  if (kind === 'destroy') return { kind, ending: one(BREAKS) };
  if (kind === 'nested') {
    const at = one(MOMENTS);
    const step = stepOf(one(NESTED), sizes, { number, one, chance });
    // Node forgets the callback of an `end()` in which such a listener destroys the stream, or writes too late.
    const isForgotten = at === 'prefinish' && TOO_LATE.includes(step.kind);
    return isForgotten ? { kind: 'stats' } : { kind, at, step };
  }
  if (kind === 'reopen') return { kind, fails: chance(20) };
  return { kind };
}

function chunkOf(sizes, { one, chance }) {
  const size = one(sizes);
  if (chance(35)) return { size, as: 'buffer' };
  return { size, as: chance(60) ? 'utf8' : one(ENCODINGS) };
}

module.exports = { leavingProgramOf, programOf, programsOf };

'use strict';

// Features that meet: random programs of writes in all encodings, corks, syncs, flushes, reopens, rotations, full disks that
// recover, bounds, aborts, destroys and ends, on paths, descriptors, FileHandles, FIFOs and full devices. Whatever they
// do, each callback and promise settles once and in order, each byte is in its file once, events keep their order, and
// the process comes to its end with nothing left open.
//
// COMBINATIONS_SEED repeats the program of one seed.

const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { test } = require('node:test');
const { isLong, report, rounds } = require('../harness/scale');
const { isSelfTest } = require('../harness/subject');

const MAIN = path.join(__dirname, '..', 'harness', 'combinations', 'main.js');

/** A process that says nothing for so long hangs. */
const SILENT_MS = 120_000;

/** After so many faults more say nothing new. */
const MAX_FAULTS = 20;

const NAMESPACE = ['unshare', '--user', '--map-root-user', '--mount'];
const [unshare, ...unshareOptions] = NAMESPACE;
const canMount =
  spawnSync(unshare, [...unshareOptions, 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

const skip = isSelfTest || process.platform !== 'linux' ? 'needs /proc, /dev/full and ours' : false;

/** Plays the programs from one seed to another, as far as a process comes. Returns the last seed, and its faults. */
async function playIn(from, to, how) {
  const command = [...(canMount ? NAMESPACE : []), process.execPath, MAIN, from, to, ...how];
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr.resume();
  let last = from;
  let isDone = false;
  const faults = [];
  const kill = () => {
    faults.push(`${last}: hangs`);
    child.kill('SIGKILL');
  };
  let timer = setTimeout(kill, SILENT_MS);
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    timer = setTimeout(kill, SILENT_MS);
    const { kind, seed, text } = JSON.parse(line);
    last = seed ?? last;
    isDone = kind === 'end';
    if (kind === 'fault') faults.push(`${last}: ${text}`);
  }
  clearTimeout(timer);
  if (!isDone && faults.length === 0) faults.push(`${last}: the process ended`);
  return { next: isDone ? to : last + 1, faults };
}

async function play(t, count, ...how) {
  const asked = process.env.COMBINATIONS_SEED;
  const [from, to] = asked === undefined ? [0, count] : [Number(asked), Number(asked) + 1];
  const faults = [];
  for (let seed = from; seed < to && faults.length < MAX_FAULTS; ) {
    const played = await playIn(seed, to, how);
    faults.push(...played.faults);
    seed = played.next;
  }
  assert.deepStrictEqual(faults, []);
  if (isLong) report(t, `${to - from} programs`);
}

test('features that meet keep all promises', { skip }, (t) => play(t, rounds(80, 30_000)));

test('and so they do where the thread ends in the middle', { skip }, (t) =>
  play(t, rounds(12, 3000), 'leaving'),
);

'use strict';

// A process that plays programs of combinations, from one seed to another. It prints what it plays and which faults it
// finds, as lines of JSON.
//
//   node main.js <from> <to>                 in this thread, several at a time now and then
//   node main.js <from> <to> leaving         each in a worker that ends in the middle
//   node main.js <seed> <seed + 1> '{…}'     this program

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { inspect } = require('node:util');
const { Worker, isMainThread, workerData } = require('node:worker_threads');
const { makeFolderInMemory, removeFolder } = require('../folder');
const { Player } = require('./player');
const { leavingProgramOf, programsOf } = require('./program');

const SMALL_DISK = ['-t', 'tmpfs', '-o', 'size=8m', 'none'];

/** What is played now; none if the process may end. */
let playing = null;

function say(kind, seed, text) {
  fs.writeSync(1, `${JSON.stringify({ kind, seed, text })}\n`);
}

/** What no program can go on after. */
function fail(text) {
  say('fault', playing?.seed, text);
  process.exit(1);
}

process.on('uncaughtException', (error) => fail(`uncaught: ${inspect(error)}`));
process.on('beforeExit', () => {
  if (playing === null) return;
  const events = playing.players.map((player) => player.events.join(' '));
  fail(`nothing is left to do, after ${events.join('; ')}`);
});

/** Plays programs at the same time. */
async function play(seed, programs, makeFolder) {
  const players = programs.map((program) => new Player(program, makeFolder(program)));
  for (const player of players) player.isAlone = players.length === 1;
  playing = { seed, players };
  say('seed', seed);
  const faults = await Promise.all(players.map((player) => player.play()));
  for (const fault of faults.flat()) say('fault', seed, fault);
  await new Promise(setImmediate);
  playing = null;
}

/** A disk that is soon full, where this process may mount one. */
function mountSmall(folder) {
  fs.mkdirSync(folder);
  try {
    execFileSync('mount', [...SMALL_DISK, folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function playAll(from, to, given) {
  const dir = makeFolderInMemory();
  const small = path.join(dir, 'small');
  const canFill = mountSmall(small);
  for (let seed = from; seed < to; seed++) {
    const programs = given ?? programsOf(seed);
    if (programs[0].place === 'small' && !canFill) continue;
    const folders = [];
    await play(seed, programs, ({ place }) => {
      folders.push(fs.mkdtempSync(path.join(place === 'small' ? small : dir, 'play-')));
      return folders.at(-1);
    });
    for (const folder of folders) removeFolder(folder);
  }
  if (canFill) execFileSync('umount', [small]);
  removeFolder(dir);
  say('end', to);
}

/** The thread ends with the program. */
async function leave(seed, folder) {
  const player = new Player(leavingProgramOf(seed), folder);
  player.afterExit = () => {
    for (const fault of player.ledger.faults) say('fault', seed, fault);
    playing = null;
  };
  playing = { seed, players: [player] };
  say('seed', seed);
  await player.play();
}

async function leaveAll(from, to) {
  const dir = makeFolderInMemory();
  for (let seed = from; seed < to; seed++) {
    const folder = fs.mkdtempSync(path.join(dir, 'play-'));
    const worker = new Worker(__filename, { workerData: { seed, folder }, stderr: true });
    await new Promise((resolve) => worker.on('exit', resolve));
    removeFolder(folder);
  }
  removeFolder(dir);
  say('end', to);
}

const [from, to, how] = process.argv.slice(2);
if (!isMainThread) leave(workerData.seed, workerData.folder);
else if (how === 'leaving') leaveAll(Number(from), Number(to));
else playAll(Number(from), Number(to), how === undefined ? undefined : [JSON.parse(how)]);

'use strict';

// Functions of Node's before which what is gathered for standard output is written: those that write to a
// descriptor, wait for an answer, start a process, or end this one.

const childProcess = require('node:child_process');
const fs = require('node:fs');
const replace = require('../replace.js');

/** They may write to, wait for or look at the file behind standard output, whatever descriptor they are given. */
const FS = [
  'appendFile',
  'appendFileSync',
  'close',
  'closeSync',
  'fdatasync',
  'fdatasyncSync',
  'fstatSync',
  'fsync',
  'fsyncSync',
  'ftruncate',
  'ftruncateSync',
  'readFileSync',
  'readSync',
  'readvSync',
  'write',
  'writeFile',
  'writeFileSync',
  'writeSync',
  'writev',
  'writevSync',
];

const CHILDREN = ['execFileSync', 'execSync', 'spawnSync'];

const PROCESS = ['_rawDebug', 'abort', 'execve', 'kill', 'send'];

/** lib/node-class.js knows such a function as Node's own. */
const kPrevious = Symbol.for('graceful-fs.previous');

/**
 * @param {() => void} flush writes what is gathered
 * @param {() => void} leave the same, and waits until the system has all: the process ends
 * @returns {() => void} puts everything back
 */
function hookAll(flush, leave) {
  const { prototype } = childProcess.ChildProcess;
  const undos = [
    ...FS.map((name) => hook(fs, name, flush)),
    ...CHILDREN.map((name) => hook(childProcess, name, flush)),
    ...PROCESS.map((name) => hook(process, name, flush)),
    hook(prototype, 'spawn', flush),
    hook(process, 'reallyExit', leave),
  ];
  return () => {
    for (const undo of undos) undo();
  };
}

function hook(target, name, before) {
  const theirs = target[name];
  if (typeof theirs !== 'function' || !Object.hasOwn(target, name)) return () => {};
  function hooked(...args) {
    before();
    return theirs.apply(this, args);
  }
  // Its name, its length, and how `util.promisify` has to take it.
  Object.defineProperties(hooked, Object.getOwnPropertyDescriptors(theirs));
  Object.defineProperty(hooked, kPrevious, { value: theirs, configurable: true });
  return replace(target, name, { value: hooked });
}

module.exports = hookAll;

'use strict';

// Standard output and standard error, where they are pipes, sockets or files: `RUSHWRITE_STDIO=1` with
// `rushwrite/register`.
//
// The streams stay Node's own objects, with a prototype of ours before theirs (lib/stdio/standard-stream.js):
// what is written to stdout in a tick is gathered, and both are complete when the process exits. Terminals
// and the streams of workers are left alone. Before the program does anything else that may show the order of what
// it writes, what is gathered is written (lib/stdio/hooks.js).

const fs = require('node:fs');
const net = require('node:net');
const { isatty } = require('node:tty');
const { isMainThread } = require('node:worker_threads');
const hookAll = require('./stdio/hooks.js');
const NativeStream = require('./native-stream.js');
const replace = require('./replace.js');
const { StandardStream, adopt } = require('./stdio/standard-stream.js');

const NAMES = { stdout: 1, stderr: 2 };

/** Returns what puts everything back, or null where there is nothing to do. */
function install() {
  const names = Object.keys(NAMES).filter((name) => mayBeOurs(name));
  if (names.length === 0) return null;
  const streams = [];
  const flush = () => {
    for (const stream of streams) stream.flush();
  };
  let isLeaving = false;
  const leave = () => {
    isLeaving = true;
    for (const stream of streams) stream.leave();
  };
  const add = (stream, name) => {
    // Like C's, standard error is not gathered.
    const standard = new StandardStream(stream, { gathers: name === 'stdout', flush });
    streams.push(adopt(stream, standard));
    if (isLeaving) standard.leave();
  };
  const undos = names.map((name) => replaceStream(name, add));
  undos.push(hookAll(flush, leave));
  // Before a native stream uses one of these descriptors, gathered output is written, which keeps the order.
  NativeStream.beforeDescriptor = (fd) => {
    if (!Object.values(NAMES).includes(fd)) return;
    for (const stream of streams) stream.stopGathering();
  };
  process.on('exit', leave);
  return () => {
    NativeStream.beforeDescriptor = null;
    process.off('exit', leave);
    for (const undo of undos) undo();
    for (const stream of streams) stream.giveBack();
  };
}

function mayBeOurs(name) {
  const { get, set } = Object.getOwnPropertyDescriptor(process, name) ?? {};
  return isMainThread && get !== undefined && set === undefined && !isatty(NAMES[name]);
}

/** Node makes the stream when a program first asks for it. */
function replaceStream(name, add) {
  const theirs = Object.getOwnPropertyDescriptor(process, name).get;
  let seen;
  function get() {
    const stream = theirs.call(process);
    if (stream === seen) return stream;
    seen = stream;
    if (isKnown(stream, NAMES[name])) add(stream, name);
    return stream;
  }
  Object.defineProperty(get, 'name', { value: theirs.name });
  return replace(process, name, { get });
}

/** A stream of the kind that Node makes for a pipe, a socket or a file. */
function isKnown(stream, fd) {
  if (stream?.fd !== fd || stream._isStdio !== true) return false;
  if (stream._type === 'pipe') return stream instanceof net.Socket && stream._handle != null;
  // A descriptor that is the channel to a parent, too, has a stream of this kind; it writes as Node's does.
  return stream._type === 'fs' && stream.constructor?.name === 'SyncWriteStream' && isOpen(fd);
}

function isOpen(fd) {
  try {
    fs.fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

module.exports = install;

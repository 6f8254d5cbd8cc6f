'use strict';

/**
 * Who is compared. A peer is:
 *
 * - `name`, `title`;
 * - `createWriteStream(path, options, content)`: an emitter with `write()`, `end()`, 'drain' and
 *   'close'; called in the child process only;
 * - `supports(workload)`, and `isAvailable()` where it may be missing;
 * - `writesNothing: true` where there is no output to check;
 * - `command(node, script)`: what runs it, where that is not Node with `run-one.js`.
 */

const fs = require('node:fs');
const path = require('node:path');
const { Discard } = require('./peers/discard.js');
const { HandJoined } = require('./peers/hand-joined.js');
const { BunSink, findBun } = require('./peers/bun-sink.js');
const limit = require('./peers/limit.js');
const { openSonic } = require('./peers/sonic.js');

const MIB = 1024 * 1024;
const ROOT = path.join(__dirname, '..');

const always = () => true;
const plainWritesOnly = (workload) => workload.needs === undefined;

const peers = [
  {
    name: 'fs',
    title: 'fs.createWriteStream',
    supports: always,
    createWriteStream: (file, options) => fs.createWriteStream(file, options),
  },
  {
    name: 'rushwrite',
    title: 'rushwrite',
    supports: always,
    createWriteStream: (file, options) => rushwrite().createWriteStream(file, options),
  },
  {
    name: 'fs-1m',
    title: 'fs, highWaterMark 1 MiB',
    supports: always,
    createWriteStream: (file, options) =>
      fs.createWriteStream(file, { ...options, highWaterMark: MIB }),
  },
  {
    name: 'sonic-boom',
    title: 'sonic-boom',
    supports: plainWritesOnly,
    isAvailable: () => resolves('sonic-boom'),
    createWriteStream: (file, _options, content) => openSonic(file, content ?? 'utf8'),
  },
  {
    name: 'write-sync',
    title: 'fs.writeSync, joined by hand',
    supports: plainWritesOnly,
    createWriteStream: (file) => new HandJoined(file),
  },
  {
    name: 'bun',
    title: 'Bun FileSink',
    supports: plainWritesOnly,
    isAvailable: () => findBun() !== undefined,
    command: (_node, script) => [findBun(), script],
    createWriteStream: (file) => new BunSink(file),
  },
  {
    name: 'limit',
    title: 'Rust write(2), 128 KiB',
    supports: (workload) => workload.files === 1,
    needsSource: true,
    isAvailable: limit.isAvailable,
    command: limit.command,
  },
  {
    name: 'source',
    title: 'the source alone',
    supports: always,
    writesNothing: true,
    createWriteStream: () => new Discard(),
  },
];

/** Loaded on first use: the other peers must run without the addon. */
function rushwrite() {
  return require(ROOT);
}

function resolves(name) {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

function findPeer(name) {
  const peer = peers.find((one) => one.name === name);
  if (peer === undefined) {
    throw new Error(`no peer named ${name}; there are ${peers.map((one) => one.name).join(', ')}`);
  }
  return peer;
}

function isAvailable(peer) {
  return peer.isAvailable === undefined || peer.isAvailable();
}

/** 'all' is every peer that is installed; otherwise names. */
function selectPeers(names) {
  return names.includes('all') ? peers.filter(isAvailable) : names.map(findPeer);
}

module.exports = { findPeer, selectPeers };

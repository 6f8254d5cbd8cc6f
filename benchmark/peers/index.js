'use strict';

/**
 * Who is compared. A peer is:
 *
 * - `name`, `title`;
 * - `createWriteStream(path, options, content)`: an emitter with `write()`, `end()`, 'drain' and
 *   'close'; called in the child process only;
 * - `connect(options)`: the same for sockets, whose input is discarded unless it is listened to;
 * - `supports(workload)`, and `isAvailable()` where it may be missing;
 * - `writesNothing: true` where there is no output to check;
 * - `countWrites()`: how many write calls it counted in this process, if it does;
 * - `command(node, script)`: what runs it, where that is not Node with `run/child.js`.
 */

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { Discard } = require('./discard.js');
const { HandJoined } = require('./hand-joined.js');
const { BunSink } = require('./bun-sink.js');
const { corkEachTurn } = require('./corked.js');
const { openSonic } = require('./sonic.js');
const { compiled, hasCompiler } = require('../native/index.js');
const { bun } = require('../../scripts/binaries.js');

const KIB = 1024;
const MIB = 1024 * KIB;
const ROOT = path.join(__dirname, '..', '..');

const isSocket = ({ kind }) => kind === 'socket';
const isFile = (workload) => !isSocket(workload);
const plainFilesOnly = ({ sink, needs }) => sink === 'files' && needs === undefined;

const peers = [
  {
    name: 'fs',
    title: 'fs.createWriteStream',
    supports: isFile,
    createWriteStream: (file, options) => fs.createWriteStream(file, options),
  },
  {
    name: 'net',
    title: 'net.Socket',
    supports: isSocket,
    connect: (options) => net.connect(options).resume(),
  },
  {
    name: 'net-corked',
    title: 'net.Socket, corked each turn',
    supports: (workload) => isSocket(workload) && workload.sink !== 'echo',
    connect: (options) => corkEachTurn(net.connect(options).resume()),
  },
  {
    name: 'rushwrite',
    title: 'rushwrite',
    supports: (workload) => isFile(workload) || rushwrite().connect !== undefined,
    createWriteStream: (file, options) => rushwrite().createWriteStream(file, options),
    connect: (options) => rushwrite().connect(options).resume(),
  },
  {
    name: 'fs-1m',
    title: 'fs, highWaterMark 1 MiB',
    supports: isFile,
    createWriteStream: (file, options) =>
      fs.createWriteStream(file, { ...options, highWaterMark: MIB }),
  },
  {
    name: 'net-256k',
    title: 'net, highWaterMark 256 KiB',
    supports: isSocket,
    connect: (options) => net.connect({ ...options, highWaterMark: 256 * KIB }).resume(),
  },
  {
    name: 'sonic-boom',
    title: 'sonic-boom',
    supports: plainFilesOnly,
    isAvailable: () => resolves('sonic-boom'),
    createWriteStream: (file, _options, content) => openSonic(file, content ?? 'utf8'),
  },
  {
    name: 'write-sync',
    title: 'fs.writeSync, joined by hand',
    supports: plainFilesOnly,
    createWriteStream: (file) => new HandJoined(file),
  },
  {
    name: 'bun',
    title: 'Bun FileSink',
    supports: plainFilesOnly,
    command: (_node, script) => [bun(), script],
    createWriteStream: (file) => new BunSink(file),
  },
  {
    name: 'limit',
    title: 'Rust write(2), 128 KiB',
    supports: ({ sink, files }) => files === 1 && ['files', 'tcp', 'unix'].includes(sink),
    needsSource: true,
    isAvailable: hasCompiler,
    command: () => [compiled('limit')],
  },
  {
    name: 'source',
    title: 'the source alone',
    supports: ({ sink }) => sink === 'files',
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

/**
 * The function from a workload to who is measured on it. 'node' is whom the workload is compared
 * with, 'all' is every peer that is installed; any other word is a name.
 */
function peerSelection(words) {
  const named = new Set(words.filter((word) => word !== 'node' && word !== 'all').map(findPeer));
  return (workload) =>
    peers.filter(
      (peer) =>
        peer.supports(workload) &&
        (named.has(peer) ||
          (words.includes('node') && peer.name === workload.baseline) ||
          (words.includes('all') && (peer.isAvailable?.() ?? true))),
    );
}

module.exports = { findPeer, peerSelection };

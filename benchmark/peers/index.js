'use strict';

/**
 * Who is compared. A peer is:
 *
 * - `name`, `title`;
 * - `createWriteStream(path, options, content)`: an emitter with `write()`, `end()`, 'drain' and
 *   'close'; called in the child process only;
 * - `connect(options)`: the same for sockets, whose input is discarded unless it is listened to;
 * - `accept(server)`: makes the sockets that a server accepts those of the peer;
 * - `can`: which `needs` of a workload it meets;
 * - `supports(workload)`, where it can't run some that need nothing; `isAvailable()`, where it may be
 *   missing;
 * - `sink`: where its bytes go, where that is not the workload's;
 * - `load()`: loads its code, before the time begins;
 * - `writesNothing: true` where there is no output to check;
 * - `command(node, script, run)`: what runs it, where that is not Node with run/child.js.
 */

const fs = require('node:fs');
const net = require('node:net');
const { Discard } = require('./discard.js');
const { HandJoined } = require('./hand-joined.js');
const { BunSink } = require('./bun-sink.js');
const { corkEachTurn } = require('./corked.js');
const { loadSonic, openSonic } = require('./sonic.js');
const { compiled, hasCompiler } = require('../native/index.js');
const { bun } = require('../../scripts/binaries.js');

const KIB = 1024;
const MIB = 1024 * KIB;
const ALL = ['writable', 'callback', 'server'];

/** Who stands beside Node and rushwrite in the chart of peers, and its rows. */
const CHART_PEERS = ['sonic-boom', 'bun'];
const CHARTED = new Set(['lines', 'lines-ready', 'csv', 'buffers-100', 'buffers-64k']);

const toFiles = ({ sink }) => sink === 'files';

const peers = [
  {
    name: 'fs',
    title: 'fs.createWriteStream',
    can: ALL,
    createWriteStream: (file, options) => fs.createWriteStream(file, options),
  },
  {
    name: 'net',
    title: 'net.Socket',
    can: [...ALL, 'accept'],
    connect: (options) => net.connect(options).resume(),
    accept() {},
  },
  {
    name: 'net-corked',
    title: 'net.Socket, corked each turn',
    supports: ({ sink, cost }) => sink !== 'echo' && cost === 'time',
    connect: (options) => corkEachTurn(net.connect(options).resume()),
  },
  { name: 'rushwrite', title: 'rushwrite', can: [...ALL, 'accept'], ...require('./rushwrite.js') },
  {
    name: 'fs-1m',
    title: 'fs, highWaterMark 1 MiB',
    can: ALL,
    createWriteStream: (file, options) =>
      fs.createWriteStream(file, { ...options, highWaterMark: MIB }),
  },
  {
    name: 'net-256k',
    title: 'net, highWaterMark 256 KiB',
    can: ALL,
    connect: (options) => net.connect({ ...options, highWaterMark: 256 * KIB }).resume(),
  },
  {
    name: 'sonic-boom',
    title: 'sonic-boom',
    can: ['server'],
    supports: toFiles,
    load: loadSonic,
    createWriteStream: (file, _options, content) => openSonic(file, content ?? 'utf8'),
  },
  {
    name: 'write-sync',
    title: 'fs.writeSync, joined by hand',
    can: ['server'],
    supports: toFiles,
    createWriteStream: (file) => new HandJoined(file),
  },
  {
    name: 'bun',
    title: 'Bun FileSink',
    supports: toFiles,
    command: (_node, script) => [bun(), script],
    createWriteStream: (file) => new BunSink(file),
  },
  {
    name: 'limit',
    title: 'Rust write(2), 128 KiB',
    supports: ({ sink, files, cost }) =>
      files === 1 && cost === 'time' && ['files', 'tcp', 'unix'].includes(sink),
    can: ['callback', 'writable'],
    needsSource: true,
    isAvailable: hasCompiler,
    command: (_node, _script, run) => limit(run),
  },
  {
    name: 'source',
    title: 'the source alone',
    can: ALL,
    supports: ({ sink, cost }) => sink === 'files' && cost !== 'latency',
    writesNothing: true,
    createWriteStream: () => new Discard(),
  },
];

function limit({ source, folder, warmBytes, target: { port, path } = {} }) {
  const place = port ? ['tcp', port] : path ? ['unix', path] : ['file'];
  return [compiled('limit'), source, folder, warmBytes, ...place];
}

function canRun({ can = [], supports = () => true, ...peer }, workload) {
  const opens =
    peer.command ?? (workload.kind === 'socket' ? peer.connect : peer.createWriteStream);
  const meets = workload.needs === undefined || can.includes(workload.needs);
  return opens !== undefined && meets && supports(workload);
}

/** The peer of this name in a workload's list. */
function findPeer(name, { peers: own = peers } = {}) {
  const peer = own.find((one) => one.name === name);
  if (peer === undefined) {
    throw new Error(`no peer named ${name}; there are ${own.map((one) => one.name).join(', ')}`);
  }
  return peer;
}

/**
 * The function from a workload and its phase to who is measured. 'node' is the workload's baseline, 'chart'
 * who stands beside it in the chart of peers, which is fresh, 'all' is every peer that is installed; any other word is a name.
 * A workload's own peers are always measured.
 */
function peerSelection(words) {
  const named = new Set(words.filter((word) => !['node', 'chart', 'all'].includes(word)));
  for (const name of named) findPeer(name);
  const isSelected = (peer, workload, phase) =>
    named.has(peer.name) ||
    (words.includes('node') && peer.name === workload.baseline) ||
    (words.includes('chart') &&
      phase === 'fresh' &&
      CHARTED.has(workload.name) &&
      CHART_PEERS.includes(peer.name)) ||
    (words.includes('all') && (peer.isAvailable?.() ?? true));
  return (workload, phase) =>
    workload.peers ??
    peers.filter((peer) => canRun(peer, workload) && isSelected(peer, workload, phase));
}

module.exports = { findPeer, peerSelection };

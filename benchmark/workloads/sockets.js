'use strict';

/**
 * Rows over the loopback. The receiver is a process of its own (native/receiver.rs), so that what it
 * costs is not counted, though it takes the same cores.
 */

const { builtLines, randomBuffers } = require('./content.js');
const { corkGroups, requestReply } = require('./drives.js');

const KIB = 1024;
const MIB = 1024 * KIB;

const smallCork = (count) => ({
  name: `socket-cork-${count}`,
  title: `socket: a cork of ${count} small Buffers, each turn`,
  writes: count * 30_000,
  makeChunk: randomBuffers(50, 1024),
  content: 'buffer',
  drive: corkGroups(count),
  cost: 'cpu',
});

module.exports = [
  {
    name: 'socket-lines',
    title: 'socket: 100-byte lines built',
    writes: 3_000_000,
    makeChunk: builtLines,
  },
  {
    name: 'socket-corked',
    title: 'socket: 100-byte lines built, net corks each turn, ours does not',
    writes: 3_000_000,
    makeChunk: builtLines,
    baseline: 'net-corked',
  },
  smallCork(2),
  smallCork(10),
  {
    name: 'socket-64k',
    title: 'socket: Buffers of 64 KiB',
    writes: 16_000,
    makeChunk: randomBuffers(64 * KIB, 32),
    content: 'buffer',
  },
  {
    name: 'socket-1m',
    title: 'socket: Buffers of 1 MiB',
    writes: 1_600,
    makeChunk: randomBuffers(MIB, 4),
    content: 'buffer',
  },
  {
    name: 'socket-echo',
    title: 'socket: one 64-byte request, one reply, in turn',
    writes: 20_000,
    makeChunk: randomBuffers(64, 1024),
    content: 'buffer',
    sink: 'echo',
    drive: requestReply,
    cost: 'latency',
  },
  {
    name: 'socket-many',
    title: '200 sockets at once, 2500 lines each',
    files: 200,
    writes: 2_500,
    makeChunk: builtLines,
  },
  {
    name: 'socket-unix',
    title: 'unix socket: 100-byte lines built',
    writes: 3_000_000,
    makeChunk: builtLines,
    sink: 'unix',
  },
].map((workload) => ({ kind: 'socket', sink: 'tcp', ...workload }));

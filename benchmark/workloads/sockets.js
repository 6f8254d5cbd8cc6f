'use strict';

/**
 * Rows over the loopback. The receiver is a process of its own (native/receiver.rs), so that what it
 * costs is not counted, though it takes the same cores.
 */

const { randomBuffers, texts } = require('./chunks.js');
const { respectDrain, requestReply } = require('./drives.js');

const KIB = 1024;
const MIB = 1024 * KIB;

module.exports = [
  {
    name: 'socket-lines',
    title: 'socket: 100-byte lines',
    writes: 3_000_000,
    makeChunk: texts(100),
    must: 12,
    aim: 25,
  },
  {
    name: 'socket-corked',
    title: 'socket: 100-byte lines, net corks each turn, ours does not',
    writes: 3_000_000,
    makeChunk: texts(100),
    baseline: 'net-corked',
    must: 4,
    aim: 8,
  },
  {
    name: 'socket-64k',
    title: 'socket: Buffers of 64 KiB',
    writes: 16_000,
    makeChunk: randomBuffers(64 * KIB, 32),
    content: 'buffer',
    must: 1,
    aim: 1.3,
  },
  {
    name: 'socket-1m',
    title: 'socket: Buffers of 1 MiB',
    writes: 1_600,
    makeChunk: randomBuffers(MIB, 4),
    content: 'buffer',
    must: 1,
    aim: 1.3,
  },
  {
    name: 'socket-echo',
    title: 'socket: one 64-byte request, one reply, in turn',
    writes: 20_000,
    makeChunk: randomBuffers(64, 1024),
    content: 'buffer',
    sink: 'echo',
    drive: requestReply,
    must: 0.7,
    aim: 1,
  },
  {
    name: 'socket-many',
    title: '200 sockets at once, 2500 lines each',
    files: 200,
    writes: 2_500,
    makeChunk: texts(100),
  },
  {
    name: 'socket-unix',
    title: 'unix socket: 100-byte lines',
    writes: 3_000_000,
    makeChunk: texts(100),
    sink: 'unix',
  },
].map((workload) => ({ kind: 'socket', files: 1, sink: 'tcp', drive: respectDrain, ...workload }));

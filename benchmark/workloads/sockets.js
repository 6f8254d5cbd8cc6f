'use strict';

/**
 * Rows over the loopback. The receiver is a process of its own (native/receiver.rs), so that what it
 * costs is not counted, though it takes the same cores.
 */

const { builtLines, randomBuffers } = require('./content.js');
const { corkGroups, requestReply } = require('./drives.js');
const { socketRow } = require('./rows.js');

const KIB = 1024;
const MIB = 1024 * KIB;
const content = 'buffer';

const smallCork = (count) => {
  const title = `socket: a cork of ${count} small Buffers, each turn`;
  return socketRow(`socket-cork-${count}`, title, count * 30_000, randomBuffers(50, 1024), {
    content,
    drive: corkGroups(count),
    cost: 'cpu',
  });
};

module.exports = [
  socketRow('socket-lines', 'socket: 100-byte lines built', 1_000_000, builtLines),
  socketRow('socket-corked', 'socket: lines built, net corks each turn', 2_000_000, builtLines, {
    baseline: 'net-corked',
  }),
  smallCork(2),
  smallCork(10),
  socketRow('socket-64k', 'socket: Buffers of 64 KiB', 16_000, randomBuffers(64 * KIB, 32), {
    content,
  }),
  socketRow('socket-1m', 'socket: Buffers of 1 MiB', 1_600, randomBuffers(MIB, 4), { content }),
  socketRow('socket-echo', 'socket: request and reply, 64 bytes', 20_000, randomBuffers(64, 1024), {
    content,
    sink: 'echo',
    drive: requestReply,
    cost: 'latency',
  }),
  socketRow('socket-many', '200 sockets at once, 2500 lines each', 2_500, builtLines, {
    files: 200,
  }),
  socketRow('socket-unix', 'unix socket: 100-byte lines built', 1_000_000, builtLines, {
    sink: 'unix',
  }),
];

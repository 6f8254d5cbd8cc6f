'use strict';

/**
 * Rows over the loopback. The receiver is a process of its own (native/receiver.rs), so that what it
 * costs is not counted, though it takes the same cores.
 */

const net = require('node:net');
const { Partner } = require('../run/partner.js');
const { builtLines, randomBuffers } = require('./content.js');
const { corkGroups, inTurns, requestReply, respectDrain } = require('./drives.js');
const { socketRow } = require('./rows.js');

const KIB = 1024;
const MIB = 1024 * KIB;
const MESSAGES_A_TURN = 10;
const content = 'buffer';

/** Connects `files` clients to a server, and calls `afterConnect(its sockets)` when all are there. */
function withClients({ peer, files }, afterConnect, afterAll) {
  const sockets = [];
  const server = net.createServer((socket) => {
    sockets.push(socket.resume());
    if (sockets.length === files) afterConnect(sockets);
  });
  peer.accept(server);
  server.listen(0, '127.0.0.1', async () => {
    const reports = await Partner.receiver('connect', server.address().port, files).ended;
    server.close(() => afterAll(() => ({ reports })));
  });
}

/** Lines to each client. */
function sendLines(_open, work, afterAll) {
  withClients(
    work,
    (sockets) =>
      respectDrain(
        (i) => sockets[i],
        work,
        () => {},
      ),
    afterAll,
  );
}

/** In each turn some messages, each to all clients, unless one of them is behind. */
function publish(_open, { writes, chunk, ...work }, afterAll) {
  const begin = (streams) => {
    const write = (i) => {
      const message = chunk(i);
      for (const socket of streams) socket.write(message);
    };
    const end = () => {
      for (const socket of streams) socket.end();
    };
    inTurns({ writes, atOnce: MESSAGES_A_TURN, write, end, streams });
  };
  withClients(work, begin, afterAll);
}

const smallCork = (count, writes) => {
  const title = `socket: a cork of ${count} small Buffers, each turn`;
  return socketRow(`socket-cork-${count}`, title, writes, randomBuffers(50, 1024), {
    content,
    drive: corkGroups(count),
    cost: 'cpu',
  });
};

const accepted = { sink: 'clients', needs: 'accept' };

module.exports = [
  socketRow('socket-lines', 'socket: 100-byte lines built', 1_300_000, builtLines),
  socketRow('socket-corked', 'socket: lines built, net corks each turn', 1_500_000, builtLines, {
    baseline: 'net-corked',
  }),
  smallCork(2, 60_000),
  smallCork(10, 300_000),
  smallCork(100, 1_000_000),
  socketRow('socket-64k', 'socket: Buffers of 64 KiB', 16_000, randomBuffers(64 * KIB, 32), {
    content,
  }),
  socketRow('socket-1m', 'socket: Buffers of 1 MiB', 1_600, randomBuffers(MIB, 4), { content }),
  socketRow('socket-echo', 'socket: request and reply, 64 bytes', 10_000, randomBuffers(64, 1024), {
    content,
    sink: 'echo',
    drive: requestReply,
    cost: 'latency',
  }),
  socketRow('socket-many', '200 sockets at once, 2500 lines each', 2_500, builtLines, {
    phases: ['fresh'],
    files: 200,
  }),
  socketRow('socket-unix', 'unix socket: 100-byte lines built', 1_300_000, builtLines, {
    phases: ['fresh'],
    sink: 'unix',
  }),
  socketRow('accepted-lines', 'accepted socket: 100-byte lines built', 1_300_000, builtLines, {
    ...accepted,
    drive: sendLines,
  }),
  // As many messages as the pool has, so that every client gets the same.
  socketRow('pub-sub', '10 Buffers a turn to 100 clients', 1_024, randomBuffers(100, 1_024), {
    ...{ ...accepted, content },
    files: 100,
    drive: publish,
  }),
];

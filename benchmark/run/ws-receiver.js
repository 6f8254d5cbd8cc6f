'use strict';

/** A WebSocket server that reports the bytes of a connection's messages and their sum. */

const { WebSocketServer } = require('ws');
const { LaneSum } = require('../check/lane-sum.js');

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.on('listening', () => console.log(JSON.stringify(server.address())));
server.on('connection', (socket) => {
  const sum = new LaneSum();
  socket.on('message', (message) => sum.update(message));
  socket.on('close', () => {
    console.log(JSON.stringify({ bytes: sum.bytes, digest: sum.digest() }));
  });
});
// It ends when its connections have.
process.stdin.resume().once('end', () => server.close());

'use strict';

const assert = require('node:assert');
const net = require('node:net');
const { once } = require('node:events');

const { connect } = require('../../index.js');

const LINES = 20_000;

async function main() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const received = readAll(server);
  const socket = connect(server.address().port, '127.0.0.1');
  for (let i = 0; i < LINES; i++) {
    if (!socket.write(`line ${i}\n`)) await once(socket, 'drain');
  }
  socket.end();
  const lines = (await received).toString().trimEnd().split('\n');
  assert.strictEqual(lines.length, LINES);
  assert.ok(lines.every((line, i) => line === `line ${i}`));
  server.close();
  console.log('ok');
}

async function readAll(server) {
  const [peer] = await once(server, 'connection');
  const chunks = [];
  for await (const chunk of peer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

main();

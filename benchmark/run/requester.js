'use strict';

/**
 * The clients of an HTTP server: `node requester.js PORT REQUESTS CONNECTIONS PACE`. Without a pace (0)
 * each connection sends a request when the answer to its last one has come; with one, so many requests a
 * second are due on all of them, and how long each answer came after that is reported. Plain sockets, so
 * that they cost little.
 */

const net = require('node:net');
const { percentiles } = require('./statistics.js');

const [port, requests, connections, pace] = process.argv.slice(2).map(Number);
const REQUEST = 'GET /orders/42 HTTP/1.1\r\nHost: localhost\r\n\r\n';
/** The body's last bytes. */
const END = 'done';

/** Connections begin together. */
const waiting = [];
const latenciesUs = new Float64Array(requests);
let [sent, answered, connected] = [0, 0, 0];
let startMs;

for (let i = 0; i < connections; i += 1) {
  const socket = net.connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1');
  let tail = '';
  let dueMs = 0;
  let number = 0;
  const send = () => {
    tail = '';
    // A timer may be early by a part of a millisecond.
    dueMs = Math.min(dueMs, performance.now());
    socket.write(REQUEST);
  };
  const next = () => {
    if (sent === requests) {
      socket.end();
      return;
    }
    number = sent++;
    dueMs = pace === 0 ? performance.now() : startMs + (number * 1000) / pace;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) setTimeout(send, waitMs);
    else send();
  };
  socket.on('data', (text) => {
    tail = (tail + text).slice(-END.length);
    if (tail !== END) return;
    latenciesUs[number] = (performance.now() - dueMs) * 1000;
    answered += 1;
    next();
  });
  socket.once('connect', () => {
    connected += 1;
    if (connected < connections) waiting.push(next);
    else {
      startMs = performance.now();
      for (const begin of [...waiting, next]) begin();
    }
  });
}
process.once('exit', () => {
  if (answered === requests) console.log(JSON.stringify({ latencyUs: percentiles(latenciesUs) }));
});

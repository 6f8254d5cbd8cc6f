'use strict';

/**
 * The clients of an HTTP server: `node requester.js PORT REQUESTS CONNECTIONS`. Each connection sends
 * a request when the answer to its last one has come. Plain sockets, so that they cost little.
 */

const net = require('node:net');

const [port, requests, connections] = process.argv.slice(2).map(Number);
const REQUEST = 'GET /orders/42 HTTP/1.1\r\nHost: localhost\r\n\r\n';
/** The body, which ends an answer. */
const END = 'done';

let sent = 0;

for (let i = 0; i < connections; i += 1) {
  const socket = net.connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1');
  let tail = '';
  const next = () => {
    if (sent === requests) {
      socket.end();
      return;
    }
    sent += 1;
    tail = '';
    socket.write(REQUEST);
  };
  socket.on('data', (text) => {
    tail = (tail + text).slice(-END.length);
    if (tail === END) next();
  });
  socket.once('connect', next);
}

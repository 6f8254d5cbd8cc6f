'use strict';

/** An HTTP server that answers every request. It says its port on stdout, and ends with its stdin. */

const http = require('node:http');

const server = http.createServer((request, response) => {
  request.resume().once('end', () => response.end('done'));
});
process.stdin.resume().once('end', () => process.exit());
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

'use strict';

/** An HTTP server that answers every request with its body, or "done". It ends with its stdin. */

const http = require('node:http');

const server = http.createServer((request, response) => {
  if (request.method === 'GET') response.end('done');
  else request.pipe(response);
});
process.stdin.resume().once('end', () => process.exit());
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify(server.address())));

'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const busboy = require('busboy');

const server = http.createServer((request, response) => {
  const parser = busboy({ headers: request.headers });
  parser.on('file', (name, file) => {
    const target = fs.createWriteStream(path.join(process.argv[2], name));
    file.pipe(target).on('close', () => {
      response.end();
      server.close();
    });
  });
  request.pipe(parser);
});

server.listen(0, '127.0.0.1', async () => {
  const body = new FormData();
  const bytes = Buffer.alloc(3_000_000, 'an upload of some length ');
  body.append('upload', new Blob([bytes]), 'upload.bin');
  const url = `http://127.0.0.1:${server.address().port}/`;
  await fetch(url, { method: 'POST', body, headers: { connection: 'close' } });
});

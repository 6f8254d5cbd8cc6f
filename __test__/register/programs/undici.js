'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');
const { request } = require('undici');

const server = http.createServer((_, response) => response.end(Buffer.alloc(5_000_000, 'body ')));
server.listen(0, '127.0.0.1', async () => {
  const { body } = await request(`http://127.0.0.1:${server.address().port}/`);
  await pipeline(body, fs.createWriteStream(path.join(process.argv[2], 'body')));
  server.close();
});

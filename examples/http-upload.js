'use strict';

// Saves the body of an HTTP request to a file. `pipeline` carries backpressure from the disk to the
// client and closes the file whichever side fails. The example then uploads to itself.
//
//   node examples/http-upload.js [file]

const { once } = require('node:events');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');
const { createWriteStream } = require('rushwrite');

async function saveUpload(request, response, file) {
  const out = createWriteStream(file);
  try {
    await pipeline(request, out);
    response.writeHead(201).end(`${out.bytesWritten} bytes saved`);
  } catch (error) {
    // The request is destroyed by now, and the connection with it: there is nobody to answer.
    console.error(`upload failed: ${error.message}`);
  }
}

async function uploadToSelf(file) {
  const server = http.createServer((request, response) => saveUpload(request, response, file));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const body = Buffer.alloc(8 * 1024 * 1024, 'rushwrite ');
  const url = `http://127.0.0.1:${server.address().port}/`;
  const response = await fetch(url, { method: 'PUT', body });
  console.log(`${response.status} ${await response.text()}`);
  server.close();
  server.closeAllConnections();
}

uploadToSelf(process.argv[2] ?? path.join(os.tmpdir(), 'upload.bin'));

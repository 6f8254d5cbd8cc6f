'use strict';

/** Reads one answer of an HTTP server, `node subscriber.js PORT`, and reports its bytes and their sum. */

const http = require('node:http');
const { sumOf } = require('../check/checksum.js');

http.get({ port: Number(process.argv[2]), host: '127.0.0.1' }, async (response) => {
  console.log(JSON.stringify(await sumOf(response)));
});

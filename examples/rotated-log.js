'use strict';

// A log that is rotated at 256 KiB, compressed, and archived by HTTP: each file is sent, the oldest first, and
// removed when the store has it. A store that is down keeps nobody from logging; what was not sent is
// sent later, or at the next start. The store is a server of this process.
//
//   node examples/rotated-log.js [file]

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const zlib = require('node:zlib');
const { once } = require('node:events');
const { createWriteStream } = require('rushwrite');

/** An object store that keeps what is put, in memory, and is down at first. */
function startStore(objects) {
  let refusals = 1;
  const server = http.createServer(async (request, response) => {
    const body = await request.toArray();
    const isUp = refusals-- <= 0;
    if (isUp) objects.set(request.url.slice(1), Buffer.concat(body));
    response.writeHead(isUp ? 200 : 503).end();
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** Sends one file. A rejection means that it is tried again. */
async function upload(port, file, signal) {
  const url = `http://127.0.0.1:${port}/${path.basename(file)}`;
  const body = await fs.promises.readFile(file);
  const { ok, status } = await fetch(url, { method: 'PUT', body, signal });
  if (!ok) throw new Error(`the store says ${status}`);
}

const RECORDS = 50_000;

async function main(file) {
  const objects = new Map();
  const store = await startStore(objects);
  const { port } = store.address();
  const log = createWriteStream(file, {
    rotate: {
      size: 256 * 1024,
      compress: 'gzip',
      archive: (aside, { signal }) => upload(port, aside, signal),
    },
  });
  let failures = 0;
  log.on('archiveError', () => failures++);

  for (let id = 1; id <= RECORDS; id++) {
    if (!log.write(`${JSON.stringify({ id })}\n`)) await once(log, 'drain');
  }
  log.flushSync();
  const { name } = path.parse(file);
  const isAside = (other) => other.startsWith(`${name}-`);
  while (fs.readdirSync(path.dirname(file)).some(isAside)) await once(log, 'archive');
  log.end();
  await once(log, 'close');
  store.close();

  const sent = [...objects.keys()].sort().map((key) => zlib.gunzipSync(objects.get(key)));
  const lines = Buffer.concat([...sent, fs.readFileSync(file)])
    .toString()
    .trimEnd()
    .split('\n');
  const isComplete = lines.every((line, index) => JSON.parse(line).id === index + 1);
  console.log(`${lines.length} records, complete: ${isComplete}`);
  console.log(`${objects.size} files archived after ${failures} failure`);
}

main(process.argv[2] ?? path.join(os.tmpdir(), `rotated-${process.pid}.log`));

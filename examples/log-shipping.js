'use strict';

// Ships log records to a collector over TCP, one JSON line each. A collector that falls behind makes
// write() return false, and the shipper waits for `drain` instead of filling the memory. The example
// is its own collector, which appends what it gets to a file.
//
//   node examples/log-shipping.js [file]

const { once } = require('node:events');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { finished, pipeline } = require('node:stream/promises');
const { connect, createWriteStream } = require('rushwrite');

const RECORDS = 50_000;

function collect(file) {
  return net.createServer((socket) => {
    pipeline(socket, createWriteStream(file, { flags: 'a' })).catch((error) => {
      console.error(`a shipper was lost: ${error.message}`);
    });
  });
}

async function ship(records, port) {
  const socket = connect(port, '127.0.0.1');
  for (const record of records) {
    if (!socket.write(`${JSON.stringify(record)}\n`)) await once(socket, 'drain');
  }
  socket.end();
  // The collector answers nothing, but its end says that it has read all.
  await finished(socket.resume());
  return socket.bytesWritten;
}

function* makeRecords() {
  for (let id = 1; id <= RECORDS; id += 1) yield { id, level: 'info', path: `/items/${id}` };
}

async function main(file) {
  const server = collect(file);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const bytes = await ship(makeRecords(), server.address().port);
  server.close();
  await once(server, 'close');
  console.log(`${RECORDS} records, ${bytes} bytes shipped to ${file}`);
}

main(process.argv[2] ?? path.join(os.tmpdir(), 'collected.log'));

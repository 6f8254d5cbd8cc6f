'use strict';

/** How most workloads are put down: `more` is what differs from the defaults in index.js. */

function fileRow(name, title, writes, makeChunk, more) {
  return { kind: 'file', name, title, writes, makeChunk, ...more };
}

function socketRow(name, title, writes, makeChunk, more) {
  return { kind: 'socket', sink: 'tcp', name, title, writes, makeChunk, ...more };
}

module.exports = { fileRow, socketRow };

'use strict';

/**
 * Sinks of one's own, 100-byte lines: what batches change. They need servers and clients that the others
 * do not, so that only `npm run bench -- custom` measures them. With a server, a new process each time.
 */

const zlib = require('node:zlib');
const { compressors, idleSinks, nats, postgres, redis, uploads } = require('../peers/custom.js');
const { builtLines, readyLines } = require('./content.js');

const GZIP = { create: zlib.createGzip, encoding: 'gzip' };
const ZSTD = { create: zlib.createZstdCompress, encoding: 'zstd', minimumNode: 24 };

function row(name, title, writes, peers, more) {
  const baseline = peers[0].name;
  return { kind: 'custom', name, title, writes, peers, baseline, makeChunk: builtLines, ...more };
}

/** In the text format of COPY, numbered, so that their order can be asked for. */
function copyRows() {
  const name = readyLines(90)();
  return (i) => `${i}\t${name(i)}`;
}

function compressing({ create, ...more }) {
  const { encoding } = more;
  const toFile = { ...more, sink: 'compressed' };
  const toS3 = { ...more, sink: 's3', phases: ['fresh'] };
  return [
    row(encoding, `${encoding} in front of a file`, 300_000, compressors(create), toFile),
    row(`${encoding}-s3`, `${encoding} in front of S3`, 300_000, uploads(create), toS3),
  ];
}

const fresh = ['fresh'];
const later = (callback) => setImmediate(callback);
const atOnce = (callback) => callback();

module.exports = [
  row('custom-at-once', 'a sink that calls back at once', 3_000_000, idleSinks(atOnce), {
    sink: 'none',
  }),
  row('custom-turn', 'a sink that calls back in the next turn', 1_000_000, idleSinks(later), {
    sink: 'none',
  }),
  ...[GZIP, ZSTD].flatMap(compressing),
  row('s3', 'a multipart upload to S3', 1_000_000, uploads(), { sink: 's3', phases: fresh }),
  row('postgres', 'COPY into PostgreSQL', 300_000, postgres, {
    ...{ makeChunk: copyRows, sink: 'postgres', phases: fresh },
  }),
  row('redis', 'XADD to Redis', 20_000, redis, { sink: 'redis', phases: fresh }),
  row('nats', 'messages to NATS JetStream', 10_000, nats, { sink: 'nats', phases: fresh }),
];

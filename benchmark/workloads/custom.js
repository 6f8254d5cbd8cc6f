'use strict';

/**
 * Sinks of one's own, 100-byte lines: what batches change. They need servers and clients that the others
 * do not, so that only `npm run bench -- custom` measures them. A new process each, with servers warm.
 */

const zlib = require('node:zlib');
const { compressors, idleSinks, nats, postgres, redis, s3 } = require('../peers/custom.js');
const { builtLines, readyLines } = require('./content.js');

/** In the text format of COPY, numbered, so that their order can be asked for. */
function copyRows() {
  const name = readyLines(90)();
  return (i) => `${i}\t${name(i)}`;
}

function row(name, title, writes, makeChunk, peers, more) {
  return {
    kind: 'custom',
    name,
    title,
    writes,
    makeChunk,
    peers,
    baseline: peers[0].name,
    ...more,
  };
}

const toServer = { phases: ['fresh'] };
const later = (callback) => setImmediate(callback);
const atOnce = (callback) => callback();
const zstd = zlib.createZstdCompress;

module.exports = [
  row(
    'custom-at-once',
    'a sink that calls back at once',
    3_000_000,
    builtLines,
    idleSinks(atOnce),
    {
      sink: 'none',
    },
  ),
  row(
    'custom-turn',
    'a sink that calls back in the next turn',
    1_000_000,
    builtLines,
    idleSinks(later),
    {
      sink: 'none',
    },
  ),
  row('gzip', 'gzip in front of a file', 500_000, builtLines, compressors(zlib.createGzip), {
    sink: 'compressed',
  }),
  ...(zstd === undefined
    ? []
    : [
        row('zstd', 'zstd in front of a file', 1_000_000, builtLines, compressors(zstd), {
          sink: 'compressed',
        }),
      ]),
  row('s3', 'a multipart upload to S3', 2_000_000, builtLines, s3, { sink: 's3', ...toServer }),
  row('postgres', 'COPY into PostgreSQL', 1_000_000, copyRows, postgres, {
    sink: 'postgres',
    ...toServer,
  }),
  row('redis', 'XADD to Redis', 50_000, builtLines, redis, { sink: 'redis', ...toServer }),
  row('nats', 'messages to NATS JetStream', 30_000, builtLines, nats, {
    sink: 'nats',
    ...toServer,
  }),
];

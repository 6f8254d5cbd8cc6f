'use strict';

// A log that is rotated at 256 KiB, compressed, and archived to S3: each file is sent, the oldest first, and
// removed when the store has it. A store that is away keeps nobody from logging. What was not sent is tried
// again with growing pauses, and at the next start. A file may be sent twice; it has the same key then.
//
//   node examples/rotated-log.js bucket file < lines

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');
const s3 = require('@aws-sdk/client-s3');
const { createWriteStream } = require('rushwrite');

/** Sends one file. A rejection means that it is tried again; the signal, that the log was destroyed. */
async function upload({ client, Bucket }, file, signal) {
  const Body = await fs.promises.readFile(file);
  const ContentMD5 = createHash('md5').update(Body).digest('base64');
  const input = { Bucket, Key: path.basename(file), Body, ContentMD5 };
  await client.send(new s3.PutObjectCommand(input), { abortSignal: signal });
}

/** The stream of a log whose files go to `store`: a client and a bucket. */
function openLog(file, store, size = 256 * 1024) {
  const archive = (aside, { signal }) => upload(store, aside, signal);
  return createWriteStream(file, { rotate: { size, compress: 'gzip', archive } });
}

async function main([Bucket, file]) {
  const log = openLog(file, { client: new s3.S3Client({}), Bucket });
  log.on('archive', (event) => console.log(`${event.file} is archived`));
  log.on('archiveError', (event) => console.error(`${event.file}: ${event.error.message}`));
  await pipeline(process.stdin, log);
}

if (require.main === module) main(process.argv.slice(2));
module.exports = openLog;

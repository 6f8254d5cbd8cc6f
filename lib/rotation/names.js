'use strict';

// The names of files that were put aside: that of the log with the moment in it, as
// `app-2026-11-28T15-04-05.123Z.log`. src/io/sink/rotation.rs gives them.

const path = require('node:path');

/** What follows the name of a file that was compressed. */
const COMPRESSED = '.gz';

/** What follows while that goes on. */
const PARTIAL = '.gz.part';

const STAMP = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.\d{3}Z/;
const STAMP_LENGTH = 24;

/**
 * The path of the file that was put aside at this moment.
 * @param {string} log
 * @param {number} stampMs milliseconds since 1970
 */
function pathAside(log, stampMs) {
  const stamp = new Date(stampMs).toISOString().replaceAll(':', '-');
  const { dir, name, ext } = path.parse(log);
  return path.join(dir, `${name}-${stamp}${ext}`);
}

/**
 * What a name in the log's folder says, or null if no file of the log has it.
 * @returns {{stampMs: number, kind: '' | '.gz' | '.gz.part'} | null}
 */
function parseAside(log, fileName) {
  const { name, ext } = path.parse(log);
  const prefix = `${name}-`;
  if (!fileName.startsWith(prefix)) return null;
  const rest = fileName.slice(prefix.length);
  if (!STAMP.test(rest)) return null;
  const stampMs = momentOf(rest.slice(0, STAMP_LENGTH));
  const end = rest.slice(STAMP_LENGTH);
  const kind = end.slice(ext.length);
  const isOurs = end.startsWith(ext) && ['', COMPRESSED, PARTIAL].includes(kind);
  return isOurs && !Number.isNaN(stampMs) ? { stampMs, kind } : null;
}

function momentOf(stamp) {
  return Date.parse(stamp.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:'));
}

module.exports = { COMPRESSED, PARTIAL, parseAside, pathAside };

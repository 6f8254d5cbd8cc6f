'use strict';

// What must be true of a stream that has come to its end.

const fs = require('node:fs');
const { OURS } = require('./place');
const { OLD } = require('./stage');

const LATE = new Set(['drop']);

function checkEnd(player) {
  const { ledger, program, stream } = player;
  const { autoClose = true, emitClose = true } = program.options;
  const names = player.events;
  const count = (name) => names.filter((one) => one === name).length;
  const fault = (text) => ledger.fault(text);
  for (const name of ['open', 'ready', 'finish', 'error', 'close', 'prefinish']) {
    if (count(name) > 1) fault(`${count(name)} times ${name}`);
  }
  const isClosed = stream.destroyed;
  if (emitClose && isClosed) {
    if (count('close') !== 1) fault(`${count('close')} times close`);
    const after = names.slice(names.indexOf('close') + 1).filter((name) => !LATE.has(name));
    if (after.length > 0) fault(`after close: ${after}`);
  }
  if (autoClose && !isClosed) fault('not destroyed');
  const failure = stream.errored;
  if (!failure && !player.isDestroyed && count('finish') !== 1) fault('no finish');
  checkStalls(player, names, fault);
  if (isClosed) ledger.checkCalls();
  checkStats(player, fault);
  checkPlace(player, fault);
  if (!isClosed) stream.destroy();
}

/** The thread ends: what was accepted is written. */
function checkExit({ ledger, place, program, stream, isDestroyed, isEnded }) {
  const { options } = program;
  if (program.place === 'full') return;
  if (options.atomic && !isEnded) {
    const left = place.names().filter((name) => OURS.test(name));
    if (left.length > 0) ledger.fault(`left: ${left}`);
    return;
  }
  if (options.atomic && program.place === 'missing') return;
  const isBroken = isDestroyed || stream.errored !== null || place.isBlocked || place.mustBeRead;
  // A stream without bytes is not opened for an exit.
  if (options.atomic && (isBroken || ledger.bytes === 0)) return;
  ledger.checkFiles(withoutStart(place.files(), options), isBroken || program.place === 'missing');
}

function withoutStart(files, { start = 0 }) {
  if (start === 0) return files;
  return files.map(({ name, bytes }) => {
    const skipped = bytes.length > start && bytes.subarray(0, start).every((byte) => byte === 0);
    return { name, bytes: skipped ? bytes.subarray(start) : bytes };
  });
}

function checkStalls({ stream }, names, fault) {
  const stalls = names.filter((name) => name === 'stall' || name === 'recover');
  stalls.forEach((name, at) => {
    if (name !== (at % 2 === 0 ? 'stall' : 'recover')) fault(`events of stalls: ${stalls}`);
  });
  if (stream.writableFinished && stalls.length % 2 === 1) fault(`no recover: ${names}`);
}

function checkStats({ ledger, stream }, fault) {
  if (!stream.writableFinished) return;
  const { bytesAccepted, bytesWritten, bytesQueued } = stream.stats();
  if (bytesAccepted !== ledger.bytes || bytesWritten !== ledger.bytes || bytesQueued !== 0) {
    fault(
      `stats: ${bytesAccepted} accepted, ${bytesWritten} written, ${bytesQueued} queued of ${ledger.bytes}`,
    );
  }
  if (stream.bytesWritten !== ledger.bytes)
    fault(`bytesWritten ${stream.bytesWritten} of ${ledger.bytes}`);
}

function checkPlace(player, fault) {
  const { place, program, stream } = player;
  if (program.place === 'full') return;
  checkFiles(player, fault);
  const isOurs = stream.destroyed;
  const open = isOurs && program.options.emitClose !== false ? place.openDescriptors() : [];
  if (open.length > 0) fault(`open: ${open}`);
  const left = isOurs ? place.names().filter((name) => /\.lock$|\.rushwrite-/.test(name)) : [];
  if (left.length > 0 && program.options.emitClose !== false) fault(`left: ${left}`);
  if (place.isPath && stream.closed && stream.fd !== null) fault(`fd is ${stream.fd}`);
}

function checkFiles({ ledger, place, program, stream, isEnded, target }, fault) {
  const { options } = program;
  let files = place.files().filter(({ name }) => !/\.lock$|\.rushwrite-/.test(name));
  const isWhole = stream.writableFinished;
  // What was accepted before an error may still be on its way.
  if (!isWhole && !stream.closed) return;
  if (options.atomic && program.place !== 'missing') {
    if (!isWhole) {
      const text = fs.readFileSync(target, 'latin1');
      if (text !== OLD && !isEnded) fault(`the target was touched: ${text.slice(0, 60)}`);
      return;
    }
  }
  files = withoutStart(files, options);
  if (options.rotate) checkSizes(ledger, files, options.rotate.size, fault);
  const found = ledger.checkFiles(files, !isWhole);
  if (found !== stream.bytesWritten)
    fault(`${found} bytes are there, bytesWritten says ${stream.bytesWritten}`);
}

function checkSizes(ledger, files, size, fault) {
  const batch = Math.floor(size / 64);
  const longest = Math.max(0, ...ledger.records.map(({ bytes }) => bytes.length));
  for (const { name, bytes } of files) {
    if (bytes.length > Math.max(size, longest + batch)) fault(`${name} has ${bytes.length} bytes`);
  }
}

module.exports = { checkEnd, checkExit };

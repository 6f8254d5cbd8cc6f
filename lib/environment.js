'use strict';

// The numbers that this thread's environment variables set. A worker has variables of its own.

const fs = require('node:fs');

/** What each variable sets, and between which integers. */
const NUMBERS = {
  RUSHWRITE_EXIT_TIMEOUT_MS: { least: 0, most: 2 ** 31 - 1, fallback: 5000 },
  RUSHWRITE_THREADS: { least: 1, most: 2 ** 31 - 1, fallback: undefined },
};

/** The variables for which stderr has said that they are ignored. */
const told = new Set();

/** The number of a variable, or its fallback if it is not set or out of range. */
function numberOf(name) {
  const { least, most, fallback } = NUMBERS[name];
  const text = process.env[name] ?? '';
  if (text === '') return fallback;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  tell(name, `${name}=${text} is ignored: it must be an integer from ${least} to ${most}`);
  return fallback;
}

/** How long the end of the thread waits for what was accepted, in milliseconds. */
function exitTimeoutMs() {
  return numberOf('RUSHWRITE_EXIT_TIMEOUT_MS');
}

/** The settings of the native half. Says on stderr which variables are ignored. */
function settings() {
  return { diskThreads: numberOf('RUSHWRITE_THREADS'), exitTimeoutMs: exitTimeoutMs() };
}

/** Says something once on stderr. The write is synchronous: it may be the last thing to happen. */
function tell(name, message) {
  if (told.has(name)) return;
  told.add(name);
  try {
    fs.writeSync(2, `rushwrite: ${message}\n`);
  } catch {
    // stderr is closed.
  }
}

module.exports = { exitTimeoutMs, settings };

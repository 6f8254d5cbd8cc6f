'use strict';

// The numbers that this thread's environment variables set. A worker has variables of its own.

const fs = require('node:fs');

/** What each variable sets, and between which integers. */
const NUMBERS = {
  RUSHWRITE_EXIT_TIMEOUT_MS: { least: 0, most: 2 ** 31 - 1, fallback: 5000 },
  RUSHWRITE_THREADS: { least: 1, most: 2 ** 31 - 1, fallback: undefined },
};

/** Of which variables was said that they are ignored. */
const told = new Set();

/** The number of a variable; what stands for it where that is not set, or is no such number. */
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

/** What the native half wants to know of them. Variables that are ignored are told. */
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
    // There is nobody to tell.
  }
}

module.exports = { exitTimeoutMs, settings };

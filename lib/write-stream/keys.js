'use strict';

// What a file stream keeps to itself, by symbols.

const kOutlet = Symbol('outlet');
const kOpenError = Symbol('openError');
/** `fd` was assigned before the open. */
const kIsGiven = Symbol('isGiven');
/** What closes the descriptor after the outlet is done with it. */
const kKeeper = Symbol('keeper');
/** What stands for the outlet until JavaScript has opened the file. */
const kOpening = Symbol('opening');
const kLog = Symbol('log');

module.exports = {
  kIsGiven,
  kKeeper,
  kLog,
  kOpenError,
  kOpening,
  kOutlet,
};

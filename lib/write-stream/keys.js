'use strict';

// What a file stream keeps to itself, by symbols.

const kOutlet = Symbol('outlet');
/** What is left of the outlet of a stream that is closed. */
const kFigures = Symbol('figures');
const kOpenError = Symbol('openError');
/** `fd` was assigned before the open. */
const kIsGiven = Symbol('isGiven');
/** What closes the descriptor after the outlet is done with it. */
const kKeeper = Symbol('keeper');
/** What the outlet can be made anew with, as long as nothing was opened. */
const kAgain = Symbol('again');
/** What stands for the outlet until JavaScript has opened the file. */
const kOpening = Symbol('opening');
const kLog = Symbol('log');

module.exports = {
  kAgain,
  kFigures,
  kIsGiven,
  kKeeper,
  kLog,
  kOpenError,
  kOpening,
  kOutlet,
};

'use strict';

// What a file stream may do beyond `fs`: `atomic`, `mkdir` and `retry`, judged before a file is touched.

const {
  assertInteger,
  assertType,
  incompatibleError,
  unsupportedOptionError,
  valueError,
} = require('./errors.js');

/** How long timers of Node wait at most, in milliseconds. */
const MAX_MS = 2 ** 31 - 1;

const DEFAULT_RETRY = { on: ['ENOSPC', 'EDQUOT'], delay: 1000, limit: Infinity };

/** Flags that truncate what is there, which is what a replacement comes to. */
const REPLACING_FLAGS = [undefined, null, 'w', 'w+'];

/**
 * What `src/addon/open.rs` needs to know, or undefined if the stream wants nothing of this.
 * @param {object} options those of a stream to a path or a descriptor
 * @returns {{atomic: boolean, mkdir: boolean, retry: object | undefined} | undefined}
 */
function durabilityOf(options) {
  const { atomic = false, mkdir = false, retry } = options;
  if (atomic === false && mkdir === false && retry === undefined) return undefined;
  assertType(atomic, 'options.atomic', 'boolean');
  assertType(mkdir, 'options.mkdir', 'boolean');
  const hasDescriptor = options.fd !== undefined && options.fd !== null;
  if (atomic && hasDescriptor) throw unsupportedOptionError('atomic', 'a descriptor has no path');
  if (mkdir && hasDescriptor) throw unsupportedOptionError('mkdir', 'a descriptor has no path');
  if (atomic) assertReplaces(options);
  return { atomic, mkdir, retry: retryOf(retry) };
}

function assertReplaces({ flags, start }) {
  if (!REPLACING_FLAGS.includes(flags)) throw incompatibleError('options.atomic', 'options.flags');
  if (start !== undefined) throw incompatibleError('options.atomic', 'options.start');
}

function retryOf(retry) {
  if (retry === undefined || retry === null) return undefined;
  assertType(retry, 'options.retry', 'object');
  const { on, delay, limit } = { ...DEFAULT_RETRY, ...withoutUndefined(retry) };
  assertInteger(delay, 'options.retry.delay', 1, MAX_MS);
  if (limit !== Infinity) assertInteger(limit, 'options.retry.limit', 0, MAX_MS);
  return { on: errorNumbers(on), delay, limit };
}

function withoutUndefined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** Node's positive numbers of errors. Of the defaults, those that this system has. */
function errorNumbers(codes) {
  const name = 'options.retry.on';
  if (!Array.isArray(codes) || codes.length === 0) throw valueError(name, codes);
  const numbers = codes.map(numberOf);
  const unknown = codes.find((_, i) => numbers[i] === undefined);
  if (codes !== DEFAULT_RETRY.on && unknown !== undefined) throw valueError(name, codes);
  return numbers.filter((number) => number !== undefined);
}

function numberOf(code) {
  const known = [...require('node:util').getSystemErrorMap()].find(([, [name]]) => name === code);
  // Node's list lacks a few of the system's.
  return known === undefined ? require('node:os').constants.errno[code] : -known[0];
}

/** Throws if the options want what a stream of this kind can't do. */
function refuseDurability(options, names, why) {
  const name = names.find((one) => options?.[one]);
  if (name !== undefined) throw unsupportedOptionError(name, why);
}

module.exports = { durabilityOf, refuseDurability };

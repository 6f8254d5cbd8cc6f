'use strict';

// What a chunk is, asked of the internal slots. A view's class, `length` and methods can be replaced, and
// so can those of its prototypes; where its memory lies and how long it is can not.

const { invalidChunkError } = require('./errors.js');

/**
 * A Buffer of a socket from this size on is given to the system as it is: what that takes at once is not copied.
 * Smaller ones are better gathered for one system call.
 */
const LARGE_BYTES = 32 * 1024;

const TypedArray = Object.getPrototypeOf(Uint8Array);
/** Turns a method into a function of the object. V8 makes a plain call of it. */
const uncurryThis = Function.prototype.bind.bind(Function.prototype.call);

function getterOf(prototype, key) {
  return uncurryThis(Object.getOwnPropertyDescriptor(prototype, key).get);
}

const tagOf = getterOf(TypedArray.prototype, Symbol.toStringTag);
const bufferOf = getterOf(TypedArray.prototype, 'buffer');
const byteOffsetOf = getterOf(TypedArray.prototype, 'byteOffset');

/** How many bytes a typed array has; none if its memory is gone. */
const byteLengthOf = getterOf(TypedArray.prototype, 'byteLength');

const viewLengthOf = getterOf(DataView.prototype, 'byteLength');

/** A Uint8Array of any realm and class, as `util.types.isUint8Array` says. */
function isBytes(value) {
  return tagOf(value) === 'Uint8Array';
}

/** How long a string or Uint8Array is; NaN for anything else. */
function lengthOf(chunk) {
  if (typeof chunk === 'string') return chunk.length;
  return tagOf(chunk) === 'Uint8Array' ? byteLengthOf(chunk) : Number.NaN;
}

/** The bytes of a string, typed array or DataView. */
function sizeOf(chunk, encoding) {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, encoding);
  return tagOf(chunk) === undefined ? viewLengthOf(chunk) : byteLengthOf(chunk);
}

/** A Buffer of the bytes from `start` to `end`, without a copy. */
function partOf(bytes, start = 0, end = byteLengthOf(bytes)) {
  return Buffer.from(bufferOf(bytes), byteOffsetOf(bytes) + start, end - start);
}

/** WebAssembly's memory is whole pages. */
const PAGE_BYTES = 64 * 1024;

/**
 * A program may take the memory away without giving it to anybody: of an ArrayBuffer that can be resized, or of a
 * WebAssembly.Memory, which grows. Nothing tells the latter for sure: true of all views that end within whole pages.
 */
function mayMove(bytes) {
  const { byteLength, resizable } = bufferOf(bytes);
  const isInside = byteOffsetOf(bytes) + byteLengthOf(bytes) < byteLength;
  return resizable === true || (isInside && byteLength % PAGE_BYTES === 0);
}

/**
 * Throws Node's error for a forged Buffer: a Proxy, or an object with the prototype of a Buffer. `Writable`
 * accepts those; it refuses all other invalid chunks itself.
 */
function refuseForgery(chunk) {
  if (chunk instanceof Uint8Array && tagOf(chunk) === undefined) throw invalidChunkError(chunk);
}

/** What `Writable` passes on, as a string or as a Buffer whose `length` and `subarray` tell the truth. */
function trusted(chunk) {
  if (typeof chunk === 'string' || isPlainBuffer(chunk)) return chunk;
  if (!isBytes(chunk)) throw invalidChunkError(chunk);
  return partOf(chunk);
}

function isPlainBuffer(chunk) {
  return (
    isBytes(chunk) &&
    Object.getPrototypeOf(chunk) === Buffer.prototype &&
    !Object.hasOwn(chunk, 'length') &&
    !Object.hasOwn(chunk, 'subarray')
  );
}

module.exports = {
  LARGE_BYTES,
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  lengthOf,
  mayMove,
  partOf,
  refuseForgery,
  sizeOf,
  trusted,
};

'use strict';

// `stream.Writable`, with batches for those who want them: with `batchSize` a subclass's `_write` gets
// Buffers of that size instead of each chunk. Without it, it is Node's class.

const { Writable: NodeWritable, finished } = require('node:stream');
const batchOptions = require('./batched-writable/options.js');
const Batcher = require('./batched-writable/batcher.js');
const Steps = require('./batched-writable/steps.js');
const { destroyedError } = require('./errors.js');

const kBatcher = Symbol('batcher');

/** Callable without `new`, as Node's is, which `util.inherits` builds on. */
function Writable(options) {
  if (!(this instanceof NodeWritable)) return new Writable(options);
  const batch = batchOptions(options);
  if (batch === null) {
    NodeWritable.call(this, options);
    return;
  }
  const { others, given } = Steps.divide(options);
  NodeWritable.call(this, others);
  const value = new Batcher(this, batch, given);
  Object.defineProperty(this, kBatcher, { value, configurable: true });
  // A signal that was aborted before has destroyed it.
  if (this.destroyed) value.destroy();
}

Object.setPrototypeOf(Writable, NodeWritable);
Writable.prototype = Object.create(NodeWritable.prototype, {
  constructor: { value: Writable, writable: true, configurable: true },
  [kBatcher]: { value: null },
});

/** Every stream with a writable side is one, as with Node's class. */
Object.defineProperty(Writable, Symbol.hasInstance, {
  value(object) {
    if (this === Writable) return object instanceof NodeWritable;
    return Function.prototype[Symbol.hasInstance].call(this, object);
  },
});

define('write', function write(chunk, encoding, callback) {
  const batcher = this[kBatcher];
  if (batcher === null) return NodeWritable.prototype.write.call(this, chunk, encoding, callback);
  const isBare = encoding === undefined && callback === undefined;
  if (isBare && batcher.gather(chunk)) return true;
  return batcher.write(chunk, encoding, callback);
});

define('end', function end(chunk, encoding, callback) {
  const batcher = this[kBatcher];
  if (batcher !== null) return batcher.end(chunk, encoding, callback);
  return NodeWritable.prototype.end.call(this, chunk, encoding, callback);
});

define('cork', function cork() {
  this[kBatcher]?.stopGathering();
  return NodeWritable.prototype.cork.call(this);
});

define('setDefaultEncoding', function setDefaultEncoding(encoding) {
  this[kBatcher]?.stopGathering();
  return NodeWritable.prototype.setDefaultEncoding.call(this, encoding);
});

define('destroy', function destroy(error, callback) {
  if (!this.destroyed) this[kBatcher]?.destroy();
  return NodeWritable.prototype.destroy.call(this, error, callback);
});

define('flush', function flush() {
  return new Promise((resolve, reject) => {
    const told = (error) => (error ? reject(error) : resolve());
    if (this.destroyed || this.errored) told(this.errored ?? destroyedError('flush'));
    else if (this.writableEnded) finished(this, { readable: false }, told);
    else if (this[kBatcher] !== null) this[kBatcher].flush(told);
    else if (this.writableLength === 0) resolve();
    else untilDrained(this, told);
  });
});

/** Without batches there is nothing to hand over: the queue of Node's class empties by itself. */
function untilDrained(stream, told) {
  const stop = finished(stream, { readable: false }, told);
  stream._writableState.needDrain = true;
  stream.once('drain', () => {
    stop();
    told();
  });
}

/** Methods of the class are not enumerable, as Node's are not in a `class`. */
function define(name, value) {
  Object.defineProperty(Writable.prototype, name, { value, writable: true, configurable: true });
}

module.exports = Writable;

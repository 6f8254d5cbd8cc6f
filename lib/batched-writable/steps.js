'use strict';

// The subclass's own `_write`, `_writev` and `_final`, and ours that `Writable` calls in their place.
//
// They may come from a class, from options, from a class field, which is set after the constructor, or
// from an assignment. So ours are accessors of the stream itself, which keep what is assigned to them.
//
// Options do not come to `Writable`, which would set them as properties: V8 makes a slow object of one
// whose property becomes an accessor.

const { Writable } = require('node:stream');

class Steps {
  #stream;
  /** What was set on the stream itself, by name. */
  #own = new Map();
  #ours;
  /** Those of our accessors, by name. */
  #getters = new Map();
  #isSettled = false;

  /**
   * @param {object} ours by name, functions that return what `Writable` calls instead of the stream's own step
   * @param {object} given the options that were kept from `Writable`, by name
   */
  constructor(stream, ours, given) {
    this.#stream = stream;
    this.#ours = ours;
    for (const [name, step] of Object.entries(given)) {
      if (typeof step === 'function') this.#own.set(`_${name}`, step);
    }
    this.#intercept();
  }

  #intercept() {
    for (const [name, choose] of Object.entries(this.#ours)) {
      const found = Object.getOwnPropertyDescriptor(this.#stream, name);
      if (found?.get !== undefined && found.get === this.#getters.get(name)) continue;
      if (found !== undefined && 'value' in found) this.#own.set(name, found.value);
      const get = () => choose(this.#of(name));
      const set = (own) => this.#own.set(name, own);
      Object.defineProperty(this.#stream, name, { configurable: true, get, set });
      this.#getters.set(name, get);
    }
  }

  /** At the first write the class fields are there. Throws what `Writable` throws without `_write`. */
  settle(needsWrite) {
    if (this.#isSettled) return;
    this.#intercept();
    if (!needsWrite) return;
    if (!this.#hasWrite && !this.#of('_writev')) {
      Writable.prototype._write.call(this.#stream, Buffer.alloc(0), 'buffer', () => {});
    }
    this.#isSettled = true;
  }

  get #hasWrite() {
    const write = this.#of('_write');
    return write !== undefined && write !== Writable.prototype._write;
  }

  #of(name) {
    return this.#own.get(name) ?? Object.getPrototypeOf(this.#stream)[name];
  }

  write(batch, callback) {
    if (this.#hasWrite) this.#of('_write').call(this.#stream, batch, 'buffer', callback);
    else this.#of('_writev').call(this.#stream, [{ chunk: batch, encoding: 'buffer' }], callback);
  }

  final(callback) {
    const final = this.#of('_final');
    if (typeof final !== 'function') return callback();
    try {
      final.call(this.#stream, callback);
    } catch (error) {
      callback(error);
    }
  }
}

/**
 * Divides the options of a stream into those that `Writable` gets, and those that `Steps` gets. Options with
 * another prototype than Object's are not divided: their owner may rely on how they are read.
 */
Steps.divide = function divide(options) {
  if (Object.getPrototypeOf(options) !== Object.prototype) return { others: options, given: {} };
  const { write, writev, final, ...others } = options;
  return { others, given: { write, writev, final } };
};

module.exports = Steps;

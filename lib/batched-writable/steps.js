'use strict';

// The subclass's own `_write`, `_writev` and `_final`, and ours that `Writable` calls in their place.
//
// They may come from a class, from options, from a class field, which is set after the constructor, or
// from an assignment. So ours are accessors of the stream itself, which keep what is assigned to them.

const { Writable } = require('node:stream');

class Steps {
  #stream;
  /** What was set on the stream itself, by name. */
  #own = new Map();
  #ours;
  #isSettled = false;

  /** @param {object} ours by name, functions that say what `Writable` finds instead of the own one */
  constructor(stream, ours) {
    this.#stream = stream;
    this.#ours = ours;
    this.#intercept();
  }

  #intercept() {
    for (const [name, choose] of Object.entries(this.#ours)) {
      const found = Object.getOwnPropertyDescriptor(this.#stream, name);
      if (found !== undefined && 'value' in found) this.#own.set(name, found.value);
      Object.defineProperty(this.#stream, name, {
        configurable: true,
        get: () => choose(this.#of(name)),
        set: (own) => this.#own.set(name, own),
      });
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

module.exports = Steps;

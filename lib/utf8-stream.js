'use strict';

// `fs.Utf8Stream` on our SonicBoom: Node's class is one, with errors of its own. Node's own class judges
// arguments and says what is wrong with them.

const { isReplaced } = require('./node-class.js');
const SonicBoom = require('./sonic-boom.js');
const { kState } = require('./sonic-boom/state.js');

/** Functions of `fs` that Node's class calls. */
const FUNCTIONS = [
  'open',
  'write',
  'fsync',
  'close',
  'mkdir',
  'writeSync',
  'openSync',
  'fsyncSync',
  'mkdirSync',
];

/** Such functions for a stream of Node's that never does anything. */
const INERT_FS = Object.fromEntries(FUNCTIONS.map((name) => [name, () => 3]));

/**
 * The class that takes the place of Node's.
 * @param {Function} Nodes `fs.Utf8Stream`
 */
function utf8StreamOver(Nodes) {
  class Utf8Stream extends SonicBoom {
    #settings;

    constructor(options = {}) {
      judge(Nodes, options);
      super(options);
      this.#settings = options;
      // Node's class has these as accessors of the prototype.
      for (const name of ['destroyed', 'writable', 'maxWrite', 'retryEAGAIN', 'maxWriteRetries']) {
        Object.defineProperty(this, name, { enumerable: false });
      }
    }

    get writing() {
      return this._len > 0 || (this.fd === -1 && !this.destroyed);
    }

    get fsync() {
      return this._fsync;
    }

    get periodicFlush() {
      return this.#settings.periodicFlush ?? 0;
    }

    get contentMode() {
      return this.#settings.contentMode ?? 'utf8';
    }

    write(data) {
      const isBinary = this.contentMode === 'buffer';
      const isUsual = isBinary ? Buffer.isBuffer(data) : typeof data === 'string';
      if (!this.destroyed && isUsual) return super.write(data);
      // Node's class throws, or takes this, too: since Node 26 any view, where it is about bytes.
      const answer = inert(Nodes, this).write(data);
      return ArrayBuffer.isView(data) ? super.write(bytesOf(data)) : answer;
    }

    flush(callback) {
      const isRight = callback == null || typeof callback === 'function';
      if (this.destroyed || !isRight) inert(Nodes, this).flush(callback);
      else super.flush(callback);
    }

    flushSync() {
      if (this.destroyed) inert(Nodes, this).flushSync();
      super.flushSync();
    }

    reopen(file) {
      const hasNoFile = this.file === null && !this[kState].isOpening;
      if (this.destroyed || hasNoFile) inert(Nodes, this).reopen(file);
      super.reopen(file);
    }

    end() {
      if (this.destroyed) inert(Nodes, this).end();
      super.end();
    }

    [Symbol.dispose]() {
      this.destroy();
    }
  }
  return withOwnFunctions(Utf8Stream, Nodes);
}

function bytesOf({ buffer, byteOffset, byteLength }) {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** A class that makes Node's stream where other functions than those of Node's `fs` do the work. */
function withOwnFunctions(Ours, Nodes) {
  // Such a stream is one of this class, too, but of none below it.
  Object.defineProperty(Ours, Symbol.hasInstance, {
    value(stream) {
      const isOurs = Function.prototype[Symbol.hasInstance].call(this, stream);
      return isOurs || (this.prototype === Ours.prototype && stream instanceof Nodes);
    },
  });
  return new Proxy(Ours, {
    construct(target, [options], newTarget) {
      if (options?.fs || FUNCTIONS.some(isReplaced)) return new Nodes(options);
      return Reflect.construct(target, [options], newTarget);
    },
  });
}

/** Throws what Node's class throws for these options. */
function judge(Nodes, options) {
  const period = typeof options?.periodicFlush === 'number' ? { periodicFlush: 0 } : {};
  const fs = options?.fs === undefined ? INERT_FS : options.fs;
  new Nodes({ ...options, ...period, fs }).on('error', () => {});
}

/** A stream of Node's that is as far as ours, and complains as Node does. */
function inert(Nodes, { contentMode, destroyed }) {
  const stream = new Nodes({ fd: 3, contentMode, fs: INERT_FS });
  stream.on('error', () => {});
  if (destroyed) stream.destroy();
  return stream;
}

module.exports = { utf8StreamOver };

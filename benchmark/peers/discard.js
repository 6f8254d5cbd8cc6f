'use strict';

const { Writable } = require('node:stream');

/** Takes everything and writes nothing: what is left is the cost of making the chunks. */
class Discard extends Writable {
  write(_chunk, encoding, callback = encoding) {
    if (typeof callback === 'function') {
      process.nextTick(callback);
    }
    return true;
  }

  _write(_chunk, _encoding, callback) {
    callback();
  }
}

module.exports = { Discard };

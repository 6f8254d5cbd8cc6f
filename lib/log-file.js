'use strict';

// The file of a stream whose path may name another one later, by rotation or because somebody else has put
// it aside. It tells the stream's listeners.

const path = require('node:path');
const { Rotation, nativeLog } = require('./rotation.js');

class LogFile {
  /** What the native half has to know. */
  native;
  #stream;
  #rotation = null;
  #settings;
  #path;

  /**
   * @param {WriteStream} stream
   * @param {object} settings see lib/rotation.js
   */
  constructor(stream, settings) {
    this.#stream = stream;
    this.#settings = settings.rotate;
    this.native = nativeLog(settings);
  }

  /** Returns what to open at `path`: the same wherever the process goes. */
  place(path) {
    this.#path = absolute(path);
    return this.#path;
  }

  /** The file is open. `rotate` puts the file aside after all earlier writes. */
  begin(rotate) {
    if (this.#settings === null || this.#stream.destroyed) return;
    const emit = (name, event) => this.#stream.emit(name, event);
    this.#rotation = new Rotation(`${this.#path}`, this.#settings, rotate, emit);
    this.#rotation.begin();
  }

  afterRotate(stampMs) {
    this.#rotation?.afterRotate(stampMs);
  }

  afterRotateFailure(error) {
    this.#rotation?.afterFailure(error);
  }

  moveTo(newPath) {
    this.#path = absolute(newPath);
    this.#rotation?.moveTo(`${this.#path}`);
  }

  end(isFailure) {
    this.#rotation?.end(isFailure);
  }
}

function absolute(file) {
  return typeof file === 'string' ? path.resolve(file) : file;
}

module.exports = LogFile;

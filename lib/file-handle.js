'use strict';

// A FileHandle as the descriptor of a stream. Bytes go to its number, past the handle; the handle
// itself is kept by a stream of Node's own class, which never writes. Node counts who uses a handle
// but lets nobody else count, so this is what keeps the descriptor open for as long as we write to
// it, and closes it in the handle's own way.

const { NodeWriteStream, isSignal } = require('./options.js');

class HandleKeeper extends NodeWriteStream {
  #afterHandleClose;

  /**
   * Throws what Node's class throws for these arguments, also unless `fd` is a FileHandle.
   * @param {unknown} path
   * @param {{fd: FileHandle}} options those of the owner
   * @param {() => void} afterHandleClose called when the user closes the handle
   */
  constructor(path, options, afterHandleClose) {
    // The owner listens to the signal. Anything else goes to Node's class, which refuses it.
    const signal = isSignal(options.signal) ? undefined : options.signal;
    super(path, { ...options, signal });
    this.#afterHandleClose = afterHandleClose;
  }

  /** Node's class calls this at the handle's 'close'. The descriptor is still open then. */
  close() {
    this.#afterHandleClose();
  }

  /** Closes the handle, or lets a close that waits for us go on. */
  release(error, callback) {
    this._destroy(error, callback);
  }
}

module.exports = HandleKeeper;

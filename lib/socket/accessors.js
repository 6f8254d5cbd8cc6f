'use strict';

// What a socket tells of what waits in it, and how others get its handle.

const { Duplex } = require('node:stream');
const { showWrite, kPrototype } = require('./connecting.js');
const { withoutCork } = require('./corked.js');
const { kOutlet, lose, nodesHandle } = require('./handle.js');
const { NodeSocket } = require('./loaded.js');

const nodesBuffer = Object.getOwnPropertyDescriptor(Duplex.prototype, 'writableBuffer');

function defineIn(Socket) {
  /**
   * What waits for the system counts, too. Who finds that it does may wait for a 'drain' that says that it does
   * not any more, as http does, although `write()` has answered true.
   */
  Object.defineProperty(Socket.prototype, 'writableLength', {
    get() {
      const state = this._writableState;
      const outlet = this[kOutlet];
      if (!outlet?.life.isLive || (outlet.isAtRest && outlet.countedBytes === 0))
        return state.length;
      outlet.flush();
      const length = outlet.waitingBytes(state.length);
      if (length > state.length - outlet.countedBytes && !state.ending) {
        state.needDrain = true;
        outlet.drainWhenWritten();
      }
      return length;
    },
    configurable: true,
  });

  /** `Writable`'s queue. */
  Object.defineProperty(Socket.prototype, 'writableBuffer', {
    get() {
      withoutCork(this);
      return nodesBuffer.get.call(this);
    },
    configurable: true,
  });

  /** What the handle has written, as Node says; `bytesWritten` adds what waits in `Writable`. */
  Object.defineProperty(Socket.prototype, '_bytesDispatched', {
    get() {
      const { get } = Object.getOwnPropertyDescriptor(NodeSocket.prototype, '_bytesDispatched');
      return get.call(this) + (this[kOutlet]?.acceptedBytes ?? 0);
    },
    enumerable: true,
  });

  /**
   * Code that takes the handle and writes to it, such as TLS, writes after everything accepted here. Node asks for it 17
   * times for each request of an http client, so the parts of the outlet are asked: what is gathered has a flush due.
   */
  if (nodesHandle !== undefined) {
    Object.defineProperty(Socket.prototype, '_handle', {
      get() {
        const outlet = this[kOutlet];
        if (outlet?.timer.due || outlet?.native.pendingBytes) outlet.flush();
        if (this[kPrototype]) showWrite(this);
        return nodesHandle.get.call(this);
      },
      set(handle) {
        // A handle that is given away takes the connection with it.
        if (handle !== nodesHandle.get.call(this)) lose(this);
        nodesHandle.set.call(this, handle);
      },
    });
  }
}

module.exports = { defineIn };

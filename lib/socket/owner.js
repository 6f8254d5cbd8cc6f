'use strict';

// The outlet's view of a socket.

const { EPIPE } = require('node:os').constants.errno;
const { socketError } = require('../errors.js');
const fastPath = require('../fast-path.js');
const reading = require('../reading.js');
const { handleOf, kOutlet } = require('./handle.js');

class Owner {
  constructor(socket) {
    this.stream = socket;
  }

  afterOpen() {}

  afterDrain() {
    fastPath.drain(this.stream, this.stream[kOutlet].countedBytes);
  }

  afterProgress() {
    this.stream._unrefTimer();
    reading.goOnSoon(this.stream);
  }

  beforeWait() {
    reading.hearAll(this.stream);
  }

  beforeFailure(error) {
    fastPath.noteFailure(this.stream, error);
  }

  afterFailure(error) {
    fastPath.fail(this.stream, error);
  }

  systemError(errno) {
    return socketError(errno);
  }

  /** Node reads, and finds what the driver finds. */
  get isReading() {
    const { stream } = this;
    return Boolean(handleOf(stream)?.reading) && !stream.readableEnded && !stream.destroyed;
  }

  /** Writes have found the peer gone, and reads may still find out how it went. */
  mayReadError(errno) {
    return errno === EPIPE && this.isReading;
  }

  /** Tells a failure of the driver as Node's reading does, unless it is one of writes alone. */
  failReading(errno) {
    if (!this.isReading || errno === EPIPE) return false;
    this.stream.destroy(socketError(errno, 'read'));
    return true;
  }

  /** Only a stream that is opened need not be asked before the close. */
  get isUnobserved() {
    return false;
  }
}

module.exports = Owner;

'use strict';

// The outlet's view of a file stream.

const os = require('node:os');
const { Writable } = require('node:stream');
const { irreplaceableError, systemError } = require('../errors.js');
const fastPath = require('../fast-path.js');
const { kLog, kOpenError, kOutlet } = require('./keys.js');

/** What the open of an atomic stream says of a target that is no regular file; see src/io/sink. */
const { ENOTSUP } = os.constants.errno;

class Owner {
  #stalledSince;

  constructor(stream, commits) {
    this.stream = stream;
    this.commits = commits;
  }

  afterOpen(fd, callback) {
    const { stream } = this;
    stream.fd = fd;
    callback();
    stream.emit('open', fd);
    stream.emit('ready');
    stream[kLog]?.begin(() => stream[kOutlet]?.rotate());
  }

  afterMove(error, fd) {
    const { stream } = this;
    if (error !== null) return stream.emit('reopenError', { path: stream.path, error });
    stream.fd = fd;
    stream.emit('reopen', { path: stream.path, fd });
  }

  afterRotate(fd, stampMs) {
    const { stream } = this;
    // A stream that was destroyed meanwhile has no descriptor any more.
    if (!stream.destroyed) stream.fd = fd;
    stream[kLog].afterRotate(stampMs);
  }

  afterRotateFailure(error) {
    this.stream[kLog].afterRotateFailure(error);
  }

  afterDrain() {
    fastPath.drain(this.stream);
  }

  beforeFailure(error) {
    fastPath.noteFailure(this.stream, error);
  }

  afterFailure(error) {
    fastPath.fail(this.stream, error);
  }

  afterStall(error) {
    this.#stalledSince ??= new Date();
    const { bytesQueued } = this.stream.stats();
    this.stream.emit('stall', { error, bytesQueued, since: this.#stalledSince });
  }

  afterRecovery() {
    this.#stalledSince = undefined;
    this.stream.emit('recover');
  }

  systemError(errno, syscall, path = this.stream.path) {
    if (this.commits && syscall === 'open' && errno === ENOTSUP) return irreplaceableError(path);
    return this.stream[kOpenError] ?? systemError(errno, syscall, path);
  }

  /** No listener could use the descriptor, and the stream closes itself. */
  get isUnobserved() {
    const { stream } = this;
    return (
      stream._writableState.autoDestroy &&
      !stream.destroyed &&
      stream[kLog] === undefined &&
      stream.emit === Writable.prototype.emit &&
      !hearsFd(stream)
    );
  }
}

/** The stream has a listener for an event at which Node's stream has its descriptor. */
function hearsFd(stream) {
  return (
    stream.listenerCount('open') > 0 ||
    stream.listenerCount('ready') > 0 ||
    stream.listenerCount('prefinish') > 0 ||
    stream.listenerCount('finish') > 0
  );
}

module.exports = Owner;

'use strict';

// SonicBoom 5's class, with an outlet in the place of its file system.
//
// Its options, methods and events are SonicBoom's. What it gathers, and when, is the outlet's business;
// `minLength` and `sync` say when that begins. See docs/migration.md.

const { EventEmitter } = require('node:events');
const fs = require('node:fs');
const { assertInteger } = require('./errors.js');
const { close, endFlush, flushThen } = require('./sonic-boom/closing.js');
const { begin, open, reopenLater, reopenSync } = require('./sonic-boom/opening.js');
const Owner = require('./sonic-boom/owner.js');
const { State, kOutlet, kOwner, kState } = require('./sonic-boom/state.js');
const {
  FOREVER_MS,
  askForWritten,
  giveHeld,
  whenWritten,
  writeAny,
} = require('./sonic-boom/writing.js');

const MAX_FD = 2 ** 31 - 1;

/** SonicBoom's default for `maxWrite`, with which `minLength` is compared. */
const MAX_WRITE = 16 * 1024;

function SonicBoom(options) {
  if (!(this instanceof SonicBoom)) return new SonicBoom(options);
  EventEmitter.call(this);
  const settings = { append: true, ...options };
  const dest = settings.fd || settings.dest;
  assertSettings(settings, dest);
  setProperties(this, settings);
  this[kState] = new State(settings.contentMode === 'buffer');
  this[kOwner] = new Owner(this);
  this.on('newListener', (name) => {
    if (name === 'drain' || name === 'write') hear(this);
  });
  if (typeof dest === 'number') begin(this, dest);
  else open(this, dest);
  startTimer(this, settings.periodicFlush || 0);
}
Object.setPrototypeOf(SonicBoom.prototype, EventEmitter.prototype);
Object.setPrototypeOf(SonicBoom, EventEmitter);

/** There is a listener, which also gets the events of earlier writes. */
function hear(sonic) {
  sonic[kState].isHeard = true;
  sonic[kState].isDrainDue = false;
  const outlet = sonic[kOutlet];
  if (outlet !== undefined && !sonic.destroyed && !outlet.isDrained) askForWritten(sonic);
}

function assertSettings({ contentMode, maxWrite, minLength }, dest) {
  if (![undefined, 'utf8', 'buffer'].includes(contentMode)) {
    throw new Error(`SonicBoom supports "utf8" and "buffer", but passed ${contentMode}`);
  }
  if (typeof dest !== 'number' && typeof dest !== 'string') {
    throw new Error('SonicBoom supports only file descriptors and files');
  }
  if (typeof dest === 'number') assertInteger(dest, 'fd', 0, MAX_FD);
  const most = maxWrite || MAX_WRITE;
  if ((minLength || 0) >= most)
    throw new Error(`minLength should be smaller than maxWrite (${most})`);
}

function setProperties(sonic, settings) {
  sonic.fd = -1;
  sonic.file = null;
  sonic.destroyed = false;
  sonic.writable = true;
  sonic.minLength = settings.minLength || 0;
  sonic.maxLength = settings.maxLength || 0;
  sonic.maxWrite = settings.maxWrite || MAX_WRITE;
  sonic.sync = settings.sync || false;
  sonic.append = settings.append || false;
  sonic.mode = settings.mode;
  sonic.mkdir = settings.mkdir || false;
  sonic.retryEAGAIN = settings.retryEAGAIN || (() => true);
  sonic.maxWriteRetries = settings.maxWriteRetries || 0;
  Object.defineProperty(sonic, '_fsync', { value: settings.fsync || false, writable: true });
}

function startTimer(sonic, periodMs) {
  if (periodMs === 0) return;
  sonic[kState].timer = setInterval(() => sonic.flush(null), periodMs);
  sonic[kState].timer.unref();
}

// Writing.

SonicBoom.prototype.write = function write(data) {
  if (this.destroyed) throw new Error('SonicBoom destroyed');
  const state = this[kState];
  const chunk = state.isBinary || typeof data === 'string' ? data : `${data}`;
  const isPlain = this.maxLength === 0 && this.minLength === 0 && !state.isHeard && !this.sync;
  if (!isPlain) return writeAny(this, chunk);
  const outlet = this[kOutlet];
  return outlet.gather(chunk) || outlet.take(chunk) || state.isLittle(chunk);
};

// Flushing.

SonicBoom.prototype.flush = function flush(callback) {
  if (callback != null && typeof callback !== 'function') {
    throw new Error('flush cb must be a function');
  }
  if (this.destroyed) {
    const error = new Error('SonicBoom destroyed');
    if (!callback) throw error;
    callback(error);
    return;
  }
  const isIdle = !this[kState].isOpening && this[kOutlet].isDrained;
  if (this.minLength <= 0 && isIdle) {
    callback?.();
    return;
  }
  giveHeld(this);
  askForWritten(this);
  if (callback) flushThen(this, callback);
  this[kOutlet].flush();
};

SonicBoom.prototype.flushSync = function flushSync() {
  if (this.destroyed) throw new Error('SonicBoom destroyed');
  const heldBytes = this[kState].countHeld();
  const { error } = this[kOutlet].settle(FOREVER_MS);
  if (error !== null) throw error;
  // 'write' events are about what is written behind the program's back.
  this[kState].toldBytes += heldBytes;
  if (this[kState].isBinary || this.fd < 0) return;
  try {
    fs.fsyncSync(this.fd);
  } catch {
    // It may not be possible for what this is.
  }
};

// Another file, and the end.

SonicBoom.prototype.reopen = function reopen(file) {
  if (this.destroyed) throw new Error('SonicBoom destroyed');
  if (this[kState].isEnding) return;
  if (!this.file && !this[kState].isOpening) {
    throw new Error('Unable to reopen a file descriptor, you must pass a file to SonicBoom');
  }
  if (file) this.file = file;
  giveHeld(this);
  if (this.sync) reopenSync(this);
  else reopenLater(this);
};

SonicBoom.prototype.end = function end() {
  if (this.destroyed) throw new Error('SonicBoom destroyed');
  const state = this[kState];
  if (state.isOpening) {
    this.once('ready', () => {
      if (!this.destroyed) this.end();
    });
    return;
  }
  if (state.isEnding) return;
  state.isEnding = true;
  giveHeld(this);
  state.flushes++;
  whenWritten(this, (error) => {
    state.hasFailed = error !== null;
    endFlush(this);
  });
  this[kOutlet].flush();
};

SonicBoom.prototype.destroy = function destroy() {
  if (this.destroyed) return;
  const state = this[kState];
  state.held = [];
  state.heldLength = 0;
  if (this.fd !== -1) return close(this);
  this.destroyed = true;
  clearInterval(state.timer);
  this[kOutlet].rejectSoon(new Error('SonicBoom destroyed'));
  this.once('ready', () => close(this));
  if (state.flushes > 0) this.emit('error', new Error('SonicBoom destroyed'));
};

/** How much was accepted that the system has not taken. */
Object.defineProperty(SonicBoom.prototype, '_len', {
  get() {
    const { acceptedBytes, completedBytes } = this[kOutlet];
    return this[kState].heldLength + acceptedBytes - completedBytes;
  },
});

module.exports = SonicBoom;

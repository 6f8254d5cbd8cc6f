'use strict';

// A native stream: how it is opened, its marks, its counts, and its end. Only this file, and lib/native-stream/feed.js,
// from which it inherits, call the addon with a stream's number.
//
// The outlet frees it when the stream is closed, the garbage collector when the outlet was dropped before.

const events = require('./events.js');
const addon = require('./native.js');
const Estate = require('./native-stream/estate.js');
const Feed = require('./native-stream/feed.js');
const { now } = require('./timers.js');

const {
  MARK_CLOSE,
  MARK_END,
  MARK_END_AND_CLOSE,
  MARK_ROTATE,
  MARK_SYNC,
  MARK_SYNC_METADATA,
  STATS,
  SYSTEM_CALLS,
} = addon.constants;

/** Frees the native streams of outlets that were dropped without a close, and closes what is not the user's. */
const dropped = new FinalizationRegistry(({ id, isKeptOpen, isLent }) => {
  if (!isKeptOpen) addon.mark(id, MARK_CLOSE);
  // Rust would close what it has opened for itself.
  if (!isKeptOpen || isLent) release(id);
});

/** Fills `stats`, if they are given, with what was done for the stream. */
function release(id, stats) {
  if (temporaries.size > 0) temporaries.delete(id);
  addon.release(id, stats);
  events.removeStream();
}

/** A copy, as a plain array: to make a typed one takes a microsecond, and twice the memory. */
function listOf(numbers) {
  const list = [];
  for (let i = 0; i < numbers.length; i++) list.push(numbers[i]);
  return list;
}

/** The numbers of the streams that have a temporary file: whoever ends the thread has it removed. */
const temporaries = new Set();

/** What `stats()` answers, and where in it the bytes are that the system has taken. */
const currentStats = new Float64Array(STATS.length);
const NO_STATS = new Float64Array(STATS.length);
const BYTES_WRITTEN = STATS.indexOf('bytesWritten');

class NativeStream extends Feed {
  /** Called with a descriptor that a program has given a stream; see lib/stdio.js. */
  static beforeDescriptor = null;

  /** All that is counted, once the stream is gone. */
  #finalStats = null;
  /** Of a file, in an object of its own, which the collector is told: the stream is gone then. Null for a socket. */
  #estate;

  constructor(isDirect) {
    super(isDirect);
    this.#estate = isDirect ? null : new Estate();
  }

  /**
   * One that writes to a path.
   * @param {{path: string | Buffer, flags: number, mode: number}} target
   * @param {object} how see src/addon/open.rs
   * @param {number} how.start
   * @param {boolean} how.flush
   * @param {boolean} how.keepOpen
   * @param {object} [how.durability]
   * @param {object} [how.log] how other files take its place, if they do
   */
  static ofPath({ path, flags, mode }, { start, flush, keepOpen, durability, log }) {
    const stream = new NativeStream(false);
    events.addStream();
    try {
      // No closure: short files come by the thousand.
      const { queue } = events;
      stream.id = addon.openPath(queue, path, flags, mode, start, flush, keepOpen, durability, log);
    } finally {
      if (stream.id === null) events.removeStream();
    }
    stream.#estate.isKeptOpen = keepOpen;
    stream.#estate.isLent = keepOpen;
    if (durability?.atomic) {
      stream.#estate.isTemporary = true;
      temporaries.add(stream.id);
    }
    return stream;
  }

  /**
   * Closes all streams of this thread that have a temporary file, which is removed with that.
   * @param {number} timeoutMs
   */
  static abandonTemporaries(timeoutMs) {
    const endMs = now() + timeoutMs;
    for (const id of temporaries) {
      addon.discard(id);
      addon.mark(id, MARK_CLOSE);
    }
    for (const id of temporaries) {
      addon.waitSettled(id, Math.ceil(Math.max(0, endMs - now())));
    }
  }

  /** One that writes to a descriptor, which its owner closes. */
  static ofDescriptor(fd, { start, flush, durability }) {
    NativeStream.beforeDescriptor?.(fd);
    const stream = new NativeStream(false);
    stream.#open((queue) => addon.openDescriptor(queue, fd, start, flush, durability?.retry));
    return stream;
  }

  /** One that will write to a socket, from `openSocket()` on. */
  static ofSocket() {
    return new NativeStream(true);
  }

  /** One that will write to a descriptor that JavaScript opens and closes, from `openSocket()` on. */
  static ofLaterDescriptor(how) {
    const stream = new NativeStream(false);
    stream.#estate.how = how;
    return stream;
  }

  /** The socket is connected, and lends its descriptor, or the file open. Returns false if there can be no stream. */
  openSocket(fd) {
    const how = this.#estate?.how ?? null;
    const { start, flush, durability } = how ?? {};
    this.#open((queue) =>
      how === null
        ? addon.openSocketStream(queue, fd)
        : addon.openDescriptor(queue, fd, start, flush, durability?.retry),
    );
    return this.exists;
  }

  #open(open) {
    events.addStream();
    try {
      this.id = open(events.queue);
    } finally {
      if (this.id === null) events.removeStream();
    }
  }

  /** Bytes that Rust has accepted, flushed or not. */
  get totalBytes() {
    return this.exists ? addon.accepted(this.id) : this.acceptedBytes;
  }

  /** Bytes that the system has taken. */
  get completedBytes() {
    return this.id === null ? (this.#finalStats?.[BYTES_WRITTEN] ?? 0) : addon.completed(this.id);
  }

  /** The descriptor that a socket has lent is about to be closed, or somebody else's. */
  disown() {
    if (this.id !== null) addon.disown(this.id);
  }

  /** Goes on writing where no other thread can: the system has no descriptor to spare. */
  unpark() {
    addon.unpark(this.id);
    this.refresh();
  }

  /**
   * What the end of what the peer sends means: 0 if it is just an end, the error's number if a write has
   * failed, -1 if a write is about to tell.
   */
  atEnd() {
    return this.id === null ? 0 : addon.atEnd(this.id);
  }

  /** What was written is in its place. */
  forgetTemporary() {
    if (!this.#estate?.isTemporary) return;
    temporaries.delete(this.id);
    this.#estate.isTemporary = false;
  }

  /** Asks for one progress event when so many bytes are completed. */
  watch(position) {
    addon.watch(this.id, position);
  }

  /** Nothing more comes: the driver tells when all is written, and synced where that was asked for. */
  markEnd() {
    addon.mark(this.id, MARK_END);
  }

  /** The same, and the driver closes then without being asked again. */
  markEndAndClose() {
    addon.mark(this.id, MARK_END_AND_CLOSE);
  }

  /** The driver closes; what the system takes without waiting is still written. */
  markClose() {
    addon.mark(this.id, MARK_CLOSE);
  }

  /** The driver tells when all that was accepted is on the device. */
  markSync(wantsMetadata) {
    addon.mark(this.id, wantsMetadata ? MARK_SYNC_METADATA : MARK_SYNC);
  }

  /** What has been done so far: numbers in the order of src/addon/stats.rs. The next call changes them. */
  stats() {
    if (this.id === null) return this.#finalStats ?? NO_STATS;
    addon.stats(this.id, currentStats);
    return currentStats;
  }

  /** What comes later goes to the file at `path`, or the one that has the stream's path then. */
  markReopen(path) {
    addon.markReopen(this.id, path);
  }

  /** The file is put aside, and what comes later goes to a new one. */
  markRotate() {
    addon.mark(this.id, MARK_ROTATE);
  }

  /** Drops what the driver has not taken. */
  discard() {
    addon.discard(this.id);
  }

  /**
   * Waits until the system has all that was accepted, and returns how many bytes it has not. Where
   * nobody drives the stream, this thread does meanwhile.
   */
  settle(timeoutMs) {
    const missingBytes = addon.settle(this.id, timeoutMs);
    if (missingBytes === 0) this.forgetPending();
    return missingBytes;
  }

  /**
   * Waits until the system has all that was accepted.
   * @returns {{isSettled: boolean, bytes: number, errno: number, syscall: string | undefined}} whether the
   *   time was long enough, what the system has not taken, and which call has failed, if one did
   */
  waitSettled(timeoutMs) {
    const { isSettled, bytes, errno, call } = addon.waitSettled(this.id, timeoutMs);
    return { isSettled, bytes, errno, syscall: SYSTEM_CALLS[call] };
  }

  /** A stream that is dropped is closed, unless its descriptor is the user's to close. */
  set isKeptOpen(isKeptOpen) {
    this.#estate.isKeptOpen = isKeptOpen;
  }

  /**
   * Nothing may hold the outlet from now on. Most short streams are closed before that. A socket is held by its handle,
   * which Node closes.
   */
  allowCollection() {
    if (this.isDirect || this.#estate.isRegistered || !this.exists) return;
    this.#estate.isRegistered = true;
    this.#estate.id = this.id;
    dropped.register(this, this.#estate, this);
  }

  #unregister() {
    if (!this.#estate?.isRegistered) return;
    dropped.unregister(this);
    this.#estate.isRegistered = false;
  }

  /** The stream is closed: its number may be another's from now on. */
  free() {
    if (!this.exists) return;
    events.remove(this.id);
    this.#unregister();
    this.forgetPending();
    if (this.isDirect) this.keepCount();
    release(this.id, currentStats);
    this.#finalStats = listOf(currentStats);
    this.id = null;
  }
}

module.exports = NativeStream;

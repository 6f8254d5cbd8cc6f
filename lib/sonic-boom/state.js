'use strict';

// What a SonicBoom keeps to itself, and where it keeps it.

const kOutlet = Symbol('outlet');
const kOwner = Symbol('owner');
const kState = Symbol('state');

/** SonicBoom says no before so many characters wait, or `minLength`. */
const LEAST_WAITING = 16 * 1024;

class State {
  /** What was written and waits until it is `minLength` long. */
  held = [];
  heldLength = 0;
  /** Bytes that outlets before this one have taken. */
  earlierBytes = 0;
  /** Bytes accepted, counted only where there is a `maxLength`. */
  acceptedBytes = 0;
  /** Bytes that 'write' events have reported. */
  toldBytes = 0;
  /** Characters or bytes written since the outlet has asked to wait for its drain. */
  excess = 0;
  /** Characters or bytes that went to the outlet since it was asked how much waits, and those that did. */
  waiting = 0;
  /** 'drain' or 'write' has, or had, a listener. */
  isHeard = false;
  /** `afterWritten()` will come. */
  isAwaited = false;
  /** 'drain' comes in the next tick, if it has a listener then. */
  isDrainDue = false;
  /** How many flushes, and the end, wait. */
  flushes = 0;
  /** Those of them whose bytes the system does not have: their end positions and callbacks. */
  unwritten = new Set();
  /** Not all was written by the end. */
  hasFailed = false;
  /** The outlet has failed. */
  isBroken = false;
  /** What is opened, or was. */
  path = undefined;
  /** How many files are asked for that are not open yet: they are opened in order. */
  openings = 0;
  isEnding = false;
  timer = undefined;

  constructor(isBinary) {
    this.isBinary = isBinary;
  }

  get isOpening() {
    return this.openings > 0;
  }

  /** Whether a write that the outlet would rather have had later is one too many. */
  isLittle(data) {
    this.excess += data.length;
    return this.excess < LEAST_WAITING;
  }

  hold(data) {
    this.held.push(data);
    this.heldLength += data.length;
  }

  /** How many bytes wait until there are more. */
  countHeld() {
    let bytes = 0;
    for (const data of this.held) bytes += Buffer.byteLength(data);
    return bytes;
  }

  takeHeld() {
    const { held } = this;
    this.held = [];
    this.heldLength = 0;
    return this.isBinary ? Buffer.concat(held) : held.join('');
  }
}

module.exports = { LEAST_WAITING, State, kOutlet, kOwner, kState };

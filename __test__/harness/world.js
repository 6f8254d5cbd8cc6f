'use strict';

// What a scenario works with: one side's constructors, a folder of its own, and the log.

const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { show } = require('./show');

// `drain` is left out: our Rust buffer takes bytes at once where Node returns false, so the number
// of drains is no part of the contract, nor how soon a source is piped to its end. Scenarios about
// drain, pipe and unpipe listen for them themselves.
const EVENTS = ['open', 'ready', 'prefinish', 'finish', 'error', 'close'];

class World {
  constructor(api, dir) {
    this.api = api;
    this.dir = dir;
    this.log = [];
    this.hidden = new Map([[dir, '<dir>']]);
  }

  /** Releases what the scenario left open, and tells what else belongs to the comparison. */
  async end() {
    return {};
  }

  file(name = 'out') {
    return path.join(this.dir, name);
  }

  read(name) {
    return fs.readFileSync(this.file(name));
  }

  /** Puts one line into the log that both sides must share. */
  note(...entry) {
    this.log.push(show(entry, this.hidden));
  }

  /** A callback that logs its arguments, their number included. */
  callback(label) {
    return (...args) => this.note(label, ...args);
  }

  /** Logs what `action` returns, or what it throws. */
  attempt(label, action) {
    try {
      const result = action();
      this.note(label, 'returned', result);
      return result;
    } catch (error) {
      this.note(label, 'threw', error);
      return undefined;
    }
  }

  /** Creates a stream of this side and logs all its events. */
  create(...args) {
    return this.watch(this.api.createWriteStream(...args));
  }

  /** Like `create`, for arguments that may be refused at once. */
  tryCreate(label, ...args) {
    try {
      return this.create(...args);
    } catch (error) {
      this.note(label, 'threw', error);
      return undefined;
    }
  }

  watch(stream, label, events = EVENTS) {
    const prefix = label === undefined ? [] : [label];
    for (const event of events) {
      stream.on(event, (...args) => this.note(...prefix, event, ...hideNumbers(event, args)));
    }
    return stream;
  }

  /** Resolves at 'close', whether or not an error came first. */
  async closed(stream) {
    if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
  }

  /** Resolves at `event`; rejects if the stream fails first. */
  async event(stream, name) {
    return once(stream, name);
  }
}

// The number of a descriptor is chance; that it is one is not.
function hideNumbers(event, args) {
  return event === 'open' ? args.map((fd) => typeof fd) : args;
}

module.exports = { World };

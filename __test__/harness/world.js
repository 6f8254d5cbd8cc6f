'use strict';

// What a scenario gets: the constructors of one side, a folder and a log.

const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { show } = require('./show');

// Without `drain`: our Rust buffer takes bytes at once where Node returns false, so the number of
// drains and the time at which a pipe ends may differ. Scenarios about drain, pipe and unpipe add
// their own listeners.
const EVENTS = ['open', 'ready', 'prefinish', 'finish', 'error', 'close'];

class World {
  constructor(api, dir) {
    this.api = api;
    this.dir = dir;
    this.log = [];
    this.hidden = new Map([[dir, '<dir>']]);
  }

  /** Closes what the scenario left open; returns what else is to be compared. */
  async end() {
    return {};
  }

  file(name = 'out') {
    return path.join(this.dir, name);
  }

  read(name) {
    return fs.readFileSync(this.file(name));
  }

  /** Adds an entry to the log, which must be the same on both sides. */
  note(...entry) {
    this.log.push(show(entry, this.hidden));
  }

  /** A callback that logs its arguments. */
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

// Descriptor numbers differ between runs; only the type is logged.
function hideNumbers(event, args) {
  return event === 'open' ? args.map((fd) => typeof fd) : args;
}

module.exports = { World };

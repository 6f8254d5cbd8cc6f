'use strict';

// The events of all streams of this thread, for subscribers of node:diagnostics_channel:
// `rushwrite:open`, `:close`, `:error` and `:stall`. Without subscribers each costs one look at a flag.
//
// A stall is seen from outside: the figures of a stream that has something to do stay as they are. Only while
// somebody subscribes to it does a timer look at them.

const diagnostics = require('node:diagnostics_channel');
const events = require('./events.js');
const { clearInterval, now, setInterval } = require('./timers.js');

const channels = {
  open: diagnostics.channel('rushwrite:open'),
  close: diagnostics.channel('rushwrite:close'),
  error: diagnostics.channel('rushwrite:error'),
  stall: diagnostics.channel('rushwrite:stall'),
};

/** How often the figures are looked at: so many times within the shortest `stallTimeout`. */
const LOOKS = 4;

/** @param {'open' | 'close' | 'error' | 'stall'} name */
function publish(name, stream, more) {
  const channel = channels[name];
  if (channel.hasSubscribers) channel.publish({ stream, stats: stream.stats(), ...more });
}

/** There are subscribers before the stream is made. */
function isOpenObserved() {
  return channels.open.hasSubscribers || channels.stall.hasSubscribers;
}

/** A stream has its native stream: its stalls are watched from now on, if there are subscribers. */
function publishOpen(stream, stallTimeoutMs) {
  publish('open', stream);
  if (channels.stall.hasSubscribers && stallTimeoutMs !== Infinity) watch.need(stallTimeoutMs);
}

class Watch {
  #timer = null;
  #periodMs = Infinity;
  /** What was last seen of a stream, and since when: `{ figures, sinceMs, isTold }`. */
  #seen = new WeakMap();

  need(stallTimeoutMs) {
    const periodMs = Math.max(1, Math.floor(stallTimeoutMs / LOOKS));
    if (this.#timer !== null && periodMs >= this.#periodMs) return;
    this.#stop();
    this.#periodMs = periodMs;
    this.#timer = setInterval(() => this.#look(), periodMs).unref();
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = null;
    this.#periodMs = Infinity;
  }

  #look() {
    if (!channels.stall.hasSubscribers) return this.#stop();
    for (const target of events.busyTargets()) this.#lookAt(target);
  }

  #lookAt(target) {
    const { figures } = target;
    const seen = this.#seen.get(target);
    if (figures === null || seen?.figures !== figures) {
      this.#seen.set(target, { figures, sinceMs: now(), isTold: false });
      return;
    }
    const forMs = now() - seen.sinceMs;
    if (seen.isTold || forMs < target.stallTimeoutMs) return;
    seen.isTold = true;
    publish('stall', target.stream, { stalledMs: Math.round(forMs) });
  }
}

const watch = new Watch();

module.exports = { isOpenObserved, publish, publishOpen };

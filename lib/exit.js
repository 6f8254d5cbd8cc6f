'use strict';

// The end of the thread: what its streams have accepted is written before the process is gone. One
// for each thread.
//
// `process.exit()`, an uncaught error, an unhandled rejection and the natural end all emit 'exit'
// last, and after it no tick, no task and, on the main thread, no cleanup hook of the addon runs. So
// the 'exit' listener waits, and what later listeners write is waited for write by write.

const fs = require('node:fs');
const environment = require('./environment.js');
const events = require('./events.js');
const { flushStreams } = require('./flush.js');
const { realProcess } = require('./main-realm.js');
const NativeStream = require('./native-stream.js');
const { now } = require('./timers.js');

class Exit {
  /** The thread is about to end: what is left for later may never happen. */
  isUnderWay = false;
  /** When the last flush of this thread must be over. */
  #endMs = 0;
  /** That bytes were lost is said once. */
  #isTold = false;
  /** Files that JavaScript has not opened yet. */
  #openings = new Set();

  /** Listens for the end of the thread while there are streams: a listener holds this realm. */
  watch() {
    const flushAll = () => this.#flushAll();
    events.whileUsed(
      () => realProcess.on('exit', flushAll),
      () => realProcess.off('exit', flushAll),
    );
  }

  /** Writes what the stream of `target` has accepted after the flush of all. */
  flush(target, takesQueue) {
    const leftMs = Math.max(0, this.#endMs - now());
    this.tell(flushStreams([target], leftMs, takesQueue));
  }

  /** What a file that JavaScript opens has accepted needs its descriptor before the flush of all. */
  addOpening(opening) {
    this.#openings.add(opening);
    events.addStream();
  }

  removeOpening(opening) {
    if (this.#openings.delete(opening)) events.removeStream();
  }

  #flushAll() {
    for (const opening of this.#openings) this.tell(opening.openForExit());
    this.isUnderWay = true;
    const timeoutMs = environment.exitTimeoutMs();
    this.#endMs = now() + timeoutMs;
    const targets = events
      .targets()
      .filter((target) => target.flushesOnExit && !target.isAbandoned);
    this.tell(flushStreams(targets, timeoutMs));
    NativeStream.abandonTemporaries(Math.max(0, this.#endMs - now()));
  }

  /** Says on standard error, once, how much is lost, and why: it was not taken in time, unless there is an error. */
  tell({ bytes, streams, error }) {
    if (bytes === 0 || this.#isTold) return;
    this.#isTold = true;
    const what = `${bytes} bytes of ${streams} ${streams === 1 ? 'stream' : 'streams'}`;
    const why = error?.message ?? `they were not taken within ${environment.exitTimeoutMs()} ms`;
    try {
      fs.writeSync(2, `rushwrite: ${what} could not be written before the exit: ${why}\n`);
    } catch {
      // stderr is closed: the message is lost.
    }
  }
}

const exit = new Exit();
exit.watch();

module.exports = exit;

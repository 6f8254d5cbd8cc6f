'use strict';

/** What a run costs the process that makes it: time, CPU, memory, loop delay, system calls. */

const fs = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');

/** What the delay monitor's own timer waits; it is taken off its figures. */
const RESOLUTION_MS = 1;
/** Long enough for the monitor to take its first sample, which it does not count. */
const SETTLE_MS = 5;

class Gauges {
  #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpu;
  #startNs;
  #writeCalls;

  /** Calls `afterStart` when everything is counting. */
  start(afterStart) {
    this.#delay.enable();
    resetPeakRss();
    setTimeout(() => {
      this.#writeCalls = readWriteCalls();
      this.#cpu = process.cpuUsage();
      this.#startNs = process.hrtime.bigint();
      afterStart();
    }, SETTLE_MS);
  }

  /** Calls `afterStop(figures)`; time, CPU and memory are those of now. */
  stop(afterStop) {
    const elapsedNs = process.hrtime.bigint() - this.#startNs;
    const cpu = process.cpuUsage(this.#cpu);
    const peakRssBytes = readPeakRss();
    const writeCalls = readWriteCalls() - this.#writeCalls;
    // The turn that just ended is sampled by the next timer only.
    setTimeout(() => {
      this.#delay.disable();
      afterStop({
        seconds: Number(elapsedNs) / 1e9,
        cpuSeconds: (cpu.user + cpu.system) / 1e6,
        peakRssBytes,
        writeCalls: Number.isNaN(writeCalls) ? undefined : writeCalls,
        loopDelayMs: this.#loopDelayMs(),
      });
    }, SETTLE_MS);
  }

  #loopDelayMs() {
    const delayMs = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
    return {
      p50: delayMs(this.#delay.percentile(50)),
      p99: delayMs(this.#delay.percentile(99)),
      max: delayMs(this.#delay.max),
    };
  }
}

/**
 * How many `write(2)`, `writev(2)` and the like all threads have made, as Linux counts them; NaN
 * elsewhere. Wake-ups of the event loop are writes too; `send(2)` is none.
 */
function readWriteCalls() {
  try {
    return Number(/^syscw: (\d+)/m.exec(fs.readFileSync('/proc/self/io', 'latin1'))[1]);
  } catch {
    return Number.NaN;
  }
}

/**
 * Linux keeps the peak of this process image apart from the one that `resourceUsage()` gives, which
 * starts at the parent's size; and lets it be reset, so that the warm-up does not count.
 */
function readPeakRss() {
  try {
    const status = fs.readFileSync('/proc/self/status', 'latin1');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

function resetPeakRss() {
  try {
    fs.writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux: the peak includes the warm-up, for each peer alike.
  }
}

module.exports = { Gauges };

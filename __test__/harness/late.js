'use strict';

// Peers on another thread, and a thread of ours that sleeps until they have answered. When it wakes, what the
// system has written, and the answer to that, are both there to be told.

const { once } = require('node:events');
const { Worker } = require('node:worker_threads');

const LIMIT_MS = 10_000;

class LatePeers {
  /** How many have answered in this round. */
  #answers = new Int32Array(new SharedArrayBuffer(4));
  #worker;

  /** Runs `body(answered, onGo, parentPort)` on a thread; resolves with the first message that it posts. */
  static async start(body, data) {
    const peers = new LatePeers(body, data);
    const [first] = await once(peers.#worker, 'message');
    return { peers, first };
  }

  constructor(body, data) {
    const source = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { answers, data } = workerData;
      const answered = () => {
        Atomics.add(answers, 0, 1);
        Atomics.notify(answers, 0);
      };
      (${body})(answered, (go) => parentPort.on('message', go), parentPort, data);
    `;
    const workerData = { answers: this.#answers, data };
    this.#worker = new Worker(source, { eval: true, workerData });
  }

  /** Begins a round. */
  go(message) {
    Atomics.store(this.#answers, 0, 0);
    this.#worker.postMessage(message);
  }

  /** Sleeps until so many have answered. Returns whether they did. */
  sleep(count, limitMs = LIMIT_MS) {
    const endMs = performance.now() + limitMs;
    for (;;) {
      const answers = Atomics.load(this.#answers, 0);
      const leftMs = endMs - performance.now();
      if (answers >= count || leftMs <= 0) return answers >= count;
      Atomics.wait(this.#answers, 0, answers, leftMs);
    }
  }

  async stop() {
    await this.#worker.terminate();
  }
}

module.exports = { LatePeers };

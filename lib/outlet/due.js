'use strict';

// Callbacks of writes that are due. lib/outlet/callbacks.js, the subclass, knows which are.
//
// They are called one after the other, in the order in which they became due, whatever they do: one that throws keeps
// nobody, and those that become due while it runs come behind.

const nextTick = require('../tick.js');
const { callIn } = require('./context.js');

/** No groups: a list that is empty, and stays so. */
const NONE = [];

class Due {
  /** Groups that are to be called behind those that are being called, or in the next tick because one has thrown. */
  #groups = NONE;
  #isRunning = false;
  /** How many groups were called so far. */
  calls = 0;

  /** Some are being called, or are to be called in the next tick. What becomes due comes behind them. */
  get isCalling() {
    return this.#isRunning || this.#groups !== NONE;
  }

  /** Calls a group while none is being called. */
  callOne(group, error) {
    group.error = group.failure ?? error;
    this.calls++;
    this.#isRunning = true;
    const isCalled = callIn(group.scope, group.call, group);
    this.#isRunning = false;
    if (isCalled && this.#groups === NONE) return;
    if (isCalled) this.#run();
    else this.#runLater([group]);
  }

  /** Calls these groups, behind all that are due already. */
  callAll(groups, error) {
    for (const group of groups) group.error = group.failure ?? error;
    const isPutOff = this.isCalling;
    this.#groups = this.#groups.concat(groups);
    if (!isPutOff) this.#run();
  }

  #run() {
    this.#isRunning = true;
    while (this.#groups !== NONE) {
      const groups = this.#groups;
      this.#groups = NONE;
      const done = this.#callUntilThrown(groups);
      if (done < groups.length) {
        this.#runLater(groups.slice(done));
        break;
      }
    }
    this.#isRunning = false;
  }

  /** The error comes out in the next tick, and the rest follow behind it, before what became due meanwhile. */
  #runLater(groups) {
    this.#groups = groups.concat(this.#groups);
    nextTick(() => this.#run());
  }

  /** Returns how many were called to their ends. */
  #callUntilThrown(groups) {
    for (let done = 0; done < groups.length; done++) {
      const group = groups[done];
      this.calls++;
      if (!callIn(group.scope, group.call, group)) return done;
    }
    return groups.length;
  }
}

module.exports = Due;

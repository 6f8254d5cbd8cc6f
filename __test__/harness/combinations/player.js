'use strict';

// Plays a program of combinations, and tells what the stream has done against its promises.

const { setImmediate: nextTurn, setTimeout: wait } = require('node:timers/promises');
const { flushAllSync } = require('../../..');
const { isLong } = require('../scale');
const { checkEnd, checkExit } = require('./checks');
const { Stage } = require('./stage');

class Player extends Stage {
  /** No other program is played meanwhile. */
  isAlone = true;
  /** Called when the thread ends, once what it has written was looked at. */
  afterExit;
  /** What the next callback of an `end()` does. */
  #atEnd;

  async play() {
    const { options, steps, ending } = this.program;
    await this.open(options);
    for (const step of steps) await this.#take(step);
    await this.#finish(ending);
    for (let i = 0; i < 3; i++) {
      // Without a 'close' nothing tells of it.
      while (this.stream.destroyed && !this.stream.closed) {
        this.place.read();
        await nextTurn();
      }
      await nextTurn();
    }
    checkEnd(this);
    while (!this.stream.closed) {
      this.place.read();
      await nextTurn();
    }
    this.place.close();
    return this.ledger.faults;
  }

  async #take(step) {
    const { stream, place } = this;
    switch (step.kind) {
      case 'write':
        return this.write(step.size, step.as, step.called);
      case 'lines':
        for (let i = 0; i < step.count; i++) this.write(step.size, 'utf8', step.called);
        return;
      case 'cork':
      case 'uncork':
        return stream[step.kind]();
      case 'setDefaultEncoding':
        stream.setDefaultEncoding(step.encoding);
        return;
      case 'sync':
      case 'syncMetadata':
        this.sync(step.kind === 'syncMetadata');
        return;
      case 'flushSync':
        return this.flushSync();
      case 'flushAllSync':
        flushAllSync(this.isHindered ? 1 : 5000);
        return;
      case 'reopen':
        return this.reopenElsewhere(step.fails);
      case 'renameAndReopen':
        return this.renameAndReopen();
      case 'moveAway':
        return this.moveAway();
      case 'fill':
        return place.fill(step.bytes);
      case 'makeRoom':
        return place.makeRoom();
      case 'read':
        return place.read();
      case 'stats':
        return this.checkStats();
      case 'exit':
        // Who waits for a reader that never comes would wait for long.
        process.env.RUSHWRITE_EXIT_TIMEOUT_MS = this.isHindered ? '20' : '60000';
        process.once('exit', () => this.#afterExit());
        process.exit();
        return;
      case 'nested':
        return this.#takeLater(step);
      case 'idle':
        return this.#checkIdle();
      case 'end':
      case 'destroy':
        return this.#end(step.ending);
      default:
        return this.#wait(step);
    }
  }

  /** The streams have written what they do at the end of the thread. */
  #afterExit() {
    checkExit(this);
    this.afterExit();
  }

  #takeLater({ at, step }) {
    const take = () => void this.#take(step);
    if (at === 'callback')
      this.note(
        { bytes: Buffer.alloc(0) },
        (callback) =>
          this.stream.write('', (error) => {
            callback(error);
            take();
          }),
        true,
      );
    else if (at === 'synced') this.sync(false).then(take);
    else if (at === 'endCallback') this.#atEnd = take;
    else this.stream.once(at, take);
  }

  /** While nothing can be done, nothing is. */
  async #checkIdle() {
    if (!isLong || !this.isAlone || !this.place.isBlocked) return;
    for (let i = 0; i < 4; i++) {
      const start = process.cpuUsage();
      const startMs = performance.now();
      await wait(20);
      const { user, system } = process.cpuUsage(start);
      if (user + system < 700 * (performance.now() - startMs)) return;
    }
    this.ledger.fault('spins');
  }

  /** Something whose end nothing prevents, or the stream fails. */
  async #wait({ kind, ms }) {
    const { place, stream } = this;
    switch (kind) {
      case 'micro':
        return undefined;
      case 'tick':
        return new Promise((resolve) => process.nextTick(resolve));
      case 'turn':
        return nextTurn();
      case 'turns':
        for (let i = 0; i < 5; i++) await nextTurn();
        return;
      case 'wait':
        return wait(ms);
      case 'opened':
        if (place.isPath && stream.pending && !this.isOver) await this.event('open');
        return;
    }
    if (this.isOver || this.isEnded || stream.writableCorked > 0) return;
    if (place.isBlocked) return;
    if (kind === 'drain' && stream.writableNeedDrain) await this.event('drain');
    if (kind === 'synced') await this.whileRead(this.sync(false));
    if (kind === 'written' && !this.isEnded) {
      await this.whileRead(
        new Promise((resolve) => {
          this.note(
            { bytes: Buffer.alloc(0) },
            (callback) =>
              stream.write('', (error) => {
                callback(error);
                resolve();
              }),
            true,
          );
          for (const event of ['finish', 'error', 'close']) stream.once(event, resolve);
        }),
      );
    }
  }

  #end(ending) {
    const { ledger, stream } = this;
    const callback = () => {
      const called = ledger.callback(stream, `the callback of ${ending}`);
      const atEnd = this.#atEnd;
      this.#atEnd = undefined;
      return (error) => {
        called(error);
        atEnd?.();
      };
    };
    switch (ending) {
      case 'end':
        stream.end();
        break;
      case 'endCallback':
        stream.end(callback());
        break;
      case 'endChunk': {
        const chunk = ledger.makeChunk(60, 'utf8');
        this.note(chunk, () => stream.end(chunk.value, 'utf8', callback()), false);
        break;
      }
      case 'close':
        // Node's waits for 'close'.
        if (this.program.options.emitClose === false) stream.close();
        else stream.close(callback());
        break;
      case 'destroySoon':
        stream.destroySoon();
        break;
      case 'endTwice':
        stream.end(callback());
        stream.end(callback());
        break;
      default:
        return this.#break(ending);
    }
    this.isEnded = true;
  }

  async #break(ending) {
    const { stream } = this;
    if (ending.startsWith('end')) {
      stream.end();
      this.isEnded = true;
    }
    if (ending === 'endTickDestroy') await new Promise((resolve) => process.nextTick(resolve));
    if (ending === 'endTurnDestroy') await nextTurn();
    if (!stream.destroyed) this.isDestroyed = true;
    if (ending === 'abort' && this.program.options.signal) this.abort.abort();
    else stream.destroy(ending === 'destroyError' ? new Error('on purpose') : undefined);
  }

  async #finish(ending) {
    const { place, stream, program } = this;
    const isBreak =
      !this.isEnded &&
      ((ending.includes('estroy') && ending !== 'destroySoon') || ending === 'abort');
    if (!isBreak) place.makeRoom();
    await this.#end(ending);
    if (program.place === 'fifo' && isBreak) place.makeRoom();
    if (this.#isDone) return;
    await this.whileRead(
      new Promise((resolve) => {
        const look = () => {
          if (this.#isDone) resolve();
        };
        for (const event of ['close', 'finish', 'error']) stream.on(event, look);
        if (this.program.options.emitClose === false) this.destroyed().then(resolve);
      }),
    );
  }

  get #isDone() {
    const { stream, program } = this;
    const { autoClose = true, emitClose = true } = program.options;
    if (stream.closed) return true;
    const ends = stream.writableFinished || stream.errored !== null;
    if (!emitClose && (ends || stream.destroyed)) return true;
    return !autoClose && ends && !stream.destroyed;
  }
}

module.exports = { Player };

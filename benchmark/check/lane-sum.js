'use strict';

const LANES = 8;
const BLOCK_BYTES = 4 * LANES;

/**
 * A checksum that a receiver can compute at the speed of memory: SHA-256 would be what is measured.
 * Eight lanes of 32 bits; word after word is added to a lane's first number, and that to its second,
 * so that a byte that is changed, lost, doubled or in another place changes the result. The last
 * block is filled up with zeros; the size is compared beside it. `native/receiver.rs` is its twin.
 */
class LaneSum {
  #first = new Uint32Array(LANES);
  #second = new Uint32Array(LANES);
  #held = Buffer.alloc(0);

  update(bytes) {
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const whole = all.length - (all.length % BLOCK_BYTES);
    this.#add(all.subarray(0, whole));
    this.#held = Buffer.from(all.subarray(whole));
    return this;
  }

  digest() {
    if (this.#held.length > 0) {
      this.#add(Buffer.concat([this.#held], BLOCK_BYTES));
      this.#held = Buffer.alloc(0);
    }
    return [...this.#first, ...this.#second]
      .map((word) => word.toString(16).padStart(8, '0'))
      .join('');
  }

  #add(blocks) {
    const words = wordsOf(blocks);
    for (let lane = 0; lane < LANES; lane += 1) {
      let first = this.#first[lane];
      let second = this.#second[lane];
      for (let at = lane; at < words.length; at += LANES) {
        first = (first + words[at]) | 0;
        second = (second + first) | 0;
      }
      this.#first[lane] = first;
      this.#second[lane] = second;
    }
  }
}

/** Little-endian, as every machine is that the addon is made for. */
function wordsOf(blocks) {
  const aligned = blocks.byteOffset % 4 === 0 ? blocks : new Uint8Array(blocks);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

module.exports = { LaneSum };

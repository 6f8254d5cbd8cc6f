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
  bytes = 0;
  #sums = new Uint32Array(2 * LANES);
  #rest = Buffer.alloc(0);

  update(bytes) {
    this.bytes += bytes.length;
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const whole = all.length - (all.length % BLOCK_BYTES);
    this.#add(all.subarray(0, whole));
    this.#rest = Buffer.from(all.subarray(whole));
    return this;
  }

  /** Nothing can be added after it. */
  digest() {
    if (this.#rest.length > 0) this.#add(Buffer.concat([this.#rest], BLOCK_BYTES));
    return Array.from(this.#sums, (word) => word.toString(16).padStart(8, '0')).join('');
  }

  #add(blocks) {
    // Little-endian, as every machine is that the addon is made for.
    const aligned = blocks.byteOffset % 4 === 0 ? blocks : new Uint8Array(blocks);
    const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
    for (let lane = 0; lane < LANES; lane += 1) {
      let first = this.#sums[lane];
      let second = this.#sums[LANES + lane];
      for (let at = lane; at < words.length; at += LANES) {
        first = (first + words[at]) | 0;
        second = (second + first) | 0;
      }
      this.#sums[lane] = first;
      this.#sums[LANES + lane] = second;
    }
  }
}

module.exports = { LaneSum };

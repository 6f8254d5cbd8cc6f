'use strict';

// Long bodies are compared by length and digest, and are not kept.

const { createHash } = require('node:crypto');

class Digest {
  #hash = createHash('sha256');
  length = 0;

  update(chunk) {
    this.#hash.update(chunk);
    this.length += chunk.length;
  }

  end() {
    return `${this.length} bytes, sha256 ${this.#hash.digest('hex')}`;
  }

  /** Of all that can be read. */
  static async of(readable) {
    const digest = new Digest();
    for await (const part of readable) digest.update(part);
    return digest.end();
  }
}

/**
 * Blocks that differ from each other, `length` bytes in all and at least; what was taken goes into
 * `digest`.
 */
function* blocks(length, digest) {
  for (let i = 0; digest.length < length; i++) {
    const block = Buffer.alloc(1 + ((i * 7919) % 150_000), `block ${i} `);
    digest.update(block);
    yield block;
  }
}

module.exports = { Digest, blocks };

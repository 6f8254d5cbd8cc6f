'use strict';

// Compares long bodies by length and digest, without keeping them.

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

  /** The digest of all bytes of `readable`. */
  static async of(readable) {
    const digest = new Digest();
    for await (const part of readable) digest.update(part);
    return digest.end();
  }
}

/**
 * Distinct blocks, at least `length` bytes in all; adds each block that is taken to `digest`.
 */
function* blocks(length, digest) {
  for (let i = 0; digest.length < length; i++) {
    const block = Buffer.alloc(1 + ((i * 7919) % 150_000), `block ${i} `);
    digest.update(block);
    yield block;
  }
}

module.exports = { Digest, blocks };

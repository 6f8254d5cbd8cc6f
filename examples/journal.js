'use strict';

// A write-ahead log: a change counts once its record is on the disk. Many changes at once share one sync. At
// the start the journal is read, and what a crash has left of a record at its end is cut off.
//
//   node examples/journal.js [file]

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const zlib = require('node:zlib');
const { createWriteStream } = require('rushwrite');

class Journal {
  #out;

  /** Calls `apply` with every change that is on record, then takes more. */
  constructor(file, apply) {
    const end = recover(file, apply);
    if (fs.existsSync(file)) fs.truncateSync(file, end);
    this.#out = createWriteStream(file, { flags: 'a', mkdir: true });
    this.#out.on('error', (error) => console.error(`the journal is lost: ${error.message}`));
  }

  /** Resolves when the change is on the disk; until then it must not be told to anybody. */
  async record(change) {
    const text = JSON.stringify(change);
    this.#out.write(`${checksum(text)} ${text}\n`);
    await this.#out.sync();
  }

  get syncs() {
    return this.#out.stats().syncs;
  }

  close(callback) {
    this.#out.end(callback);
  }
}

/** Returns where the last whole record ends, in bytes. */
function recover(file, apply) {
  const bytes = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
  let end = 0;
  for (let at = bytes.indexOf('\n'); at !== -1; at = bytes.indexOf('\n', end)) {
    const line = bytes.toString('utf8', end, at);
    const text = line.slice(line.indexOf(' ') + 1);
    if (line !== `${checksum(text)} ${text}`) break;
    apply(JSON.parse(text));
    end = at + 1;
  }
  return end;
}

/** Tells a record that was written in part from a whole one. */
function checksum(text) {
  return zlib
    .deflateRawSync(text)
    .reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7)
    .toString(16);
}

async function main(file) {
  const balances = new Map();
  const apply = ({ account, amount }) =>
    balances.set(account, (balances.get(account) ?? 0) + amount);
  const journal = new Journal(file, apply);
  const found = balances.size;

  // A hundred customers at once, ten payments each.
  const customer = async (account) => {
    for (let amount = 1; amount <= 10; amount += 1) {
      await journal.record({ account, amount });
      apply({ account, amount });
    }
  };
  await Promise.all(Array.from({ length: 100 }, (_, account) => customer(account)));
  const { syncs } = journal;
  journal.close(() => {
    console.log(`${found} accounts recovered, 1000 payments on disk with ${syncs} syncs`);
  });
}

main(process.argv[2] ?? path.join(os.tmpdir(), 'payments.journal'));

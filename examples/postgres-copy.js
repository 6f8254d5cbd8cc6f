'use strict';

// Rows into a table of PostgreSQL by COPY, as fast as they come. pg-copy-streams sends a message of the
// protocol for each chunk; here it gets one for each 64 KiB.
//
//   node examples/postgres-copy.js 'COPY items FROM STDIN' < rows.tsv

const { finished, pipeline } = require('node:stream');
const { Client } = require('pg');
const copy = require('pg-copy-streams');
const { Writable } = require('rushwrite');

/** What is written goes into the table of `statement`, in the text format of COPY. */
class CopyInto extends Writable {
  #socket;
  #copy;

  constructor(client, statement, options) {
    super({ batchSize: 64 * 1024, ...options });
    this.#socket = client.connection.stream;
    this.#copy = client.query(copy.from(statement));
    // The server refuses a row long after it was written.
    this.#copy.on('error', (error) => this.destroy(error));
  }

  /** How many rows the server has taken, once the stream has finished. */
  get rowCount() {
    return this.#copy.rowCount;
  }

  _write(batch, _encoding, callback) {
    this.#copy.write(batch, (error) => {
      // pg-copy-streams may call back before the system has the bytes, and the batch is ours only until we do.
      if (error || this.#socket.writableLength === 0) callback(error);
      else this.#socket.write('', callback);
    });
  }

  _final(callback) {
    finished(this.#copy, callback);
    this.#copy.end();
  }

  /** Nothing of what was written is kept unless all of it is. */
  _destroy(error, callback) {
    if (this.#copy.closed || this.#copy.errored || this.#copy.writableFinished) {
      return callback(error);
    }
    finished(this.#copy, () => callback(error));
    this.#copy.destroy(error ?? new Error('The copy was given up'));
  }
}

async function main(statement) {
  const client = new Client();
  await client.connect();
  const into = new CopyInto(client, statement);
  pipeline(process.stdin, into, async (error) => {
    console.log(error ? error.message : `${into.rowCount} rows`);
    await client.end();
  });
}

if (require.main === module) main(process.argv[2]);
module.exports = CopyInto;

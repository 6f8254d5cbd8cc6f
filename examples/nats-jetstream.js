'use strict';

// Lines into a stream of NATS JetStream, some thousand in a message, each message acknowledged. While the
// server is away the message is tried again; its number keeps the server from storing it twice.
//
//   node examples/nats-jetstream.js subject < lines

const { randomUUID } = require('node:crypto');
const { pipeline } = require('node:stream/promises');
const { setTimeout: wait } = require('node:timers/promises');
const { jetstream } = require('@nats-io/jetstream');
const { connect } = require('@nats-io/transport-node');
const { Writable } = require('rushwrite');

const NEWLINE = 10;
const RETRY_DELAY_MS = 100;

/** What is written goes to `subject`, in messages of whole lines. */
class NatsStream extends Writable {
  #connection;
  #stream;
  #subject;
  #name = randomUUID();
  #messages = 0;
  /** The beginning of a line whose end comes with the next batch. */
  #rest = Buffer.alloc(0);

  constructor(connection, subject, options) {
    super({ batchSize: 64 * 1024, ...options });
    this.#connection = connection;
    this.#subject = subject;
  }

  /** The connection may still be a promise. */
  _construct(callback) {
    Promise.resolve(this.#connection)
      .then((connection) => {
        this.#stream = jetstream(connection, { timeout: 1000 });
      })
      .then(() => callback(), callback);
  }

  _write(batch, _encoding, callback) {
    const end = batch.lastIndexOf(NEWLINE) + 1;
    const message = Buffer.concat([this.#rest, batch.subarray(0, end)]);
    // A batch is ours until we call back: what is kept is copied.
    this.#rest = Buffer.from(batch.subarray(end));
    if (end > 0) return this.#publish(message).then(() => callback(), callback);
    this.#rest = Buffer.concat([message, this.#rest]);
    callback();
  }

  _final(callback) {
    if (this.#rest.length === 0) return callback();
    this.#publish(this.#rest).then(() => callback(), callback);
  }

  /** At least once, and with the number once: until the server says that it has it. */
  async #publish(message) {
    this.#messages += 1;
    const msgID = `${this.#name}-${this.#messages}`;
    while (!this.destroyed) {
      try {
        return await this.#stream.publish(this.#subject, message, { msgID });
      } catch (error) {
        if (!isAway(error)) throw error;
        await wait(RETRY_DELAY_MS);
      }
    }
  }
}

/** The server does not answer, or not yet: it may come back. */
function isAway({ name, message }) {
  return (
    /^(TimeoutError|RequestError|NoRespondersError|ConnectionError)$/.test(name) ||
    /disconnect/i.test(message)
  );
}

async function main(subject) {
  const connection = await connect({ maxReconnectAttempts: -1 });
  await pipeline(process.stdin, new NatsStream(connection, subject));
  await connection.drain();
}

if (require.main === module) main(process.argv[2]);
module.exports = NatsStream;

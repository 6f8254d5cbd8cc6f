'use strict';

// A mail client (nodemailer) on our socket and a mail server (smtp-server) over accepted sockets of ours: plain
// and with STARTTLS.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const { NO_OPENSSL, makeCertificate } = require('../harness/certificate');
const { Digest } = require('../harness/digest');
const { subject } = require('../harness/subject');

/** A server of ours that takes mail; `mails` gets what it took. */
async function mailServer(options) {
  const { SMTPServer } = require('smtp-server');
  const mails = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    ...options,
    onData: async (stream, { secure, envelope }, done) => {
      const text = await Digest.of(stream);
      mails.push({ secure, text, to: envelope.rcptTo.map(({ address }) => address) });
      done();
    },
  });
  smtp.on('error', () => {});
  const server = subject.createServer((socket) => smtp.server.emit('connection', socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { mails, server };
}

async function sendAll(port, options) {
  const { createTransport } = require('nodemailer');
  const made = [];
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    pool: true,
    maxConnections: 3,
    ...options,
    getSocket: (_options, callback) => {
      const connection = subject.connect(port, '127.0.0.1');
      made.push(connection);
      connection.once('connect', () => callback(null, { connection }));
    },
  });
  const text = 'a line of text, żółć\n'.repeat(50_000);
  const sent = Array.from({ length: 12 }, (_unused, i) =>
    transport.sendMail({ from: 'a@example.com', to: `b${i}@example.com`, subject: 'x', text }),
  );
  const answers = await Promise.all(sent);
  for (const { accepted } of answers) assert.strictEqual(accepted.length, 1);
  transport.close();
  for (const socket of made) assert.ok(socket instanceof subject.Socket);
  assert.ok(made.length > 0);
}

for (const [how, secure, skip] of [
  ['plain', false, false],
  ['with STARTTLS', true, NO_OPENSSL],
]) {
  test(`mails of 1 MB, ${how}`, { skip }, async () => {
    const options = secure ? makeCertificate() : { disabledCommands: ['STARTTLS'] };
    const { mails, server } = await mailServer(options);
    const tls = { rejectUnauthorized: false };
    await sendAll(server.address().port, secure ? { requireTLS: true, tls } : { ignoreTLS: true });
    const all = mails.flatMap(({ to }) => to).sort();
    assert.deepStrictEqual(
      all,
      Array.from({ length: 12 }, (_unused, i) => `b${i}@example.com`).sort(),
    );
    for (const mail of mails) assert.strictEqual(mail.secure, secure);
    server.close();
  });
}

'use strict';

// A third-party log collector: socat writes what it receives to a file.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { Daemon, find } = require('../harness/daemon');
const { Digest } = require('../harness/digest');
const { makeFolder, removeFolder } = require('../harness/folder');
const { subject } = require('../harness/subject');

const LINES = 1_000_000;
const file = find('socat');
const skip = file === undefined ? 'socat is not installed' : false;

const PLACES = {
  TCP: {
    address: () => 'TCP-LISTEN:0,bind=127.0.0.1',
    // socat logs the port it got.
    where: (daemon) => ({ port: Number(/127\.0\.0\.1:(\d+)/.exec(daemon.output)[1]) }),
  },
  'a unix socket': {
    address: (dir) => `UNIX-LISTEN:${path.join(dir, 'log.sock')}`,
    where: (_daemon, dir) => ({ path: path.join(dir, 'log.sock') }),
  },
};

for (const [place, { address, where }] of Object.entries(PLACES)) {
  test(`a million lines over ${place}, byte for byte`, { skip }, async () => {
    const dir = makeFolder();
    const log = path.join(dir, 'log');
    const args = ['-d', '-d', '-u', '-b', '65536', address(dir), `CREATE:${log}`];
    const daemon = await Daemon.start(file, args, { ready: /listening on/ });
    try {
      const socket = subject.connect({ host: '127.0.0.1', ...where(daemon, dir) });
      const sent = await writeLines(socket);
      assert.strictEqual(await daemon.ended(), 0, daemon.output);
      assert.strictEqual(await Digest.of(fs.createReadStream(log)), sent);
    } finally {
      await daemon.stop();
      removeFolder(dir);
    }
  });
}

/** Writes syslog lines of many lengths, and respects backpressure. */
async function writeLines(socket) {
  const sent = new Digest();
  for (let i = 0; i < LINES; i++) {
    const line = `<134>1 2026-01-02T03:04:05Z host app ${i} - - ${'x'.repeat(i % 50)} żółć\n`;
    sent.update(Buffer.from(line));
    if (!socket.write(line)) await once(socket, 'drain');
  }
  socket.end();
  await once(socket, 'close');
  return sent.end();
}

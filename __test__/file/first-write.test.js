'use strict';

// When the first write of an idle, open stream is with the system: before `write()` returns, or so soon
// after it that nothing the program does next can come first.

const { parityInChild } = require('../harness/child');

parityInChild('a line before synchronous work is in the file while that runs', (api, dir) => {
  const fs = require('node:fs');
  const file = `${dir}/out`;
  const log = api.createWriteStream(file);
  log.on('open', () => {
    setImmediate(() => {
      log.write('HEADER\n');
      const end = Date.now() + 5000;
      while (fs.statSync(file).size === 0 && Date.now() < end);
      console.log('size during the work:', fs.statSync(file).size);
      log.end();
    });
  });
});

parityInChild('the same behind a burst in the tick before', (api, dir) => {
  const fs = require('node:fs');
  const file = `${dir}/out`;
  const log = api.createWriteStream(file);
  const burst = 'x'.repeat(99);
  log.on('open', () => {
    for (let i = 0; i < 199; i++) log.write(`${burst}\n`);
    const whenIdle = () => {
      log.write('AFTER\n');
      const end = Date.now() + 5000;
      while (fs.statSync(file).size === 20_000 && Date.now() < end);
      console.log('size during the work:', fs.statSync(file).size);
      log.end();
    };
    log.write(`${burst}\n`, () => setImmediate(whenIdle));
  });
});

parityInChild(
  'a child that appends comes behind what was written before it started',
  (api, dir) => {
    const { execFileSync } = require('node:child_process');
    const file = `${dir}/out`;
    const log = api.createWriteStream(file, { flags: 'a' });
    log.on('open', () => {
      setTimeout(() => {
        log.write('HEADER\n');
        // Gives the writing thread its time, on a busy machine, too.
        const wait = 'for i in $(seq 100); do [ -s "$0" ] && break; sleep 0.05; done';
        execFileSync('sh', ['-c', `${wait}; echo child >> "$0"`, file]);
        log.write('FOOTER\n');
        log.end();
      }, 1);
    });
    log.on('close', () => console.log('closed'));
  },
);

parityInChild('a line right before SIGKILL is in the file', (api, dir) => {
  const file = `${dir}/out`;
  const log = api.createWriteStream(file);
  log.on('open', () => {
    setImmediate(() => {
      log.write('LAST WORDS\n');
      const end = Date.now() + 5000;
      while (require('node:fs').statSync(file).size === 0 && Date.now() < end);
      process.kill(process.pid, 'SIGKILL');
    });
  });
});

parityInChild(
  'a socket hands its first write over at once',
  (api, _dir, port) => {
    const socket = api.connect(port, '127.0.0.1', () => {
      setTimeout(() => {
        socket.write('PING\n');
        const fs = require('node:fs');
        const end = Date.now() + 1000;
        // The server runs in this thread: only the system can tell that the bytes have left it.
        const sent = () => {
          const rows = fs.readFileSync('/proc/net/tcp', 'latin1').split('\n');
          const hex = socket.localPort.toString(16).toUpperCase().padStart(4, '0');
          const peer = rows.find((row) => row.includes(`:${hex} 01 `));
          return peer?.includes('00000000:00000005');
        };
        while (!sent() && Date.now() < end);
        console.log('with the peer during the work:', sent());
        socket.destroy();
      }, 20);
    });
  },
  { onConnection: (peer) => peer.pause(), skip: process.platform !== 'linux' },
);

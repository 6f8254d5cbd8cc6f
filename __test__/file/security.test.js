'use strict';

// What other users and other code can reach: file modes and umask, descriptors in child processes,
// stream numbers and handles that are invalid.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const { parityInChild } = require('../harness/child');
const { oursAlone } = require('../harness');
const rushwrite = require('../..');
const events = require('../../lib/events.js');
const native = require('../../lib/native.js');

// An event queue that lives as long as this file's tests.
events.addStream();
const { queue } = events;

const NO_PROC = fs.existsSync('/proc/self/fd') ? false : 'needs /proc';

parityInChild('modes under several umasks are those of Node', ({ createWriteStream }, dir) => {
  const next = (left) => {
    if (left.length === 0) return;
    const [umask, mode, flags] = left.pop();
    process.umask(umask);
    createWriteStream(`${dir}/${umask}-${mode}-${flags}`, { mode, flags })
      .on('close', () => next(left))
      .end('x');
  };
  const all = [];
  for (const umask of [0, 0o022, 0o077, 0o027]) {
    for (const mode of [undefined, 0o666, 0o600, 0o777, 0o4755, '0644']) {
      for (const flags of ['w', 'ax', 'w+']) all.push([umask, mode, flags]);
    }
  }
  console.log(all.length);
  next(all);
});

/** The targets of the descriptors that a child process inherits from this one. */
function inheritedTargets() {
  const script =
    "const fs = require('node:fs'); for (const fd of fs.readdirSync('/proc/self/fd')) " +
    "try { console.log(fs.readlinkSync('/proc/self/fd/' + fd)); } catch {}";
  return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).split('\n');
}

oursAlone(
  'a child process inherits no descriptor of a file, a socket or a stalled pipe',
  async (world) => {
    const stream = world.create(world.file());
    await world.event(stream, 'open');
    const server = net.createServer((peer) => peer.on('error', () => {})).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = rushwrite.connect(server.address().port, '127.0.0.1');
    await once(socket, 'connect');
    // More than the system's buffer, so that the addon waits for the socket to be writable.
    socket.write(Buffer.alloc(8 << 20));
    const targets = inheritedTargets();
    const ours = new Set(
      fs.readdirSync('/proc/self/fd').map((fd) => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${fd}`);
        } catch {
          return '';
        }
      }),
    );
    assert.ok(ours.has(world.file()), 'it is open here');
    assert.ok(!targets.includes(world.file()), 'and not there');
    const sockets = [...ours].filter((target) => target.startsWith('socket:'));
    const stdio = [0, 1, 2].map((fd) => fs.readlinkSync(`/proc/self/fd/${fd}`));
    const mine = sockets.filter((target) => !stdio.includes(target));
    assert.ok(mine.length > 0);
    for (const target of mine) assert.ok(!targets.includes(target), target);
    socket.destroy();
    server.close();
    stream.end();
    await world.closed(stream);
  },
  { skip: NO_PROC },
);

oursAlone('native calls refuse unknown stream numbers and arguments of wrong types', async () => {
  const bytes = Buffer.from('x');
  const calls = [
    (id) => native.appendBytes(id, bytes),
    (id) => native.appendString(id, 'x', true),
    (id) => native.handOverBytes(id, bytes, true),
    (id) => native.handOverString(id, 'x', false),
    (id) => native.sendBytes(id, bytes),
    (id) => native.flush(id),
    (id) => native.watch(id, 1),
    (id) => native.pending(id),
    (id) => native.completed(id),
    (id) => native.close(id),
    (id) => native.end(id),
    (id) => native.endAndClose(id),
    (id) => native.discard(id),
    (id) => native.waitSettled(id, 0),
  ];
  const bad = [
    2 ** 32 - 1,
    123_456,
    -1,
    1e300,
    Number.NaN,
    '0',
    {},
    null,
    undefined,
    1n,
    Symbol('0'),
  ];
  for (const call of calls) {
    for (const id of bad) assert.throws(() => call(id), Error);
  }
  for (const target of [[], new Float32Array(4), Buffer.alloc(32), null, undefined]) {
    assert.throws(() => native.takeEvents(queue, target), Error);
  }
});

oursAlone('the number of a closed stream does not reach a later stream', async (world) => {
  const numbers = [];
  for (let i = 0; i < 3; i++) {
    const file = world.file(`${i}`);
    const id = native.openPath(queue, file, 0, 0, -1, false, false);
    assert.ok(!numbers.includes(id), 'given out once');
    for (const released of numbers) assert.throws(() => native.appendBytes(released, Buffer.of(1)));
    numbers.push(id);
    native.release(id);
    native.release(id);
  }
});

oursAlone('numbers of the options are checked before Rust uses them', () => {
  const base = { path: '/dev/null', flags: 1, start: -1 };
  const open = (options) => () => {
    const { path, flags, start } = { ...base, ...options };
    native.release(native.openPath(queue, path, flags, 0, start, false, false));
  };
  for (const fd of [-1, -(2 ** 31), '1', {}, null, undefined]) {
    assert.throws(() => native.openDescriptor(queue, fd, -1, false, false, true), Error);
  }
  for (const path of [1, {}, null, undefined]) assert.throws(open({ path }), Error);
  for (const start of ['1', {}, null]) assert.throws(open({ start }), Error);
  // Numbers that are no valid position.
  for (const start of [Number.NaN, -5, 1e300, Infinity]) open({ start })();
  for (const flags of ['1', {}]) assert.throws(open({ flags }), Error);
});

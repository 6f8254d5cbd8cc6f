'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const fc = require('fast-check');
const { makeFolder, removeFolder } = require('../harness/folder');
const { NO_UNIX_SOCKET, Peer } = require('../harness/peer');
const { Run, programs, recordEvents, runAll } = require('../harness/program');
const { isSelfTest, subject } = require('../harness/subject');

const EVENTS = ['connect', 'ready', 'finish', 'end', 'error', 'close'];

const program = programs({
  isUnix: NO_UNIX_SOCKET ? fc.constant(false) : fc.boolean(),
  isSlow: fc.boolean(),
  allowHalfOpen: fc.boolean(),
});

const skip = isSelfTest ? 'Node aborts on hex of an odd length' : false;

test('random programs: bytes, callbacks and count are the model’s', { skip }, async () => {
  await runAll(program, runProgram);
});

async function runProgram({ isUnix, isSlow, waitsForOpen, steps, end, ...options }) {
  const dir = makeFolder();
  const peer = new Peer({ onConnection: isSlow ? readSlowly : undefined });
  try {
    await peer.listen(isUnix ? { path: `${dir}/socket` } : undefined);
    const socket = subject.connect({ ...peer.where, ...options });
    const run = new Run(socket);
    const events = recordEvents(socket, EVENTS);
    if (waitsForOpen) await once(socket, 'ready');
    for (const one of steps) await run.take(one);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    run.end(end, 'end');
    await closed;
    assert.deepStrictEqual(events, ['connect', 'ready', 'finish', 'end', 'close']);
    run.check(await peer.received(socket.bytesWritten));
  } finally {
    await peer.finish();
    removeFolder(dir);
  }
}

/** Reads one part per turn. */
function readSlowly(other) {
  other.on('data', () => {
    other.pause();
    setImmediate(() => other.resume());
  });
}

'use strict';

// Events from Rust: each has a task of its own, and one that throws stops none behind it.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { test } = require('node:test');

/** Runs a program in which several lookups are answered, and returns what it printed. */
function run(program) {
  const text = `
    const addon = require('./lib/native.js');
    const Mailbox = require('./lib/mailbox.js');
    ${program}`;
  const root = `${__dirname}/../..`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', text], { cwd: root });
  return { out: `${stdout}`.trim().split('\n'), status, stderr: `${stderr}` };
}

test('an event has its ticks before the next event, and a throw stops none', () => {
  const { out, status, stderr } = run(`
    let asked = 0;
    const mailbox = new Mailbox(addon.takeAnswers, ({ lookup }) => {
      mailbox.removeWaiter();
      console.log('event');
      process.nextTick(() => console.log('tick'));
      if (lookup === 0) throw new Error('thrown');
    });
    process.on('uncaughtException', () => console.log('thrown'));
    for (let i = 0; i < 3; i++) {
      mailbox.addWaiter();
      addon.lookup(mailbox.id, i, '127.0.0.1', 0, 0);
    }
    // All three are answered before the first is delivered.
    const end = Date.now() + 200;
    while (Date.now() < end);
  `);
  assert.strictEqual(status, 0, stderr);
  assert.strictEqual(out.filter((line) => line === 'event').length, 3);
  assert.strictEqual(out.filter((line) => line === 'thrown').length, 1);
  const rest = out.filter((line) => line !== 'thrown').join(' ');
  assert.strictEqual(rest, 'event tick event tick event tick');
});

test('the process stays for who waits, and for nobody else', () => {
  const { out, status } = run(`
    const mailbox = new Mailbox(addon.takeAnswers, () => console.log('too late'));
    mailbox.addWaiter();
    mailbox.removeWaiter();
    addon.attach(() => {});
    console.log('ends');
  `);
  assert.deepStrictEqual([out, status], [['ends'], 0]);
});

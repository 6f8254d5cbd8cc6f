'use strict';

// Events from Rust: each has a task of its own, and one that throws stops none behind it.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { test } = require('node:test');

/** Runs a program with a mailbox, and returns what it printed. */
function run(program, flags = []) {
  const text = `
    const addon = require('./lib/native.js');
    const Mailbox = require('./lib/mailbox.js');
    ${program}`;
  const root = `${__dirname}/../..`;
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '-e', text], {
    cwd: root,
  });
  return { out: `${stdout}`.trim().split('\n'), status, stderr: `${stderr}` };
}

test('an event has its ticks before the next event, and a throw stops none', () => {
  const { out, status, stderr } = run(`
    const takeAll = (id) => (addon.takeAnswers(id), [1, 2, 3]);
    const mailbox = new Mailbox(takeAll, (event) => {
      console.log('event', event);
      process.nextTick(() => console.log('tick', event));
      if (event === 1) throw new Error('thrown');
      if (event === 3) mailbox.removeWaiter();
    });
    process.on('uncaughtException', () => console.log('thrown'));
    mailbox.addUser();
    mailbox.addWaiter();
    addon.lookup(mailbox.id, 0, '127.0.0.1', 0, 0);
  `);
  assert.strictEqual(status, 0, stderr);
  const order = out.filter((line) => line !== 'thrown').join(', ');
  assert.strictEqual(order, 'event 1, tick 1, event 2, tick 2, event 3, tick 3');
  assert.strictEqual(out.length, 7);
});

test('the process stays for who waits, and for nobody else', () => {
  const { out, status } = run(`
    const mailbox = new Mailbox(addon.takeAnswers, () => console.log('too late'));
    mailbox.addUser();
    mailbox.addWaiter();
    mailbox.removeWaiter();
    addon.attach(() => {}, { exitTimeoutMs: 0 });
    console.log('ends');
  `);
  assert.deepStrictEqual([out, status], [['ends'], 0]);
});

test('a queue that nobody uses is let go, and made again', () => {
  const { out, status } = run(`
    const mailbox = new Mailbox(addon.takeAnswers, () => {});
    mailbox.afterOpen = () => console.log('open', mailbox.id !== null);
    mailbox.afterClose = () => {
      console.log('closed', mailbox.id);
      if (rounds++ === 0) use();
      else clearInterval(timer);
    };
    let rounds = 0;
    const use = () => {
      mailbox.addUser();
      mailbox.addUser();
      mailbox.removeUser();
      mailbox.removeUser();
    };
    const timer = setInterval(() => {}, 10);
    use();
  `);
  assert.deepStrictEqual(
    [out, status],
    [['open true', 'closed null', 'open true', 'closed null'], 0],
  );
});

test('a queue is kept for who comes in the same turn, and let go at its end', () => {
  const { out, status } = run(`
    const mailbox = new Mailbox(addon.takeAnswers, () => {});
    mailbox.afterOpen = () => console.log('open');
    mailbox.afterClose = () => console.log('closed');
    mailbox.addUser();
    mailbox.removeUser();
    Promise.resolve().then(() => {
      mailbox.addUser();
      mailbox.removeUser();
    });
    setImmediate(() => console.log('next'));
  `);
  assert.deepStrictEqual([out, status], [['open', 'closed', 'next'], 0]);
});

test('the function that the addon keeps holds no realm once the queue is let go', () => {
  const { out, stderr } = run(
    `
    const fs = require('node:fs');
    const vm = require('node:vm');
    const source = fs.readFileSync('./lib/main-realm.js', 'utf8');
    let kept;
    const realm = (() => {
      const context = vm.createContext({});
      const wrapper = '(function (require, module, process) {' + source + '})';
      const module = {};
      vm.runInContext(wrapper, context)(require, module, process);
      const link = module.exports.makeLink();
      link.target = vm.runInContext('(log) => () => log("called")', context)(console.log);
      kept = link.call;
      kept();
      link.target = null;
      return new WeakRef(vm.runInContext('Object', context));
    })();
    let turns = 0;
    const look = () => {
      gc();
      kept();
      const isGone = realm.deref() === undefined;
      if (isGone || ++turns === 100) console.log(isGone ? 'gone' : 'held');
      else setImmediate(look);
    };
    setImmediate(look);
  `,
    ['--expose-gc'],
  );
  assert.deepStrictEqual(out, ['called', 'gone'], stderr);
});

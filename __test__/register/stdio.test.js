'use strict';

// RUSHWRITE_STDIO=1: programs print the same, in the same order, and end the same way as with Node's own
// standard streams.

const { parityWired } = require('../harness/stdio');

/** Each prints something that would tell if bytes were lost, moved or torn. */
const programs = {
  'lines of both streams in turn'() {
    for (let i = 0; i < 50; i++) {
      console.log('out', i);
      if (i % 7 === 0) console.error('error', i);
      if (i % 11 === 0) process.stderr.write('more\n');
    }
    process._rawDebug('raw');
    console.log('behind it');
    console.log('and more');
    process._rawDebug('raw again');
  },

  'long output, in ticks, turns and promises'() {
    const line = 'é漢😀'.repeat(20);
    for (let i = 0; i < 300; i++) console.log(i, line);
    process.nextTick(() => {
      for (let i = 0; i < 300; i++) console.log('tick', i, line);
    });
    Promise.resolve().then(async () => {
      for (let i = 0; i < 30; i++) {
        console.log('promise', i, line);
        console.log('twice', i);
        await null;
      }
    });
    setImmediate(() => {
      for (let i = 0; i < 30; i++) console.log('turn', i, line);
    });
  },

  'direct writes to the descriptors'() {
    const fs = require('node:fs');
    const both = (text) => {
      console.log('a', text);
      console.log('b', text);
    };
    both('writeSync');
    fs.writeSync(1, 'direct\n');
    both('writevSync');
    fs.writevSync(1, [Buffer.from('direct\n')]);
    both('writeFileSync');
    fs.writeFileSync(1, 'direct\n');
    both('writeSync of the other');
    fs.writeSync(2, 'direct\n');
    both('write');
    fs.write(1, 'direct\n', () => {
      both('appendFile');
      fs.appendFile(1, 'direct\n', () => {
        require('node:util')
          .promisify(fs.write)(1, 'direct\n')
          .then((told) => both(Object.keys(told).join()));
      });
    });
  },

  'children that have the same streams'() {
    const { execFileSync, execSync, spawn, spawnSync } = require('node:child_process');
    const both = (text) => {
      console.log('a', text);
      console.log('b', text);
    };
    const stdio = 'inherit';
    both('spawnSync');
    spawnSync('echo', ['child'], { stdio });
    both('execSync');
    execSync('echo child >&2', { stdio });
    both('execFileSync');
    execFileSync('echo', ['child'], { stdio });
    both('spawn');
    spawn('echo', ['child'], { stdio }).on('close', (code) => {
      both(code);
      const script = 'console.log(1); console.log(2); console.log(3); process.exit(4)';
      const again = spawn(process.execPath, [...process.execArgv.slice(0, -2), '-e', script], {
        stdio,
      });
      again.on('close', both);
    });
  },

  'process.exit in the middle'() {
    console.log('one');
    console.log('two');
    process.on('exit', (code) => {
      console.log('exit', code);
      console.log('exit again');
      console.error('exit error');
      process.stdout.write('exit raw\n');
    });
    setImmediate(() => {
      console.log('three');
      console.log('four');
      process.exit(7);
    });
  },

  'nothing is printed before the exit'() {
    process.on('exit', () => {
      console.log('one');
      console.log('two');
      console.error('three');
      console.log('four');
    });
  },

  'an uncaught error'() {
    console.log('one');
    console.log('two');
    throw Object.assign(new Error('uncaught'), { stack: 'no stack' });
  },

  'a rejection that nobody handles'() {
    console.log('one');
    console.log('two');
    process.on('exit', () => console.log('exit'));
    Promise.reject(Object.assign(new Error('unhandled'), { stack: 'no stack' }));
  },

  'a signal to itself'() {
    console.log('one');
    console.log('two');
    console.log('three');
    process.kill(process.pid, 'SIGKILL');
  },

  'process.reallyExit'() {
    console.log('one');
    console.log('two');
    console.log('three');
    process.reallyExit(5);
  },

  'a warning'() {
    console.error('one');
    process.emitWarning(Object.assign(new Error('warned'), { stack: 'no stack' }));
    console.log('two');
    console.log('three');
    setImmediate(() => console.error('four'));
  },

  'other consoles, groups, tables and readline'() {
    const { Console } = require('node:console');
    const mine = new Console({ stdout: process.stdout, stderr: process.stderr });
    console.group('group');
    console.log('inside');
    mine.log('mine');
    console.table([{ a: 1 }, { a: 2 }]);
    console.groupEnd();
    mine.error('mine');
    console.dir({ a: [1, 2, 3] });
    const { createInterface, cursorTo } = require('node:readline');
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    lines.setPrompt('prompt> ');
    lines.prompt();
    cursorTo(process.stdout, 3);
    lines.write('typed');
    lines.close();
    console.log('');
  },

  'a worker prints'() {
    const { Worker } = require('node:worker_threads');
    console.log('before');
    console.log('before it');
    const code = 'for (let i = 0; i < 20; i++) console.log("worker", i);';
    new Worker(code, { eval: true });
    // In Node, too, the worker's exit may be told before its last lines are.
    process.on('exit', () => {
      console.log('exit');
      console.log('behind it');
    });
  },

  'a module that imports what was replaced'() {
    const source = `
      import { writeSync } from 'node:fs';
      import { execSync } from 'node:child_process';
      import { stdout } from 'node:process';
      stdout.write('one\\n');
      stdout.write('two\\n');
      writeSync(1, 'three\\n');
      console.log('four');
      console.log('five');
      execSync('echo six', { stdio: 'inherit' });
    `;
    return import(`data:text/javascript,${encodeURIComponent(source)}`);
  },
};

for (const [name, body] of Object.entries(programs)) parityWired(name, body);

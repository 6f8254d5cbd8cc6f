'use strict';

// A callback or listener that throws causes one uncaughtException, and the other callbacks are
// still called.

const assert = require('node:assert');
const { test } = require('node:test');
const { parityInChild, runInChild } = require('../harness/child');
const { subject, isSelfTest } = require('../harness/subject');

parityInChild('a listener of open throws', ({ createWriteStream }, dir) => {
  process.on('uncaughtException', (error) => {
    console.log('uncaught', error.message);
    stream.end('x');
  });
  const stream = createWriteStream(`${dir}/out`);
  stream.on('open', () => {
    console.log('open');
    throw new Error('boom');
  });
  stream.on('close', () => console.log('close'));
});

parityInChild('the last write callback throws', ({ createWriteStream }, dir) => {
  process.on('uncaughtException', (error) => console.log('uncaught', error.message));
  const stream = createWriteStream(`${dir}/out`);
  stream.on('ready', () => {
    stream.write('a', () => {
      console.log('cb');
      setImmediate(() => stream.end('b', () => console.log('end cb')));
      throw new Error('boom');
    });
  });
  stream.on('close', () => console.log('close'));
});

parityInChild('a listener of finish throws', ({ createWriteStream }, dir) => {
  process.on('uncaughtException', (error) => console.log('uncaught', error.message));
  const stream = createWriteStream(`${dir}/out`);
  stream.on('finish', () => {
    throw new Error('boom');
  });
  stream.end('x', () => console.log('end cb'));
  process.on('exit', (code) => console.log('exit', code));
});

parityInChild('a listener of close throws', ({ createWriteStream }, dir) => {
  process.on('uncaughtException', (error) => console.log('uncaught', error.message));
  const stream = createWriteStream(`${dir}/out`);
  stream.on('close', () => {
    throw new Error('boom');
  });
  stream.end('x', () => console.log('end cb'));
});

parityInChild('a listener of error throws', ({ createWriteStream }, dir) => {
  process.on('uncaughtException', (error) => console.log('uncaught', error.message));
  const stream = createWriteStream(`${dir}/no/folder`);
  stream.on('error', (error) => {
    console.log(error.code);
    throw new Error('boom');
  });
  stream.on('close', () => console.log('close'));
});

parityInChild('a callback throws without a handler: exit code 1', ({ createWriteStream }, dir) => {
  process.on('exit', (code) => console.log('exit', code));
  createWriteStream(`${dir}/out`).write('x', () => {
    throw new Error('boom');
  });
});

parityInChild(
  'a callback that throws does not affect other streams',
  ({ createWriteStream }, dir) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const names = [];
    for (let i = 0; i < 5; i++) {
      const stream = createWriteStream(`${dir}/${i}`);
      stream.write('x', () => {
        if (i === 2) throw new Error('boom');
        stream.end();
      });
      stream.on('close', () => names.push(i));
    }
    process.on('exit', () => console.log(names.sort().join()));
  },
);

// When Node writes several chunks with one call, a callback that throws costs the later ones their
// call, and 'finish' never comes. Ours calls each.
const skip = isSelfTest ? 'Node itself loses callbacks here' : false;

test('write callbacks after a throwing one still run', { skip }, async () => {
  const { code, stdout, stderr } = await runInChild(subject, ({ createWriteStream }, dir) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const stream = createWriteStream(`${dir}/out`);
    for (let i = 0; i < 4; i++) {
      stream.write(`${i}`, () => {
        console.log('cb', i);
        if (i === 1) throw new Error('boom');
      });
    }
    stream.end(() => console.log('end cb'));
    stream.on('close', () => console.log('close'));
  });
  const lines = stdout.trim().split('\n');
  assert.strictEqual(code, 0, stderr);
  assert.strictEqual(lines.filter((line) => line === 'uncaught boom').length, 1);
  assert.deepStrictEqual(
    lines.filter((line) => line !== 'uncaught boom'),
    ['cb 0', 'cb 1', 'cb 2', 'cb 3', 'end cb', 'close'],
  );
});

// After this `Writable` does not finish, in Node and here; all bytes must still be written.
test('a drain listener that throws: one uncaughtException, and writing goes on', async () => {
  const { code, stdout, stderr, files } = await runInChild(
    subject,
    ({ createWriteStream }, dir) => {
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      const stream = createWriteStream(`${dir}/out`, { highWaterMark: 1, bufferSize: 0 });
      stream.once('drain', () => {
        setImmediate(() => stream.end('b'));
        throw new Error('boom');
      });
      stream.write('a'.repeat(1000));
    },
  );
  assert.strictEqual(code, 0, stderr);
  assert.strictEqual(stdout, 'uncaught boom\n');
  assert.strictEqual(files.out.bytes, `${'a'.repeat(1000)}b`);
});

test('a drain listener that throws blocks no later callback', { skip: isSelfTest }, async () => {
  const { code, stdout, stderr } = await runInChild(subject, ({ createWriteStream }, dir) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const stream = createWriteStream(`${dir}/out`, { highWaterMark: 10 });
    stream.once('drain', () => {
      for (const i of [1, 2, 3]) stream.write(`${i}`, () => console.log('callback', i));
      stream.end(() => console.log('end callback'));
      throw new Error('boom');
    });
    stream.on('close', () => console.log('close'));
    stream.on('open', () => stream.write('a'.repeat(1000)));
  });
  assert.strictEqual(code, 0, stderr);
  assert.deepStrictEqual(stdout.trim().split('\n').sort(), [
    'callback 1',
    'callback 2',
    'callback 3',
    'close',
    'end callback',
    'uncaught boom',
  ]);
});

test('two callbacks of one tick throw: the others are called in order', {
  skip: isSelfTest,
}, async () => {
  const { stdout, stderr } = await runInChild(subject, ({ createWriteStream }, dir) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const stream = createWriteStream(`${dir}/out`);
    const told = (name) => () => console.log(name);
    const throwing = (name) => () => {
      throw new Error(name);
    };
    stream.on('ready', () => {
      stream.write('a', throwing('first'));
      stream.write('b', throwing('second'));
      stream.write('c', told('third'));
      stream.cork();
      stream.write('d', told('fourth'));
      stream.uncork();
      stream.write('e', told('fifth'));
    });
  });
  assert.deepStrictEqual(
    stdout.trim().split('\n'),
    ['uncaught first', 'uncaught second', 'third', 'fourth', 'fifth'],
    stderr,
  );
});

test('a listener of the open that throws does not keep the close', {
  skip: isSelfTest,
}, async () => {
  const { stdout, stderr } = await runInChild(subject, ({ createWriteStream }, dir) => {
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const stream = createWriteStream(`${dir}/out`);
    stream.end('text');
    // Behind the turn's end, when the file is written without regard to listeners.
    process.nextTick(setImmediate, () => {
      stream.on('open', () => {
        throw new Error('boom');
      });
      stream.on('close', () => console.log('close'));
    });
  });
  assert.strictEqual(stderr, '');
  assert.deepStrictEqual(stdout.trim().split('\n'), ['uncaught boom', 'close']);
});

'use strict';

// reopen(): what was written before goes to the old file, what comes later to the new one.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { LogFolder } = require('../harness/logs');
const { createWriteStream } = require('../..');

test('bytes before go to the renamed file, bytes behind to a new one', async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log);
  stream.write('before ');
  await once(stream, 'open');
  const oldFd = stream.fd;
  stream.write('old');
  fs.renameSync(logs.log, logs.path('app.1'));
  const reopened = stream.reopen();
  stream.write('new');
  const told = once(stream, 'reopen');
  const event = await reopened;
  assert.deepStrictEqual(event, { path: logs.log, fd: stream.fd });
  assert.deepStrictEqual(await told, [event]);
  assert.notStrictEqual(stream.fd, oldFd);
  assert.throws(() => fs.fstatSync(oldFd), { code: 'EBADF' }, 'the old one is closed');
  stream.end();
  await once(stream, 'close');
  assert.deepStrictEqual(logs.contents(), ['before old', 'new']);
});

test('another path is taken over, also by the next reopen', async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log, { flags: 'a' });
  stream.write('one');
  await stream.reopen(logs.path('second'));
  assert.strictEqual(stream.path, logs.path('second'));
  stream.write('two');
  fs.writeFileSync(logs.path('third'), 'kept ');
  await stream.reopen(Buffer.from(logs.path('third')));
  stream.end('three');
  await once(stream, 'close');
  assert.strictEqual(fs.readFileSync(logs.log, 'utf8'), 'one');
  assert.strictEqual(fs.readFileSync(logs.path('second'), 'utf8'), 'two');
  assert.strictEqual(fs.readFileSync(logs.path('third'), 'utf8'), 'kept three');
});

test('a reopen that fails is rejected, and the old file goes on', async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log);
  stream.write('one ');
  const missing = logs.path('missing/file');
  await assert.rejects(stream.reopen(missing), {
    code: 'ENOENT',
    syscall: 'open',
    path: missing,
    message: `ENOENT: no such file or directory, open '${missing}'`,
  });
  assert.strictEqual(stream.path, logs.log);
  stream.end('two');
  await once(stream, 'close');
  assert.deepStrictEqual(logs.contents(), ['one two']);
});

test('several in flight keep their order, whatever waits before them', async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log, { bufferSize: 10, highWaterMark: 10 });
  const paths = Array.from({ length: 20 }, (_, i) =>
    logs.path(`file-${String(i).padStart(2, '0')}`),
  );
  const answers = [];
  const all = paths.map((path, i) => {
    stream.write(`${i};`.repeat(1000));
    return stream.reopen(path).then(() => answers.push(i));
  });
  await Promise.all(all);
  assert.deepStrictEqual(answers, [...paths.keys()]);
  stream.end('last');
  await once(stream, 'close');
  const texts = paths.map((path) => fs.readFileSync(path, 'utf8'));
  assert.strictEqual(fs.readFileSync(logs.log, 'utf8'), '0;'.repeat(1000));
  const expected = paths.map((_, i) => (i === 19 ? 'last' : `${i + 1};`.repeat(1000)));
  assert.deepStrictEqual(texts, expected);
});

test('before the open, in the tick that makes the stream', async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log);
  stream.write('one');
  const reopened = stream.reopen(logs.path('b'));
  stream.end('two');
  await reopened;
  await once(stream, 'close');
  assert.deepStrictEqual(logs.contents(), ['two', 'one']);
});

test('what can not be reopened says so', async (t) => {
  const logs = new LogFolder(t);
  const fd = fs.openSync(logs.log, 'w');
  const given = createWriteStream('', { fd });
  await assert.rejects(given.reopen(), { code: 'ERR_RUSHWRITE_UNSUPPORTED' });
  given.destroy();
  await assert.rejects(given.reopen(), { code: 'ERR_RUSHWRITE_UNSUPPORTED' });
  const stream = createWriteStream(logs.log);
  await assert.rejects(stream.reopen(1), { code: 'ERR_INVALID_ARG_TYPE' });
  await assert.rejects(stream.reopen('a\0b'), { code: 'ERR_INVALID_ARG_VALUE' });
  stream.end();
  await assert.rejects(stream.reopen(), { code: 'ERR_RUSHWRITE_ENDED' });
  await once(stream, 'close');
  await assert.rejects(stream.reopen(), { code: 'ERR_STREAM_DESTROYED' });
});

test('a stream that fails or is destroyed rejects what waits', async (t) => {
  const logs = new LogFolder(t);
  const failing = createWriteStream(logs.path('missing/file'));
  failing.on('error', () => {});
  await assert.rejects(failing.reopen(), { code: 'ENOENT' });
  const stream = createWriteStream(logs.log);
  await once(stream, 'open');
  const reopened = stream.reopen();
  stream.destroy();
  await once(stream, 'close');
  // The driver may have been faster than the close.
  await reopened.catch((error) => assert.strictEqual(error.code, 'ERR_STREAM_DESTROYED'));
});

test('a failure of the stream rejects what waits as it is, not as one of the new path', async (t) => {
  const logs = new LogFolder(t);
  const failing = createWriteStream(logs.path('missing/file'));
  failing.on('error', () => {});
  const { path } = failing;
  await assert.rejects(failing.reopen(logs.path('second')), { code: 'ENOENT', path });
  const stream = createWriteStream(logs.log);
  const newPath = logs.path('missing/second');
  await assert.rejects(stream.reopen(newPath), { code: 'ENOENT', syscall: 'open', path: newPath });
  stream.end();
  await once(stream, 'close');
});

test('a sync at the end includes the files before', async (t) => {
  const logs = new LogFolder(t);
  const stream = createWriteStream(logs.log, { flush: true });
  stream.write('one');
  await stream.reopen(logs.path('b'));
  stream.end('two');
  await once(stream, 'finish');
  assert.deepStrictEqual(logs.contents(), ['two', 'one']);
});

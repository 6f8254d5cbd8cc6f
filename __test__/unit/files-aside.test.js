'use strict';

// The list of a log's files aside is what is in the folder, though that is read only when it has to be.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { LogFolder } = require('../harness/logs');
const { FilesAside } = require('../../lib/rotation/files-aside.js');
const { pathAside } = require('../../lib/rotation/names.js');

function asideOf(t, ...stamps) {
  const logs = new LogFolder(t);
  for (const stampMs of stamps) fs.writeFileSync(pathAside(logs.log, stampMs), 'x');
  const files = new FilesAside(logs.log);
  return {
    files,
    stamps: async () => (await files.whole()).map(({ stampMs }) => stampMs),
    create: (stampMs, kind = '') => fs.writeFileSync(`${pathAside(logs.log, stampMs)}${kind}`, 'x'),
  };
}

test('a file that the folder had when it was read is not counted twice when it is told', async (t) => {
  const { files, stamps, create } = asideOf(t, 1, 2);
  assert.deepStrictEqual(await stamps(), [1, 2]);
  files.add(2);
  assert.deepStrictEqual(await stamps(), [1, 2]);
  create(3);
  files.add(3);
  assert.deepStrictEqual(await stamps(), [1, 2, 3]);
});

test('a file that is told while the folder is read is not missed', async (t) => {
  const { files, stamps, create } = asideOf(t, 1);
  const first = stamps();
  create(2);
  files.add(2);
  await first;
  assert.deepStrictEqual(await stamps(), [1, 2]);
});

test('where a file is gone that was known, the folder is read again', async (t) => {
  for (const act of ['remove', 'bytesOf']) {
    const { files, stamps, create } = asideOf(t, 1, 2);
    const [first] = await files.whole();
    create(3);
    assert.deepStrictEqual(await stamps(), [1, 2]);
    fs.unlinkSync(first.file);
    await files[act](first);
    assert.deepStrictEqual(await stamps(), [2, 3]);
  }
});

test('a compressed file takes the place of the other, and of what a crash has left', async (t) => {
  const { files, stamps, create } = asideOf(t, 1, 2);
  for (const kind of ['.gz', '.gz.part']) create(1, kind);
  const [first] = await files.ofKind('');
  fs.renameSync(first.file, `${first.file}.gz`);
  files.afterCompress(first);
  assert.deepStrictEqual(await stamps(), [1, 2]);
  assert.deepStrictEqual(await files.ofKind('.gz.part'), []);
  const [compressed] = await files.ofKind('.gz');
  assert.match(path.basename(compressed.file), /\.log\.gz$/);
  await files.remove(compressed);
  assert.deepStrictEqual(await stamps(), [2]);
});

'use strict';

/** Who writes records that must be on the disk, and files that must be whole. */

const fs = require('node:fs');
const { EventEmitter, once } = require('node:events');
const path = require('node:path');

const ours = () => require(path.join(__dirname, '..', '..'));

/** What a program does with `fs`: a sync behind each write. */
class SyncedHandle {
  #handle;

  constructor(file) {
    this.#handle = fs.promises.open(file, 'a');
  }

  async record(chunk) {
    const handle = await this.#handle;
    await handle.write(chunk);
    await handle.datasync();
  }

  async close() {
    await (await this.#handle).close();
  }
}

class SyncedStream {
  #stream;

  constructor(file) {
    this.#stream = ours().createWriteStream(file, { flags: 'a' });
  }

  record(chunk) {
    this.#stream.write(chunk);
    return this.#stream.sync();
  }

  async close() {
    this.#stream.end();
    await once(this.#stream, 'close');
  }
}

const journals = [
  {
    name: 'fs',
    title: 'FileHandle, write and datasync',
    createWriteStream: (file) => new SyncedHandle(file),
  },
  {
    name: 'rushwrite',
    title: 'rushwrite, write and sync()',
    load: ours,
    createWriteStream: (file) => new SyncedStream(file),
  },
];

/** As a stream that is ended with all it gets. */
class WholeFile extends EventEmitter {
  #file;

  constructor(file) {
    super();
    this.#file = file;
  }

  end(chunk) {
    require('write-file-atomic')(this.#file, chunk, (error) =>
      error ? this.emit('error', error) : this.emit('close'),
    );
  }
}

const wholeFiles = [
  {
    name: 'write-file-atomic',
    title: 'write-file-atomic',
    load: () => require('write-file-atomic'),
    createWriteStream: (file) => new WholeFile(file),
  },
  {
    name: 'rushwrite',
    title: 'rushwrite, atomic: true',
    load: ours,
    createWriteStream: (file) => ours().createWriteStream(file, { atomic: true }),
  },
];

module.exports = { journals, wholeFiles };

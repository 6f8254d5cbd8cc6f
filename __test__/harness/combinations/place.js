'use strict';

// What a program writes to: a path, a descriptor, a FileHandle, a small disk, a FIFO, a full device.

const fs = require('node:fs');
const path = require('node:path');
const { Fifo } = require('../fifo');

const BALLAST = 'ballast';
/** What is left beside the files of a stream. */
/** What the streams themselves keep there, and remove. */
const OURS = /\.lock$|\.rushwrite-/;
const NOT_RECORDS = new Set([BALLAST]);

class Place {
  #folder;
  #kind;
  #fifo = null;
  #handle = null;
  #ballast = null;
  /** What the device takes is limited now. */
  isBlocked = false;

  /**
   * @param {string} kind
   * @param {string} folder empty, and on the small disk if it is about that
   */
  constructor(kind, folder) {
    this.#kind = kind;
    this.#folder = folder;
    if (kind === 'fifo') this.#fifo = new Fifo(path.join(folder, 'fifo'));
    if (kind === 'small') this.#ballast = path.join(folder, BALLAST);
  }

  path(name) {
    return path.join(this.#folder, name);
  }

  /** What to open, as the arguments of `createWriteStream`. */
  async target(options) {
    const file = this.path('out.log');
    switch (this.#kind) {
      case 'fd':
        return ['', { ...options, fd: fs.openSync(file, 'w') }];
      case 'handle':
        this.#handle = await fs.promises.open(file, 'w');
        return ['', { ...options, fd: this.#handle }];
      case 'fifo':
        return [this.#fifo.file, options];
      case 'full':
        return ['/dev/full', options];
      case 'missing':
        return [this.path('missing/deeper/out.log'), options];
      default:
        return [options.mkdir ? this.path('made/here/out.log') : file, options];
    }
  }

  get isPath() {
    return ['file', 'small', 'missing'].includes(this.#kind);
  }

  /** Nothing is left but `bytes`; a reader stops. */
  fill(bytes) {
    if (this.#kind === 'fifo' || this.#kind === 'full') this.isBlocked = true;
    if (this.#ballast === null) return;
    this.isBlocked = true;
    const size = fs.statfsSync(this.#folder);
    const keep = Math.ceil(bytes / 4096);
    const count = Math.min(Math.max(0, size.bavail - keep), 2048);
    const fd = fs.openSync(this.#ballast, 'a');
    try {
      if (count > 0) fs.writeSync(fd, PAGES, 0, count * 4096);
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    } finally {
      fs.closeSync(fd);
    }
  }

  makeRoom() {
    this.isBlocked = this.#kind === 'full';
    if (this.#ballast !== null) fs.rmSync(this.#ballast, { force: true });
    this.read();
  }

  /** A reader takes what is there. */
  read() {
    if (this.#fifo !== null) while (this.#fifo.readOnce() > 0);
  }

  get mustBeRead() {
    return this.#fifo !== null;
  }

  /** All files that hold records. */
  files() {
    if (this.#fifo !== null) {
      this.read();
      return [{ name: 'fifo', bytes: this.#fifo.bytes() }];
    }
    const names = this.names().filter((name) => !OURS.test(name));
    return names.map((name) => ({ name, bytes: fs.readFileSync(this.path(name)) }));
  }

  names() {
    const entries = fs.readdirSync(this.#folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !NOT_RECORDS.has(entry.name));
    return files.map((entry) =>
      path.relative(this.#folder, path.join(entry.parentPath ?? entry.path, entry.name)),
    );
  }

  /** Descriptors of this process that lead here, besides the reader's. */
  openDescriptors() {
    const open = [];
    for (const fd of fs.readdirSync('/proc/self/fd')) {
      try {
        const target = fs.readlinkSync(`/proc/self/fd/${fd}`);
        if (target.startsWith(`${this.#folder}/`)) open.push(target);
      } catch {
        // It was the one of the folder that is read.
      }
    }
    return open.slice(this.#fifo === null ? 0 : 1);
  }

  close() {
    this.#fifo?.close();
    this.#fifo = null;
  }
}

const PAGES = Buffer.alloc(8 * 1024 * 1024);

module.exports = { OURS, Place };

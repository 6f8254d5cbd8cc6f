'use strict';

// A disk as POSIX promises it, no better, fed with the lines of `strace -f`: what a program wrote is safe
// once the file was synced, and a name once its folder was.

const path = require('node:path');

/** How much of a file's beginning is kept besides its length. */
const HEAD = 16;

class DiskModel {
  /** By path, as the program sees it. */
  names = new Map();
  /** The same as after a power failure. */
  safeNames = new Map();
  /** The last number that the program has written to its stdout. */
  told = 0;
  /** Calls that have begun, by process: the line so far, and how long the file was then. */
  #begun = new Map();
  /** By descriptor: a file, or the path of a folder. */
  #open = new Map();

  constructor(cwd) {
    this.#open.set('AT_FDCWD', cwd);
  }

  /** A file that is there before the program starts, and safe. */
  put(file, head, length) {
    const inode = { head: head.slice(0, HEAD), length, safe: { head, length } };
    this.names.set(file, inode);
    this.safeNames.set(file, inode);
  }

  /** One line. Returns whether it may have changed anything. */
  apply(line) {
    const [, thread, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (rest === undefined) return false;
    if (rest.endsWith('<unfinished ...>')) {
      const begin = rest.slice(0, -'<unfinished ...>'.length);
      this.#begun.set(thread, { begin, snapshot: this.#snapshot(begin) });
      return false;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    if (resumed === null) return this.#call(rest, this.#snapshot(rest));
    const { begin, snapshot } = this.#begun.get(thread);
    return this.#call(begin + resumed[1], snapshot);
  }

  /** What a sync that begins now makes safe at least. */
  #snapshot(call) {
    const [, fd] = /^f(?:data)?sync\((\d+)/.exec(call) ?? [];
    const open = fd === undefined ? undefined : this.#open.get(fd);
    if (open === undefined) return null;
    if (typeof open === 'string') return new Map(this.names);
    return { head: open.head, length: open.length };
  }

  #call(line, snapshot) {
    const [, name, args, result] = /^(\w+)\((.*?) *\) += (-?\d+)/.exec(line) ?? [];
    if (name === undefined || Number(result) < 0) return false;
    switch (name) {
      case 'open':
      case 'openat':
        return this.#openat(args, result);
      case 'close':
        return this.#open.delete(args);
      case 'write':
      case 'writev':
        return this.#write(args, Number(result));
      case 'fsync':
      case 'fdatasync':
        return this.#sync(args, snapshot);
      case 'rename':
      case 'renameat':
      case 'renameat2':
        return this.#rename(args);
      case 'unlinkat':
        return this.names.delete(this.#pathOf(args));
    }
    return false;
  }

  #pathOf(args) {
    const [, folder = 'AT_FDCWD', name] = /^(?:(AT_FDCWD|\d+), )?"([^"]*)"/.exec(args);
    return path.resolve(`${this.#open.get(folder)}`, name);
  }

  #openat(args, fd) {
    const file = this.#pathOf(args);
    if (args.includes('O_DIRECTORY')) return this.#open.set(fd, file) && false;
    if (!/O_WRONLY|O_RDWR/.test(args)) return this.#open.delete(fd) && false;
    const known = this.names.get(file);
    const inode = known ?? { head: '', length: 0, safe: { head: '', length: 0 } };
    if (args.includes('O_TRUNC')) Object.assign(inode, { head: '', length: 0 });
    this.names.set(file, inode);
    this.#open.set(fd, inode);
    return true;
  }

  #write(args, bytes) {
    const [, fd, text] = /^(\d+), (?:\[\{iov_base=)?"((?:[^"\\]|\\.)*)"/.exec(args);
    if (fd === '1') this.told = Number.parseInt(text, 10);
    const inode = this.#open.get(fd);
    if (fd !== '1' && typeof inode !== 'object') return false;
    if (fd === '1') return true;
    if (inode.length === 0) inode.head = text.slice(0, HEAD);
    inode.length += bytes;
    return true;
  }

  #sync(fd, snapshot) {
    const open = this.#open.get(fd);
    if (typeof open === 'object') open.safe = snapshot;
    else if (open !== undefined) this.#syncFolder(open, snapshot);
    return true;
  }

  #syncFolder(folder, names) {
    const isInside = (file) => path.dirname(file) === folder;
    for (const file of this.safeNames.keys()) if (isInside(file)) this.safeNames.delete(file);
    for (const [file, inode] of names) if (isInside(file)) this.safeNames.set(file, inode);
  }

  #rename(args) {
    const names = [...args.matchAll(/(?:(AT_FDCWD|\d+), )?"([^"]*)"/g)];
    const [from, to] = names.map(([, folder, name]) =>
      path.resolve(`${this.#open.get(folder ?? 'AT_FDCWD')}`, name),
    );
    this.names.set(to, this.names.get(from));
    return this.names.delete(from);
  }

  /** What may be found at `file` after a power failure now: its synced bytes, under the old or the new name. */
  afterPowerLoss(file) {
    return [this.safeNames, this.names].map((names) => names.get(file)?.safe);
  }
}

module.exports = DiskModel;

'use strict';

// The files of a log that were put aside, as far as is known: the folder is read once, and again only when something
// does not fit. While the log is open its lock keeps all others from putting files aside.

const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { COMPRESSED, PARTIAL, parseAside, pathAside } = require('./names.js');

// Not those of `fs.promises`, which load 5 ms' worth of Node's own modules when they are first used.
const readFolder = promisify(fs.readdir);
const stat = promisify(fs.stat);
const unlink = promisify(fs.unlink);

/**
 * @typedef {object} FileAside
 * @property {string} file its path
 * @property {number} stampMs the moment in its name
 * @property {'' | '.gz' | '.gz.part'} kind
 * @property {number} [bytes] how long it is, once that was asked for
 */

class FilesAside {
  #log;
  /** The oldest first; null if the folder is to be read. */
  #files = null;
  /** The latest moment in a name when the folder was read. */
  #latestMs = -Infinity;
  /** Grows when what is being read of the folder may be old when it comes. */
  #version = 0;

  /** @param {string} log its path */
  constructor(log) {
    this.#log = log;
  }

  /** Another file was put aside, later than all others. It may have been in the folder when that was read. */
  add(stampMs) {
    if (this.#files === null || stampMs <= this.#latestMs) this.forget();
    else this.#files.push({ file: pathAside(this.#log, stampMs), stampMs, kind: '' });
  }

  /** Something does not fit, or others may have changed the folder: it is read again. */
  forget() {
    this.#files = null;
    this.#version++;
  }

  /** Those that are no half-compressed ones, the oldest first. */
  async whole() {
    return (await this.#list()).filter(({ kind }) => kind !== PARTIAL);
  }

  /** Those of one kind, the oldest first. */
  async ofKind(kind) {
    return (await this.#list()).filter((aside) => aside.kind === kind);
  }

  /** How many bytes a file has. */
  async bytesOf(aside) {
    if (aside.bytes !== undefined) return aside.bytes;
    try {
      aside.bytes = (await stat(aside.file)).size;
    } catch (error) {
      this.#afterMissing(error);
      return 0;
    }
    return aside.bytes;
  }

  async remove(aside) {
    try {
      await unlink(aside.file);
    } catch (error) {
      this.#afterMissing(error);
    }
    this.#drop(aside.file);
  }

  /** Somebody else may have removed a file. */
  #afterMissing(error) {
    if (error.code !== 'ENOENT') throw error;
    this.forget();
  }

  /** The file was replaced by a compressed one. */
  afterCompress(aside) {
    const file = compressedPath(aside);
    // A crash may have left these.
    for (const left of [file, `${aside.file}${PARTIAL}`]) this.#drop(left);
    Object.assign(aside, { file, kind: COMPRESSED, bytes: undefined });
  }

  #drop(file) {
    this.#files = this.#files?.filter((aside) => aside.file !== file) ?? null;
  }

  async #list() {
    if (this.#files !== null) return this.#files;
    const version = this.#version;
    const folder = path.dirname(this.#log);
    const files = [];
    for (const name of await readFolder(folder)) {
      const parsed = parseAside(this.#log, name);
      if (parsed !== null) files.push({ file: path.join(folder, name), ...parsed });
    }
    files.sort((a, b) => a.stampMs - b.stampMs);
    this.#latestMs = files.at(-1)?.stampMs ?? -Infinity;
    if (version === this.#version) this.#files = files;
    return files;
  }
}

/** Where the compressed file of one that was put aside comes. */
function compressedPath({ file }) {
  return `${file}${COMPRESSED}`;
}

module.exports = { FilesAside, compressedPath };

'use strict';

// What tests of logs need: a folder of files that take each other's place, and lines that can be counted.

const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');
const { makeFolder } = require('./folder');

class LogFolder {
  constructor(t) {
    this.dir = makeFolder(t);
    this.log = path.join(this.dir, 'app.log');
  }

  path(name) {
    return path.join(this.dir, name);
  }

  /** The names in the folder, in order. */
  names() {
    return fs.readdirSync(this.dir).sort();
  }

  /**
   * The paths of the files of the log, the oldest first. A kill may leave a half-compressed file, and one
   * beside its compressed copy.
   */
  files() {
    const all = this.names();
    const isDone = (name) => !name.endsWith('.part') && !all.includes(`${name}.gz`);
    const names = all.filter((name) => !name.endsWith('.lock') && isDone(name));
    const aside = names.filter((name) => name !== 'app.log');
    const current = names.includes('app.log') ? ['app.log'] : [];
    return [...aside, ...current].map((name) => this.path(name));
  }

  /** What is in each of them, decompressed. */
  contents() {
    return this.files().map((file) => {
      const bytes = fs.readFileSync(file);
      return (file.endsWith('.gz') ? zlib.gunzipSync(bytes) : bytes).toString();
    });
  }

  text() {
    return this.contents().join('');
  }
}

/** Resolves when `event` of `emitter` has come so often, with what it told. */
function eventsOf(emitter, event, count) {
  return new Promise((resolve) => {
    const told = [];
    emitter.on(event, function listener(value) {
      told.push(value);
      if (told.length < count) return;
      emitter.off(event, listener);
      resolve(told);
    });
  });
}

module.exports = { LogFolder, eventsOf };

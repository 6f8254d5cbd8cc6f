'use strict';

// What the unit tests of lib/outlet stand on: a native stream of its own file, and no `Writable`.

const fs = require('node:fs');
const path = require('node:path');
const NativeStream = require('../../lib/native-stream.js');
const { makeFolder } = require('./folder');

/**
 * A native stream that appends to a new file. The file goes with the test.
 * @param {TestContext} t
 */
function nativeFile(t) {
  const file = path.join(makeFolder(t), 'file');
  const target = { path: file, flags: fs.constants.O_WRONLY | fs.constants.O_CREAT, mode: 0o600 };
  const native = NativeStream.ofPath(target, { start: -1, flush: false, keepOpen: false });
  t.after(() => {
    if (native.exists) native.free();
  });
  /** What the file has once the system has all that was accepted. */
  function written() {
    native.flush();
    native.waitSettled(10_000);
    return fs.readFileSync(file, 'utf8');
  }
  return { native, written };
}

module.exports = { nativeFile };

'use strict';

// What is known of a file's native stream when its outlet was dropped without a close: whoever frees it then has nothing
// else of it.

class Estate {
  /** The number. */
  id = null;
  /** Nobody closes the descriptor but the user. */
  isKeptOpen = false;
  /** The descriptor is not Rust's own. */
  isLent = true;
  /** The collector frees the stream. */
  isRegistered = false;
  /** It writes to a temporary file. */
  isTemporary = false;
  /** Of a file that JavaScript opens: see `NativeStream.ofLaterDescriptor`. */
  how = null;
}

module.exports = Estate;

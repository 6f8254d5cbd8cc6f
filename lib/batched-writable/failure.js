'use strict';

/** What `Writable` does about an error that is no callback's. */
function errorOrDestroy(stream, error) {
  const state = stream._writableState;
  if (state.destroyed) return;
  if (state.autoDestroy) {
    stream.destroy(error);
    return;
  }
  state.errored ??= error;
  if (state.errorEmitted) return;
  state.errorEmitted = true;
  stream.emit('error', error);
}

module.exports = errorOrDestroy;

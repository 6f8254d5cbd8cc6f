'use strict';

/**
 * What an expert does with many small writes: cork with the first one in a turn and uncork at its
 * end, so that they leave in one `writev(2)`.
 */
function corkEachTurn(socket) {
  const { write } = socket;
  let isCorked = false;
  function uncork() {
    isCorked = false;
    socket.uncork();
  }
  socket.write = (chunk) => {
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      process.nextTick(uncork);
    }
    return write.call(socket, chunk);
  };
  return socket;
}

module.exports = { corkEachTurn };

'use strict';

/** Two sockets of a proxy end together. `sockets` has them as long as they live. */
function tie(one, other, sockets) {
  for (const socket of [one, other]) {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      one.destroy();
      other.destroy();
      sockets.delete(socket);
    });
  }
}

module.exports = { tie };

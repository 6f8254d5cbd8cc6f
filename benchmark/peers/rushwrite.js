'use strict';

/** Ours. Loaded when asked for: the other peers must run without the addon. */

const load = () => require('../../index.js');

module.exports = {
  load,
  createWriteStream: (file, options) => load().createWriteStream(file, options),
  connect: (options) => load().connect(options).resume(),
  accept: (server) => server.prependListener('connection', (socket) => load().adopt(socket)),
};

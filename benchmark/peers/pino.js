'use strict';

/** Whom pino can write through. */

const fs = require('node:fs');
const ours = require('./rushwrite.js');
const { Discard } = require('./discard.js');
const { loadSonic, openSonic } = require('./sonic.js');

const pino = () => require('pino');

function overStream(name, { load, createWriteStream }) {
  return {
    name,
    title: `pino over ${name}`,
    load() {
      pino();
      load?.();
    },
    createWriteStream,
  };
}

/** A thread of its own, from `target`. */
function overTransport(name, title, target, optionsOf) {
  return {
    name,
    title,
    load: pino,
    createWriteStream(file) {
      const transport = pino().transport({ target, options: optionsOf(file) });
      // The thread does not keep the process.
      const alive = setInterval(() => {}, 1000);
      return transport.once('close', () => clearInterval(alive));
    },
  };
}

const sonicBoom = overStream('sonic-boom', {
  load: loadSonic,
  createWriteStream: (file) => openSonic(file, 'utf8'),
});

const rushwrite = overStream('rushwrite', ours);

const loadBoom = () => require('../../sonic-boom.js');

/** The class that pino's users put in sonic-boom's place. */
const ourSonicBoom = overStream('rushwrite/sonic-boom', {
  load: loadBoom,
  createWriteStream: (file) => openSonic(file, 'utf8', loadBoom()),
});

/** What pino itself takes, which no destination can undercut. */
const alone = {
  ...overStream('nothing', { createWriteStream: () => new Discard() }),
  writesNothing: true,
};

const destinations = [
  sonicBoom,
  overStream('sonic-boom, sync', {
    load: loadSonic,
    createWriteStream: (file) => openSonic(file, 'utf8', loadSonic(), { sync: true }),
  }),
  overStream('fs', { createWriteStream: (file) => fs.createWriteStream(file) }),
  rushwrite,
  ourSonicBoom,
  alone,
];

const transports = [
  overTransport('pino-file', 'the transport pino/file', 'pino/file', (destination) => ({
    destination,
    append: false,
  })),
  overTransport(
    'rushwrite',
    'the transport rushwrite/pino',
    require.resolve('../../pino.js'),
    (file) => ({ file, append: false }),
  ),
];

module.exports = { sonicBoom, rushwrite, ourSonicBoom, destinations, transports };

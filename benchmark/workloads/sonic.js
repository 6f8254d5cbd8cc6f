'use strict';

/** SonicBoom's class over ours against SonicBoom. */

const { readyLines } = require('./content.js');
const ours = require('../peers/rushwrite.js');
const { loadSonic, openSonic } = require('../peers/sonic.js');
const { fileRow } = require('./rows.js');

function loadOurs() {
  ours.load();
  return require('../../sonic-boom.js');
}

const peersWith = (options) => [
  {
    name: 'sonic-boom',
    title: 'sonic-boom',
    load: loadSonic,
    createWriteStream: (file) => openSonic(file, 'utf8', loadSonic(), options),
  },
  {
    ...ours,
    name: 'rushwrite',
    title: 'rushwrite/sonic-boom',
    load: loadOurs,
    createWriteStream: (file) => openSonic(file, 'utf8', loadOurs(), options),
  },
];

const row = (name, title, writes, options) =>
  fileRow(name, title, writes, readyLines(100), {
    baseline: 'sonic-boom',
    peers: peersWith(options),
  });

module.exports = [
  row('sonic', '100-byte lines ready, the SonicBoom class against sonic-boom', 2_000_000, {}),
  row('sonic-sync', 'the same with sync: true', 200_000, { sync: true }),
];

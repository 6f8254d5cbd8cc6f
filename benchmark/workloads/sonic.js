'use strict';

/** SonicBoom's class over ours against SonicBoom. */

const { readyLines } = require('./content.js');
const { loadSonic, openSonic } = require('../peers/sonic.js');
const { fileRow } = require('./rows.js');

const loadOurs = () => require('../../sonic-boom.js');

const row = (name, title, writes, options) => {
  const peer = (peerName, peerTitle, load) => ({
    name: peerName,
    title: peerTitle,
    load,
    createWriteStream: (file) => openSonic(file, 'utf8', load(), options),
  });
  return fileRow(name, title, writes, readyLines(100), {
    baseline: 'sonic-boom',
    peers: [
      peer('sonic-boom', 'sonic-boom', loadSonic),
      peer('rushwrite', 'rushwrite/sonic-boom', loadOurs),
    ],
  });
};

module.exports = [
  row('sonic', 'the SonicBoom class, lines ready', 3_000_000, {}),
  row('sonic-sync', 'the SonicBoom class, sync: true', 50_000, { sync: true }),
];

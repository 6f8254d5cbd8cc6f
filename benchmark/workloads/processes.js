'use strict';

/** What whole programs feel: loading the package, and a server that logs each request. */

const path = require('node:path');
const { loadTime } = require('../run/load.js');
const { builtLines } = require('./content.js');
const { serveAndLog } = require('./drives.js');

module.exports = [
  {
    name: 'load',
    title: "require('rushwrite') beyond an empty process",
    kind: 'file',
    phases: ['fresh'],
    files: 0,
    writes: 0,
    makeChunk: builtLines,
    cost: 'load',
    baseline: 'empty',
    measure: loadTime,
    peers: [
      { name: 'empty', title: 'an empty process', module: null },
      { name: 'rushwrite', title: 'rushwrite', module: path.join(__dirname, '..', '..') },
      { name: 'sonic-boom', title: 'sonic-boom', module: require.resolve('sonic-boom') },
    ],
  },
  {
    name: 'http-log',
    title: 'an HTTP server that logs each request, CPU',
    kind: 'file',
    writes: 30_000,
    makeChunk: builtLines,
    drive: serveAndLog,
    needs: 'server',
    cost: 'cpu',
  },
];

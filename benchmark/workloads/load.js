'use strict';

/** What it costs to load the package. */

const path = require('node:path');
const { loadTime } = require('../run/load.js');
const { builtLines } = require('./content.js');
const { fileRow } = require('./rows.js');

const ROOT = path.join(__dirname, '..', '..');

module.exports = [
  fileRow('load', "require('rushwrite') beyond an empty process", 0, builtLines, {
    phases: ['fresh'],
    cost: 'load',
    baseline: 'empty',
    measure: loadTime,
    peers: [
      { name: 'empty', title: 'an empty process', module: null },
      { name: 'rushwrite', title: 'rushwrite', module: ROOT },
      { name: 'sonic-boom', title: 'sonic-boom', module: require.resolve('sonic-boom') },
    ],
  }),
];

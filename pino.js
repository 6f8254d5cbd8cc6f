'use strict';

module.exports = require('./lib/pino-transport.js');

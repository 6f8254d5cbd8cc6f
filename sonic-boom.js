'use strict';

// The assignments are what ES modules see of it.
const SonicBoom = require('./lib/sonic-boom.js');

module.exports = SonicBoom;
module.exports.SonicBoom = SonicBoom;
module.exports.default = SonicBoom;

'use strict';

// The version of this JavaScript, which the addon must have, too. A bundle has no package.json to read.

module.exports = '0.1.0';

'use strict';

// Which glibc an addon wants at least: `node scripts/glibc.js rushwrite.linux-x64-gnu.node`. The release fails where
// that is more than README.md promises.

const fs = require('node:fs');
const path = require('node:path');

/** The newest version that the file names. Weak references have no version. */
function glibcOf(file) {
  const names = fs.readFileSync(file, 'latin1').matchAll(/GLIBC_2\.(\d+)/g);
  return `2.${Math.max(...Array.from(names, ([, minor]) => Number(minor)))}`;
}

/** What README.md promises. */
function promisedGlibc() {
  const readme = fs.readFileSync(path.join(__dirname, '..', 'README.md'), 'utf8');
  return /glibc (2\.\d+)/.exec(readme)[1];
}

function isAtMost(version, limit) {
  const minor = (text) => Number(text.split('.')[1]);
  return minor(version) <= minor(limit);
}

function check(file) {
  const wanted = glibcOf(file);
  console.log(`${file} wants glibc ${wanted}; README.md says ${promisedGlibc()}.`);
  if (!isAtMost(wanted, promisedGlibc())) process.exitCode = 1;
}

if (require.main === module) process.argv.slice(2).forEach(check);

module.exports = { glibcOf, isAtMost, promisedGlibc };

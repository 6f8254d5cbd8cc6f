'use strict';

// The machine, by the names that napi gives: platform, architecture, C library.

const fs = require('node:fs');

/** What has a package of its own. */
const TARGETS = [
  'linux-x64-gnu',
  'linux-x64-musl',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64-msvc',
];

/** The name of this machine among TARGETS; of one without a package, the name it would have. */
function targetOfMachine() {
  const { platform, arch } = process;
  if (platform === 'linux') return `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`;
  if (platform === 'win32') return `win32-${arch}-msvc`;
  return `${platform}-${arch}`;
}

/** Which C library: by its own tool where there is one, else by what this process has loaded. */
function isMusl() {
  try {
    return fs.readFileSync('/usr/bin/ldd', 'latin1').includes('musl');
  } catch {
    return isMuslLoaded();
  }
}

function isMuslLoaded() {
  const { report } = process;
  if (!report) return false;
  const { excludeNetwork } = report;
  // Names of peers are not wanted, and looking them up can take seconds.
  report.excludeNetwork = true;
  const { sharedObjects = [] } = report.getReport();
  report.excludeNetwork = excludeNetwork;
  return sharedObjects.some((file) => file.includes('ld-musl-'));
}

module.exports = { TARGETS, targetOfMachine };

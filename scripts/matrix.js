'use strict';

// Runs the JavaScript tests on several versions of Node: `npm run test:matrix -- 20 24 [file ...]`.
// Without versions it runs all that are supported, without files all tests. The binaries come from
// npm and are kept in node_modules/.cache, which `npm ci` empties.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const MAJORS = ['20', '22', '24', '26'];

const root = path.join(__dirname, '..');
const cache = path.join(root, 'node_modules', '.cache', 'nodes');
const { platform, arch } = process;

/** The binary of the newest release that npm has of this major version. */
function nodeOf(major) {
  const folder = path.join(cache, major);
  const name = `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
  const bin = path.join(folder, 'node_modules', name, 'bin');
  const node = path.join(bin, platform === 'win32' ? 'node.exe' : 'node');
  if (!fs.existsSync(node)) install(folder, `${name}@${major}`);
  return node;
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

/** Whether all tests pass on it. What they start as `node` is this version, too. */
function passesOn(major, files) {
  const node = nodeOf(major);
  const PATH = `${path.dirname(node)}${path.delimiter}${process.env.PATH}`;
  const env = { ...process.env, PATH };
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  console.log(`# Node ${stdout.trim()}`);
  const args = [path.join(__dirname, 'test.js'), ...files];
  const { error, status } = spawnSync(node, args, { env, stdio: 'inherit' });
  if (error) throw error;
  return status === 0;
}

const named = process.argv.slice(2);
const majors = named.filter((name) => /^\d+$/.test(name));
const files = named.filter((name) => !majors.includes(name));
const failed = (majors.length > 0 ? majors : MAJORS).filter((major) => !passesOn(major, files));
if (failed.length > 0) {
  console.error(`Tests failed on Node ${failed.join(', ')}.`);
  process.exitCode = 1;
}

'use strict';

// The tarballs, as a release makes them: the package, and the one of this platform with its addon.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');
const shell = process.platform === 'win32';

function packRoot(temp) {
  return pack(root, temp);
}

/** `napi create-npm-dirs` writes beside the package.json that it reads, so it gets a copy. */
function packPlatform(temp) {
  const folder = path.join(temp, 'release');
  fs.mkdirSync(folder);
  fs.copyFileSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  const napi = path.join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  execFileSync(process.execPath, [napi, 'create-npm-dirs'], { cwd: folder, stdio: 'pipe' });
  const addon = fs.readdirSync(root).find((name) => /^rushwrite\..+\.node$/.test(name));
  const platform = path.join(folder, 'npm', addon.split('.')[1]);
  fs.copyFileSync(path.join(root, addon), path.join(platform, addon));
  return pack(platform, temp);
}

function pack(folder, temp) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', temp];
  const answer = JSON.parse(execFileSync('npm', args, { cwd: folder, encoding: 'utf8', shell }));
  // One package an entry; npm 12 answers with an object by name.
  const [{ filename }] = Object.values(answer);
  return path.join(temp, filename);
}

module.exports = { packPlatform, packRoot };

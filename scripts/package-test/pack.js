'use strict';

// The tarballs, as a release makes them: the package, and one for each platform, of which that of this machine has its
// addon.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');
const shell = process.platform === 'win32';

/** The package as it is in a checkout, and as an installation from git gets it. */
function packRoot(temp) {
  return pack(root, temp);
}

/** `napi create-npm-dirs` writes beside the package.json that it reads, so it gets a copy. */
function packPlatforms(temp, target) {
  const folder = path.join(temp, 'release');
  fs.mkdirSync(folder);
  fs.copyFileSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  const napi = path.join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  execFileSync(process.execPath, [napi, 'create-npm-dirs'], { cwd: folder, stdio: 'pipe' });
  const addon = fs.readdirSync(root).find((name) => /^rushwrite\..+\.node$/.test(name));
  const platforms = path.join(folder, 'npm');
  fs.copyFileSync(path.join(root, addon), path.join(platforms, addon.split('.')[1], addon));
  const folders = fs.readdirSync(platforms).map((name) => path.join(platforms, name));
  return pack(folders, target);
}

/** The package as it is published: `napi pre-publish` makes the platforms' packages its optional dependencies. */
function packRelease(temp, tarball, platformTarballs, target) {
  const folder = path.join(temp, 'unpacked');
  fs.mkdirSync(folder);
  execFileSync('tar', ['-xzf', path.basename(tarball), '-C', folder], {
    cwd: path.dirname(tarball),
  });
  const file = path.join(folder, 'package', 'package.json');
  const manifest = JSON.parse(fs.readFileSync(file, 'utf8'));
  const names = platformTarballs.map((each) =>
    path.basename(each).slice(0, -`-${manifest.version}.tgz`.length),
  );
  manifest.optionalDependencies = Object.fromEntries(names.map((name) => [name, manifest.version]));
  fs.writeFileSync(file, JSON.stringify(manifest));
  return pack(path.join(folder, 'package'), target);
}

/** One folder, or several. */
function pack(folder, target) {
  const folders = [folder].flat();
  fs.mkdirSync(target, { recursive: true });
  const args = ['pack', ...folders, '--json', '--ignore-scripts', '--pack-destination', target];
  const options = { cwd: folders[0], encoding: 'utf8', shell, stdio: ['ignore', 'pipe', 'pipe'] };
  // One package an entry; npm 12 answers with an object by name.
  const answers = Object.values(JSON.parse(execFileSync('npm', args, options)));
  const files = answers.map(({ filename }) => path.join(target, filename));
  return Array.isArray(folder) ? files : files[0];
}

module.exports = { packPlatforms, packRelease, packRoot };

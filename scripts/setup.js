'use strict';

// Makes a checkout ready for the npm script that calls it, and is silent when it already is.
// Each argument names one thing to make ready, in this order:
//
//   packages   the npm packages of package-lock.json are installed
//   cargo      cargo can be called
//   addon      the native addon is built from the sources as they are now

const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const fingerprintFile = path.join(root, 'target', 'addon.fingerprint');

// Everything the addon is made from, and what it is.
const sourceNames = /^(src|build\.rs|Cargo\.(toml|lock)|rust-toolchain(\.toml)?|\.cargo)$/;
const addonName = /^rushwrite\..+\.node$/;

const steps = {
  packages() {
    if (packagesAreInstalled()) return;
    run('npm', ['ci', '--include=dev', '--loglevel=error']);
  },

  cargo() {
    const { error, status } = spawnSync('cargo', ['--version'], { cwd: root, stdio: 'ignore' });
    if (error || status !== 0) {
      fail('cargo does not run: install Rust from https://rustup.rs, open a new shell and retry.');
    }
  },

  addon() {
    if (addonIsFresh()) return;
    steps.cargo();
    run('npm', ['run', '--silent', 'build']);
    fs.mkdirSync(path.dirname(fingerprintFile), { recursive: true });
    fs.writeFileSync(fingerprintFile, fingerprint());
  },
};

function packagesAreInstalled() {
  const wanted = readLock('package-lock.json');
  const installed = readLock(path.join('node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(([name, { version, optional }]) => {
    if (name === '') return true;
    // An optional package is absent where it was made for another platform.
    return name in installed ? installed[name].version === version : optional === true;
  });
}

function readLock(name) {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, name), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

function addonIsFresh() {
  if (!fs.readdirSync(root).some((name) => addonName.test(name))) return false;
  return (
    fs.existsSync(fingerprintFile) && fs.readFileSync(fingerprintFile, 'utf8') === fingerprint()
  );
}

// Contents rather than times: a checkout, a copy and a cached build all change the times. The
// built files count too, so that an addon built by hand from other sources is not taken for ours.
function fingerprint() {
  const hash = createHash('sha256');
  hash.update(`${process.platform} ${process.arch}\n`);
  for (const name of fs.readdirSync(root).sort()) {
    if (sourceNames.test(name) || addonName.test(name)) hashPath(hash, name);
  }
  return hash.digest('hex');
}

function hashPath(hash, name) {
  const file = path.join(root, name);
  if (fs.statSync(file).isDirectory()) {
    for (const child of fs.readdirSync(file).sort()) hashPath(hash, path.join(name, child));
  } else {
    const bytes = fs.readFileSync(file);
    hash.update(`${name} ${bytes.length}\n`).update(bytes);
  }
}

function run(command, args) {
  // npm is a .cmd file on Windows, which only a shell can start.
  const shell = process.platform === 'win32';
  const { error, status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell });
  if (error) fail(`${command} does not run: ${error.message}`);
  if (status !== 0) fail(`"${command} ${args.join(' ')}" failed; its own words are above.`);
}

function fail(message) {
  console.error(`rushwrite: ${message}`);
  process.exit(1);
}

for (const name of process.argv.slice(2)) {
  if (!Object.hasOwn(steps, name)) fail(`setup has no step "${name}".`);
  steps[name]();
}

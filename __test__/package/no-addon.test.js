'use strict';

// Without a usable binary, require() throws one error that says why.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { makeFolder } = require('../harness/folder');

const root = path.join(__dirname, '..', '..');

/** Requires a copy of the package without an addon; `prepare` may change its folder first. */
function requireWithoutAddon(t, { prepare = () => {}, before = '' } = {}) {
  const dir = makeFolder(t);
  fs.cpSync(path.join(root, 'lib'), path.join(dir, 'lib'), { recursive: true });
  fs.copyFileSync(path.join(root, 'index.js'), path.join(dir, 'index.js'));
  const target = targetOf();
  prepare(dir, target);
  const script = `${before}
    try { require('./index.js'); } catch (error) {
      const { code, message, target, cause } = error;
      console.log(JSON.stringify({ code, message, target, cause: cause.code }));
    }`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    cwd: dir,
    encoding: 'utf8',
  });
  assert.strictEqual(stderr, '');
  return { ...JSON.parse(stdout), expectedTarget: target };
}

/** The target that this checkout was built for. */
function targetOf() {
  const name = fs.readdirSync(root).find((file) => /^rushwrite\..+\.node$/.test(file));
  return name.split('.')[1];
}

function pretend(platform, arch) {
  return `for (const [name, value] of Object.entries({ platform: '${platform}', arch: '${arch}' }))
    Object.defineProperty(process, name, { value });`;
}

test('a platform without a binary: what there is, and how to build', (t) => {
  const error = requireWithoutAddon(t, { before: pretend('sunos', 'x64') });
  assert.strictEqual(error.code, 'ERR_RUSHWRITE_NO_ADDON');
  assert.strictEqual(error.target, 'sunos-x64');
  assert.strictEqual(
    error.message,
    'There is no binary of rushwrite for sunos-x64.\n' +
      'Binaries exist for linux-x64-gnu, linux-x64-musl, linux-arm64-gnu, linux-arm64-musl, ' +
      'darwin-x64, darwin-arm64, win32-x64-msvc.\n' +
      'To build it from source, install Rust 1.88 or later (https://rustup.rs) ' +
      'and run "npm rebuild rushwrite".',
  );
});

test('the names are those of napi', (t) => {
  const nameOn = (...machine) => requireWithoutAddon(t, { before: pretend(...machine) }).target;
  assert.strictEqual(nameOn('win32', 'x64'), 'win32-x64-msvc');
  assert.strictEqual(nameOn('darwin', 'arm64'), 'darwin-arm64');
  assert.match(nameOn('linux', 'riscv64'), /^linux-riscv64-(gnu|musl)$/);
});

test('a package that was not installed', (t) => {
  const error = requireWithoutAddon(t);
  assert.strictEqual(error.target, error.expectedTarget);
  assert.strictEqual(error.cause, 'MODULE_NOT_FOUND');
  const reason = `The package rushwrite-${error.target}, which npm installs as an optional dependency, is missing.\n`;
  assert.ok(error.message.startsWith(reason), error.message);
});

test('a binary that does not load: why', (t) => {
  const error = requireWithoutAddon(t, {
    prepare: (dir, target) => fs.writeFileSync(path.join(dir, `rushwrite.${target}.node`), 'junk'),
  });
  assert.strictEqual(error.cause, 'ERR_DLOPEN_FAILED');
  assert.match(error.message, /^The binary of rushwrite for \S+ does not load: .+\nBinaries exist/);
});

test('the targets are those of package.json', () => {
  const { napi } = require('../../package.json');
  const source = fs.readFileSync(path.join(root, 'lib', 'native.js'), 'utf8');
  assert.strictEqual([...source.matchAll(/^ {2}'\S+',$/gm)].length, napi.targets.length);
});

'use strict';

// Without a usable addon, require() throws one error that says why and what to do.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { buildSync } = require('esbuild');
const { makeFolder } = require('../harness/folder');

const root = path.join(__dirname, '..', '..');
const packageJson = require('../../package.json');

/** The addon that this checkout was built with, and what it was built for. */
const addonName = fs.readdirSync(root).find((file) => /^rushwrite\..+\.node$/.test(file));
const addon = path.join(root, addonName);
const target = addonName.split('.')[1];
const foreign = target === 'darwin-arm64' ? 'linux-x64-gnu' : 'darwin-arm64';

const BUILD =
  'To build it from source, install Rust 1.88 or later (https://rustup.rs) and run "npx rushwrite-build".';
const AGAIN = 'Remove node_modules and install again on this machine.';

/** What a release adds when it is published. */
const released = {
  ...packageJson,
  optionalDependencies: { [`rushwrite-${target}`]: packageJson.version },
};

/** An installation, as npm makes it, but without an addon. */
class Installation {
  constructor(t, manifest = released) {
    this.folder = makeFolder(t);
    this.package = this.make('node_modules/rushwrite');
    fs.cpSync(path.join(root, 'lib'), path.join(this.package, 'lib'), { recursive: true });
    fs.copyFileSync(path.join(root, 'index.js'), path.join(this.package, 'index.js'));
    fs.writeFileSync(path.join(this.package, 'package.json'), JSON.stringify(manifest));
  }

  make(name) {
    const folder = path.join(this.folder, name);
    fs.mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Adds the package of a platform, without the addon. */
  addPlatform(name) {
    const folder = this.make(`node_modules/rushwrite-${name}`);
    const main = `rushwrite.${name}.node`;
    const manifest = { name: `rushwrite-${name}`, version: packageJson.version, main };
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    return path.join(folder, main);
  }

  /** The error that require() throws: its properties that matter. */
  error({ options = [], before = '', file = 'rushwrite' } = {}) {
    const script = `${before}
      try { require(${JSON.stringify(file)}); } catch (error) {
        const { code, message, target, cause } = error;
        console.log(JSON.stringify({ code, message, target, cause: cause.code }));
      }`;
    // The permission model tells of itself.
    const args = ['--no-warnings', ...options, '-e', script];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: this.folder,
      encoding: 'utf8',
    });
    assert.strictEqual(stderr, '');
    const error = JSON.parse(stdout);
    assert.strictEqual(error.code, 'ERR_RUSHWRITE_NO_ADDON');
    return { ...error, lines: error.message.split('\n') };
  }
}

function pretend(platform, arch) {
  return `for (const [name, value] of Object.entries({ platform: '${platform}', arch: '${arch}' }))
    Object.defineProperty(process, name, { value });`;
}

test('a platform without a binary: what there is, and how to build', (t) => {
  const error = new Installation(t).error({ before: pretend('sunos', 'x64') });
  assert.strictEqual(error.target, 'sunos-x64');
  assert.strictEqual(error.cause, 'MODULE_NOT_FOUND');
  assert.deepStrictEqual(error.lines, [
    'There is no binary of rushwrite for sunos-x64.',
    'There are some for linux-x64-gnu, linux-x64-musl, linux-arm64-gnu, linux-arm64-musl, ' +
      'darwin-x64, darwin-arm64, win32-x64-msvc.',
    BUILD,
  ]);
});

test('the names are those of napi', (t) => {
  const installation = new Installation(t);
  const nameOn = (...machine) => installation.error({ before: pretend(...machine) }).target;
  assert.strictEqual(nameOn('win32', 'x64'), 'win32-x64-msvc');
  assert.strictEqual(nameOn('darwin', 'arm64'), 'darwin-arm64');
  assert.match(nameOn('linux', 'riscv64'), /^linux-riscv64-(gnu|musl)$/);
});

test('optional dependencies were left out', (t) => {
  const error = new Installation(t).error();
  assert.strictEqual(error.target, target);
  assert.deepStrictEqual(error.lines, [
    `The package rushwrite-${target}, an optional dependency of rushwrite, is not installed.`,
    'Optional dependencies were left out (--omit=optional, --no-optional), or the lock file was made on another platform.',
    `Install with them, or add rushwrite-${target}@${packageJson.version} to your own dependencies.`,
    BUILD,
  ]);
});

test('a copy that is no release, as from git, has to be built', (t) => {
  const { lines } = new Installation(t, packageJson).error();
  assert.deepStrictEqual(lines, [
    `This copy of rushwrite ${packageJson.version} is not from a release, and its addon for ${target} was not built.`,
    BUILD,
  ]);
});

test('node_modules of another platform: its package', (t) => {
  const installation = new Installation(t);
  fs.writeFileSync(installation.addPlatform(foreign), 'not for this machine');
  assert.deepStrictEqual(installation.error().lines, [
    `The addon of rushwrite is installed for ${foreign}, and this machine is ${target}.`,
    `node_modules comes from another platform. ${AGAIN}`,
    BUILD,
  ]);
});

test('node_modules of another platform: an addon that was built there', (t) => {
  const installation = new Installation(t, packageJson);
  fs.writeFileSync(path.join(installation.package, `rushwrite.${foreign}.node`), 'foreign');
  const [reason] = installation.error().lines;
  const expected = `The addon of rushwrite is installed for ${foreign}, and this machine is ${target}.`;
  assert.strictEqual(reason, expected);
});

test('a package whose file was renamed', (t) => {
  const installation = new Installation(t);
  const file = installation.addPlatform(target);
  fs.copyFileSync(addon, path.join(path.dirname(file), 'renamed.node'));
  assert.deepStrictEqual(installation.error().lines, [
    `The package rushwrite-${target} is there, but its file rushwrite.${target}.node is not.`,
    `It was renamed or removed. ${AGAIN}`,
    BUILD,
  ]);
});

test('a file that is no addon', (t) => {
  const installation = new Installation(t);
  fs.writeFileSync(installation.addPlatform(target), 'junk');
  const { cause, lines } = installation.error();
  assert.strictEqual(cause, 'ERR_DLOPEN_FAILED');
  const reason = `The addon of rushwrite for ${target} does not load: `;
  assert.ok(lines[0].startsWith(reason), lines[0]);
  const advice = `The file may be damaged or made for another machine. ${AGAIN}`;
  assert.deepStrictEqual(lines.slice(-2), [advice, BUILD]);
});

test('an older glibc', { skip: !target.endsWith('-gnu') && 'no glibc' }, (t) => {
  const installation = new Installation(t);
  const bytes = fs.readFileSync(addon, 'latin1').replaceAll(/GLIBC_2\.17(?=\0)/g, 'GLIBC_9.99');
  fs.writeFileSync(installation.addPlatform(target), bytes, 'latin1');
  const { lines } = installation.error();
  const { glibcVersionRuntime } = process.report.getReport().header;
  const advice = `It was built for glibc 9.99; this system has ${glibcVersionRuntime}.`;
  assert.deepStrictEqual(lines.slice(1), [advice, BUILD]);
});

test('--no-addons', (t) => {
  const installation = new Installation(t);
  fs.copyFileSync(addon, installation.addPlatform(target));
  const { cause, lines } = installation.error({ options: ['--no-addons'] });
  assert.strictEqual(cause, 'ERR_DLOPEN_DISABLED');
  const expected = ['Addons are disabled (--no-addons).', 'Start node without --no-addons.'];
  assert.deepStrictEqual(lines, expected);
});

/** Its name has changed. */
const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

test('--permission without --allow-addons', (t) => {
  const installation = new Installation(t);
  fs.copyFileSync(addon, installation.addPlatform(target));
  const { lines } = installation.error({ options: [permission, '--allow-fs-read=*'] });
  assert.deepStrictEqual(lines, [
    "Node's permission model forbids addons.",
    'Start node with --allow-addons as well.',
  ]);
});

/** Node 20 reads what it requires without asking. */
const asks = permission === '--permission';

test("--permission without a right to read the platform's package", {
  skip: !asks && 'Node does not ask',
}, (t) => {
  const installation = new Installation(t);
  const file = installation.addPlatform(target);
  fs.copyFileSync(addon, file);
  const readable = [installation.package, '/usr/bin/ldd', path.join(installation.folder, '[eval]')];
  const reads = readable.map((place) => `--allow-fs-read=${place}`);
  const { cause, lines } = installation.error({
    options: [permission, '--allow-addons', ...reads],
  });
  assert.strictEqual(cause, 'ERR_ACCESS_DENIED');
  const folder = path.dirname(file);
  assert.deepStrictEqual(lines, [
    `Node's permission model forbids reading the addon: ${path.join(folder, 'package.json')}`,
    `Start node with --allow-fs-read=${path.join(folder, '*')} as well.`,
  ]);
});

test('an addon of another version', (t) => {
  const installation = new Installation(t);
  fs.copyFileSync(addon, installation.addPlatform(target));
  const file = path.join(installation.package, 'lib', 'version.js');
  fs.writeFileSync(file, "module.exports = '99.0.0';");
  const { cause, lines } = installation.error();
  assert.strictEqual(cause, 'ERR_RUSHWRITE_ADDON_VERSION');
  const found = packageJson.version;
  assert.deepStrictEqual(lines, [
    `The addon of rushwrite is of another version. The addon's version is ${found}, that of the JavaScript 99.0.0.`,
    AGAIN,
    'If it was built from source, run "npx rushwrite-build" again ("npm run build" in a checkout).',
  ]);
});

test('a stale addon that was built gives way to the package of the right version', (t) => {
  const installation = new Installation(t);
  fs.copyFileSync(addon, installation.addPlatform(target));
  fs.writeFileSync(path.join(installation.package, addonName), 'junk');
  const script = 'console.log(typeof require("rushwrite").createWriteStream)';
  const args = ['-e', script];
  const { stdout } = spawnSync(process.execPath, args, {
    cwd: installation.folder,
    encoding: 'utf8',
  });
  assert.strictEqual(stdout, 'function\n');
});

for (const [format, file] of Object.entries({ cjs: 'bundle.cjs', esm: 'bundle.mjs' })) {
  test(`a bundle without an addon: ${format}`, (t) => {
    const installation = new Installation(t);
    const place = makeFolder(t);
    const outfile = path.join(place, file);
    const entry = path.join(installation.folder, 'entry.mjs');
    fs.writeFileSync(entry, 'import { Socket } from "rushwrite"; console.log(typeof Socket);');
    const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
    const js = format === 'esm' ? banner : '';
    buildSync({
      ...{ entryPoints: [entry], outfile, format, bundle: true, platform: 'node' },
      banner: { js },
    });
    const run = () => spawnSync(process.execPath, [outfile], { cwd: place, encoding: 'utf8' });
    const { stderr } = run();
    const reason = `The addon of rushwrite for ${target} is not where this bundle can find it: `;
    assert.ok(stderr.includes(`ERR_RUSHWRITE_NO_ADDON]: ${reason}`), stderr);
    assert.ok(stderr.includes(outfile), stderr);
    fs.copyFileSync(addon, path.join(place, addonName));
    assert.strictEqual(run().stdout, 'function\n', 'the addon lies beside it');
  });
}

test('versions and targets are the same everywhere', () => {
  const { TARGETS } = require('../../lib/native/target.js');
  assert.strictEqual(TARGETS.length, packageJson.napi.targets.length);
  const cargo = fs.readFileSync(path.join(root, 'Cargo.toml'), 'utf8');
  assert.strictEqual(require('../../lib/version.js'), packageJson.version);
  assert.strictEqual(/^version = "(.+)"$/m.exec(cargo)[1], packageJson.version);
  const places = fs.readFileSync(path.join(root, 'lib', 'native', 'places.js'), 'utf8');
  for (const name of TARGETS) {
    assert.ok(places.includes(`load('rushwrite-${name}')`), name);
    assert.ok(places.includes(`load('../../rushwrite.${name}.node')`), name);
  }
});

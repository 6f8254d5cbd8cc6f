'use strict';

// What a user gets: packs the package and the one for this platform, installs them into an empty
// project where there is no cargo, and tries there all that the README promises. Then the same
// without the platform's package: with cargo it is built from source, without it says so.

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Project, pathWithoutCargo } = require('./package-test/project.js');
const { packPlatform, packRoot } = require('./package-test/pack.js');
const { checkTypes } = require('./package-test/types.js');
const { runSnippets } = require('./package-test/snippets.js');

const root = path.join(__dirname, '..');
const programs = path.join(__dirname, 'package-test', 'programs');

/** Compiles in seconds what need not be fast, and keeps it for the next run. */
const QUICK_CARGO = {
  CARGO_TARGET_DIR: path.join(root, 'target', 'package-test'),
  CARGO_PROFILE_RELEASE_LTO: 'off',
  CARGO_PROFILE_RELEASE_OPT_LEVEL: '0',
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
};

function step(name, action) {
  const start = performance.now();
  const result = action();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`ok - ${name}${result ? `: ${result}` : ''} (${seconds} s)`);
}

/** Linters of packages: what is wrong with `exports`, `files` and types of the tarball. */
function lint(project, tarball) {
  project.node([bin('publint'), 'run', '--strict', tarball]);
  project.node([bin('@arethetypeswrong/cli', 'attw'), '--no-definitely-typed', tarball]);
}

function bin(packageName, name = packageName) {
  const folder = path.join(root, 'node_modules', packageName);
  const { bin: bins } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, typeof bins === 'string' ? bins : bins[name]);
}

/** An application in one file, with the addon still in its package. */
function bundle(project) {
  fs.copyFileSync(path.join(programs, 'named.mjs'), path.join(project.folder, 'entry.mjs'));
  const { buildSync } = require('esbuild');
  const outfile = path.join(project.folder, 'dist', 'bundle.cjs');
  const entryPoints = [path.join(project.folder, 'entry.mjs')];
  buildSync({
    entryPoints,
    outfile,
    bundle: true,
    platform: 'node',
    absWorkingDir: project.folder,
  });
  project.node([outfile]);
}

function withBinary(temp, tarball, platformTarball) {
  const project = new Project(path.join(temp, 'user'), { PATH: pathWithoutCargo(temp) });
  step('there is no cargo on PATH', () => assert.ok(!project.has('cargo')));
  step('npm install', () => project.install(tarball, platformTarball));
  step('nothing was built', () => assert.deepStrictEqual(project.addons(), []));
  for (const name of fs.readdirSync(programs)) {
    step(name, () => project.run(path.join(programs, name)));
  }
  step('bundled with esbuild', () => bundle(project));
  step('README', () => runSnippets(project, path.join(root, 'README.md'), ['js', 'ts', 'sh']));
  const docs = path.join(root, 'docs');
  for (const name of fs.readdirSync(docs).filter((file) => file.endsWith('.md'))) {
    step(`docs/${name}`, () => runSnippets(project, path.join(docs, name)));
  }
  step('types', () => checkTypes(project));
  step('publint, attw', () => lint(project, tarball));
}

function withoutBinary(temp, tarball) {
  const poor = new Project(path.join(temp, 'no-cargo'), { PATH: pathWithoutCargo(temp) });
  step('npm install without binary and cargo', () => poor.install(tarball));
  step('require says what is missing', () => {
    const { stderr } = poor.fail(['-e', 'require("rushwrite")']);
    assert.match(stderr, /ERR_RUSHWRITE_NO_ADDON.*is missing\.\n.*\nTo build it from source/);
  });

  const rich = new Project(path.join(temp, 'cargo'), QUICK_CARGO);
  step('npm install builds with cargo', () => rich.install(tarball));
  step('there is an addon', () => assert.strictEqual(rich.addons().length, 1));
  step('it works', () => rich.run(path.join(programs, 'common.cjs')));
}

const temp = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'rushwrite-package-')));
try {
  const tarball = packRoot(temp);
  const platformTarball = packPlatform(temp);
  for (const file of [tarball, platformTarball]) {
    console.log(`${path.basename(file)}: ${(fs.statSync(file).size / 1024).toFixed(0)} KiB`);
  }
  withBinary(temp, tarball, platformTarball);
  withoutBinary(temp, tarball);
} finally {
  fs.rmSync(temp, { recursive: true, force: true });
}

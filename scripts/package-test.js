'use strict';

// What a user gets: packs the package as a release does, serves it and the packages of the platforms from a registry
// of its own, installs from there into empty projects with each package manager, and tries all that the README
// promises: where there is no cargo, in bundles, without the platform's package, and built from source.

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { buildSync } = require('esbuild');
const { packages } = require('./binaries.js');
const bundlers = require('./package-test/bundlers.js');
const managers = require('./package-test/managers.js');
const { packPlatforms, packRelease, packRoot } = require('./package-test/pack.js');
const { Project, pathWithoutCargo } = require('./package-test/project.js');
const { runSnippets } = require('./package-test/snippets.js');
const { checkTypes } = require('./package-test/types.js');

const root = path.join(__dirname, '..');
const programs = path.join(__dirname, 'package-test', 'programs');

/** Compiles in seconds what need not be fast, and keeps it for the next run. */
const QUICK_CARGO = {
  CARGO_TARGET_DIR: path.join(root, 'target', 'package-test'),
  CARGO_PROFILE_RELEASE_LTO: 'off',
  CARGO_PROFILE_RELEASE_OPT_LEVEL: '0',
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
};

async function step(name, action) {
  const start = performance.now();
  const result = await action();
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

/** What all but the package managers get: the user's PATH less cargo, and the registry. */
async function asUser(temp, release, registry) {
  const project = new Project(path.join(temp, 'user'), { PATH: pathWithoutCargo(temp) });
  await step('there is no cargo on PATH', () => assert.ok(!project.has('cargo')));
  await step('npm install', () => project.install('rushwrite', { registry }));
  await step('nothing was built', () => assert.deepStrictEqual(project.addons(), []));
  for (const name of fs.readdirSync(programs)) {
    await step(name, () => void project.run(path.join(programs, name)));
  }
  await step('README', () =>
    runSnippets(project, path.join(root, 'README.md'), ['js', 'ts', 'sh']),
  );
  const docs = path.join(root, 'docs');
  for (const name of fs.readdirSync(docs).filter((file) => file.endsWith('.md'))) {
    await step(`docs/${name}`, () => runSnippets(project, path.join(docs, name)));
  }
  await step('types', () => checkTypes(project));
  await step('publint, attw', () => lint(project, release));
  await withBundlers(project);
  return bundleIn(project);
}

async function withBundlers(project) {
  const modules = packages('bundlers', bundlers.SPECS);
  if (modules === null) return console.log('skip - bundlers: npm can not be reached');
  for (const [name, test] of Object.entries(new bundlers.Bundlers(modules, project).tests)) {
    await step(name, test);
  }
}

/** Some managers let a bundle see no package but those that the project names. */
function bundleIn(project) {
  const outfile = path.join(project.folder, 'bundle.cjs');
  const entryPoints = [path.join(project.folder, 'bundled.mjs')];
  const { folder: absWorkingDir } = project;
  buildSync({ entryPoints, outfile, absWorkingDir, bundle: true, platform: 'node' });
  return outfile;
}

async function withManagers(temp, url, bundle) {
  const modules = packages('package-managers', managers.SPECS);
  if (modules === null) return console.log('skip - package managers: npm can not be reached');
  for (const name of Object.keys(managers.MANAGERS)) {
    const manager = new managers.Manager(name, modules, temp, { url });
    await step(`${name} ${manager.version()}`, () => void manager.install());
    await step(`${name}, and a bundle`, () => void manager.run(bundle));
  }
}

async function withoutBinary(temp, tarball, registry) {
  const poor = new Project(path.join(temp, 'no-cargo'), { PATH: pathWithoutCargo(temp) });
  const options = ['--omit=optional'];
  await step('npm install --omit=optional', () => poor.install('rushwrite', { registry, options }));
  await step('require says what is missing', () => {
    const { stderr } = poor.fail(['-e', 'require("rushwrite")']);
    assert.match(stderr, /ERR_RUSHWRITE_NO_ADDON.*is not installed\.\n.*--omit=optional/);
  });
  await step('npx rushwrite-build without cargo says so', () => {
    const { status, stderr } = poor.npx('rushwrite-build');
    assert.strictEqual(status, 1);
    assert.match(stderr, /^rushwrite-build: cargo is not installed/);
  });

  // As from git: nothing has named the platforms' packages.
  const rich = new Project(path.join(temp, 'cargo'), QUICK_CARGO);
  await step('npm install of what is no release', () => rich.install(tarball, { registry }));
  await step('require says that it has to be built', () => {
    const { stderr } = rich.fail(['-e', 'require("rushwrite")']);
    assert.match(stderr, /ERR_RUSHWRITE_NO_ADDON.*was not built\.\n.*npx rushwrite-build/);
  });
  await step('npx rushwrite-build', () => {
    const { status, stdout, stderr } = rich.npx('rushwrite-build');
    assert.strictEqual(status, 0, stderr);
    assert.match(stdout, /^rushwrite-build: built .*\.node\n$/);
    assert.strictEqual(rich.addons().length, 1);
  });
  await step('it works', () => rich.run(path.join(programs, 'common.cjs')));
}

async function main(temp) {
  const tarball = packRoot(temp);
  const served = path.join(temp, 'registry');
  const platforms = packPlatforms(temp, served);
  const release = packRelease(temp, tarball, platforms, served);
  for (const file of [release, ...platforms]) {
    console.log(`${path.basename(file)}: ${(fs.statSync(file).size / 1024).toFixed(0)} KiB`);
  }
  const registry = await managers.startRegistry(served);
  try {
    const bundle = await asUser(temp, release, registry.url);
    await withManagers(temp, registry.url, bundle);
    await withoutBinary(temp, tarball, registry.url);
  } finally {
    registry.close();
  }
}

const temp = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'rushwrite-package-')));
main(temp).finally(() => fs.rmSync(temp, { recursive: true, force: true }));

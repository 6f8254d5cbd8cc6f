'use strict';

// What is in the package: all that is needed to run it, to build it and to read it, and nothing that runs while it is
// installed.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { glibcOf, isAtMost, promisedGlibc } = require('../../scripts/glibc.js');

const root = path.join(__dirname, '..', '..');
const manifest = require('../../package.json');
const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');

/** The files of the tarball, as npm chooses them. */
const packed = (() => {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  const shell = process.platform === 'win32';
  // npm 12 answers with an object by name.
  const [{ files }] = Object.values(JSON.parse(execFileSync('npm', args, { ...options, shell })));
  return files.map((file) => file.path);
})();

/** The sources that only tests compile: modules behind `#[cfg(test)]` with files of their own. */
function testSources() {
  const names = fs.readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.rs'))
    .flatMap((name) => {
      const source = path.posix.join('src', name.replaceAll('\\', '/'));
      const modules = read(source).matchAll(
        /#\[cfg\((?:test|all\(test.*)\)\]\s+(?:#\[(?:path|cfg).*\]\s+)*(?:pub(?:\(\w+\))? )?mod (\w+);/g,
      );
      const isRoot = /^(mod|lib)\.rs$/.test(path.basename(source));
      const folder = isRoot ? path.posix.dirname(source) : source.slice(0, -'.rs'.length);
      return Array.from(modules, ([, module]) => path.posix.join(folder, module));
    });
}

test('all sources but those of tests are in the package', () => {
  const ofTests = testSources();
  assert.ok(ofTests.includes('src/writer/machine/tests'), `${ofTests}`);
  const names = fs.readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = names
    .filter((name) => name.endsWith('.rs'))
    .map((name) => path.posix.join('src', name.replaceAll('\\', '/')))
    .filter(
      (name) => !ofTests.some((each) => name === `${each}.rs` || name.startsWith(`${each}/`)),
    );
  assert.deepStrictEqual(packed.filter((name) => name.startsWith('src/')).sort(), sources.sort());
  for (const name of ['Cargo.toml', 'Cargo.lock', 'build.rs', '.cargo/config.toml']) {
    assert.ok(packed.includes(name), name);
  }
});

test('every entry of "files" names something', () => {
  for (const entry of manifest.files.filter((each) => !each.startsWith('!'))) {
    assert.ok(
      packed.some((name) => name === entry || name.startsWith(`${entry}/`)),
      entry,
    );
  }
  const excluded = manifest.files.filter((each) => each.startsWith('!') && !each.includes('*'));
  for (const entry of excluded) assert.ok(fs.existsSync(path.join(root, entry.slice(1))), entry);
});

test('all that package.json points to is in the package', () => {
  const exported = Object.values(manifest.exports).flatMap((each) => Object.values(each));
  const paths = [manifest.main, manifest.types, ...exported, ...Object.values(manifest.bin)];
  for (const each of paths.filter((one) => one.length > 1)) {
    assert.ok(packed.includes(path.posix.normalize(each)), each);
  }
});

test('nothing runs while it is installed', () => {
  const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish', 'preprepare'];
  for (const hook of hooks) assert.ok(!Object.hasOwn(manifest.scripts, hook), hook);
  // npm builds what has this file, even without a script.
  assert.ok(!packed.includes('binding.gyp'));
  assert.deepStrictEqual(manifest.dependencies ?? {}, {});
});

for (const file of ['README.md', 'ARCHITECTURE.md']) {
  test(`each link of ${file} works in node_modules`, () => {
    const links = read(file).matchAll(/\]\(([^)\s]+)\)/g);
    for (const [, link] of links) {
      if (/^(https:|#)/.test(link)) continue;
      const target = path.posix.join(path.posix.dirname(file), link.replace(/#.*$/, ''));
      const isThere = packed.some((name) => name === target || name.startsWith(`${target}/`));
      assert.ok(isThere, `${link} is not in the package`);
    }
  });
}

test('the README says which Node and which glibc it takes', () => {
  const install = read('README.md');
  const [, node] = /Node (\d+(?:\.\d+)?) or later/.exec(install);
  assert.strictEqual(manifest.engines.node, `>=${node}`);
  assert.match(promisedGlibc(), /^2\.\d+$/);
});

test('the release compares its addons for glibc with the README', () => {
  const release = read('.github/workflows/release.yml');
  assert.match(release, /run: node scripts\/glibc\.js rushwrite\.\*\.node/);
});

const { glibcVersionRuntime } = process.report.getReport().header;

test('the glibc that an addon wants is read off its file', {
  skip: !glibcVersionRuntime && 'no glibc',
}, () => {
  const addon = fs.readdirSync(root).find((file) => /^rushwrite\..+\.node$/.test(file));
  const wanted = glibcOf(path.join(root, addon));
  // It was built here.
  assert.ok(isAtMost(wanted, glibcVersionRuntime), `${wanted} on ${glibcVersionRuntime}`);
  assert.ok(!isAtMost('2.34', '2.17') && isAtMost('2.17', '2.17') && isAtMost('2.9', '2.17'));
});

'use strict';

// A program that is bundled by each tool, with the lines of docs/bundlers.md: rushwrite left out, bundled beside
// node_modules, and bundled with nothing but the addon's file. Each bundle is run, and checks its bytes.

const assert = require('node:assert');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');

const root = path.join(__dirname, '..', '..');
const guide = fs.readFileSync(path.join(root, 'docs', 'bundlers.md'), 'utf8');

const SPECS = [
  'webpack@5',
  'rollup@4',
  '@rollup/plugin-node-resolve',
  '@rollup/plugin-commonjs',
  'vite',
  '@vercel/ncc',
  '@vercel/nft',
  'postject',
];

/** The options that the guide has under this heading, an object's properties. */
function documented(title) {
  const begin = guide.indexOf(`\`\`\`js fragment\n// ${title}\n`);
  assert.ok(begin !== -1, `docs/bundlers.md says nothing of ${title}`);
  const code = guide.slice(guide.indexOf('\n', begin) + 1, guide.indexOf('\n```\n', begin));
  return vm.runInThisContext(`({\n${code}\n})`);
}

class Bundlers {
  #modules;
  #project;
  #entry;

  /**
   * @param {string} modules the folder with the tools
   * @param {Project} project where rushwrite is installed
   */
  constructor(modules, project) {
    this.#modules = modules;
    this.#project = project;
    this.#entry = path.join(project.folder, 'bundled.mjs');
    fs.copyFileSync(path.join(__dirname, 'programs', 'bundled.mjs'), this.#entry);
  }

  #require(name) {
    return createRequire(path.join(this.#modules, 'tools.js'))(name);
  }

  /** The tests, by name. Each returns what it has to say. */
  get tests() {
    return {
      'webpack, CommonJS': () => this.#eachWay('app.js', (...way) => this.#webpack(...way)),
      'webpack, ES module': () => this.#eachWay('app.mjs', (...way) => this.#webpack(...way)),
      'rollup, CommonJS': () => this.#eachWay('app.cjs', (...way) => this.#rollup(...way)),
      'rollup, ES module': () => this.#eachWay('app.mjs', (...way) => this.#rollup(...way)),
      'vite SSR': () => this.#eachWay('bundled.mjs', (...way) => this.#vite(...way)),
      'esbuild, CommonJS': () => this.#eachWay('app.cjs', (...way) => this.#esbuild(...way)),
      'esbuild, ES module': () => this.#eachWay('app.mjs', (...way) => this.#esbuild(...way)),
      ncc: () => this.#eachWay('app.mjs', (...way) => this.#ncc(...way)),
      '@vercel/nft': () => this.#nft(),
      'a single executable application': () => this.#executable(),
    };
  }

  /** Bundles with rushwrite left out and with it inside, and runs where the addon may be. */
  async #eachWay(file, bundle) {
    const outside = this.#newFolder();
    await bundle(path.join(outside, file), true);
    this.#runs(path.join(outside, file));

    const inside = this.#newFolder();
    await bundle(path.join(inside, file), false);
    this.#runs(path.join(inside, file));

    const alone = fs.mkdtempSync(path.join(this.#project.folder, '..', 'alone-'));
    fs.cpSync(inside, alone, { recursive: true });
    this.#copyAddon(alone);
    this.#runs(path.join(alone, file));
  }

  #newFolder() {
    return fs.mkdtempSync(path.join(this.#project.folder, 'dist-'));
  }

  #runs(file) {
    assert.strictEqual(this.#project.node([file]), 'ok\n');
  }

  #copyAddon(folder) {
    const file = fs.readdirSync(root).find((name) => /^rushwrite\..+\.node$/.test(name));
    fs.copyFileSync(path.join(root, file), path.join(folder, file));
  }

  async #webpack(outfile, isExternal) {
    const webpack = this.#require('webpack');
    const { target, ...externals } = documented('webpack.config.js');
    const isModule = outfile.endsWith('.mjs');
    const options = {
      ...{ target, mode: 'production', entry: this.#entry, ...(isExternal ? externals : {}) },
      experiments: { outputModule: isModule },
      output: { path: path.dirname(outfile), filename: path.basename(outfile), module: isModule },
      // One of the two is enough.
      optimization: { minimize: !isModule },
    };
    const stats = await new Promise((resolve, reject) => {
      webpack(options, (error, result) => (error ? reject(error) : resolve(result)));
    });
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    assert.deepStrictEqual([...errors, ...warnings], []);
  }

  async #rollup(file, isExternal) {
    const { rollup } = this.#require('rollup');
    const resolve = this.#require('@rollup/plugin-node-resolve').default;
    const commonjs = this.#require('@rollup/plugin-commonjs').default;
    const bundle = await rollup({
      ...(isExternal ? documented('rollup.config.js') : {}),
      input: this.#entry,
      plugins: [resolve({ preferBuiltins: true }), commonjs()],
    });
    await bundle.write({ file, format: file.endsWith('.mjs') ? 'es' : 'cjs' });
    await bundle.close();
  }

  async #vite(outfile, isExternal) {
    const file = createRequire(path.join(this.#modules, 'tools.js')).resolve('vite/package.json');
    const entry = path.join(path.dirname(file), 'dist', 'node', 'index.js');
    const { build } = await import(pathToFileURL(entry));
    await build({
      ...(isExternal ? documented('vite.config.js') : { ssr: { noExternal: true } }),
      ...{ configFile: false, root: this.#project.folder, logLevel: 'error' },
      build: { ssr: this.#entry, outDir: path.dirname(outfile) },
    });
  }

  #esbuild(outfile, isExternal) {
    const { buildSync } = require('esbuild');
    const { platform, external } = documented('esbuild');
    const isModule = outfile.endsWith('.mjs');
    buildSync({
      ...{ platform, outfile, entryPoints: [this.#entry], bundle: true, logLevel: 'error' },
      ...{ format: isModule ? 'esm' : 'cjs', absWorkingDir: this.#project.folder },
      ...(isModule && !isExternal ? documented("esbuild, format: 'esm'") : {}),
      ...(isExternal ? { external } : {}),
    });
  }

  async #ncc(outfile, isExternal) {
    const ncc = this.#require('@vercel/ncc');
    const options = { cache: false, quiet: true, ...(isExternal ? documented('ncc') : {}) };
    const { code, assets } = await ncc(this.#entry, options);
    assert.deepStrictEqual(Object.keys(assets), []);
    fs.writeFileSync(outfile, code);
  }

  /** What it traces is all that the program needs, elsewhere. */
  async #nft() {
    const { nodeFileTrace } = this.#require('@vercel/nft');
    const { folder } = this.#project;
    const { fileList } = await nodeFileTrace([this.#entry], { base: folder });
    assert.ok(
      [...fileList].some((file) => file.endsWith('.node')),
      'the addon is not traced',
    );
    const deployed = fs.mkdtempSync(path.join(folder, '..', 'deployed-'));
    for (const file of fileList) {
      fs.cpSync(path.join(folder, file), path.join(deployed, file), { recursive: true });
    }
    this.#runs(path.join(deployed, path.basename(this.#entry)));
    return `${fileList.size} files`;
  }

  #executable() {
    // macOS wants a signature on what was changed.
    if (process.platform === 'darwin') return 'skipped on macOS';
    const folder = fs.mkdtempSync(path.join(this.#project.folder, '..', 'executable-'));
    const main = path.join(folder, 'app.cjs');
    this.#esbuild(main, false);
    const output = path.join(folder, 'blob');
    const config = path.join(folder, 'config.json');
    fs.writeFileSync(config, JSON.stringify({ main, output, disableExperimentalSEAWarning: true }));
    this.#project.succeed(process.execPath, ['--experimental-sea-config', config]);
    const program = path.join(folder, `app${path.extname(process.execPath)}`);
    fs.copyFileSync(process.execPath, program);
    const postject = path.join(this.#modules, 'postject', 'dist', 'cli.js');
    const fuse = ['--sentinel-fuse', 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'];
    this.#project.succeed(process.execPath, [postject, program, 'NODE_SEA_BLOB', output, ...fuse]);
    fs.rmSync(main);
    this.#copyAddon(folder);
    const { stdout } = this.#project.succeed(program, []);
    assert.strictEqual(stdout, 'ok\n');
    fs.rmSync(program);
    return '';
  }
}

module.exports = { Bundlers, SPECS };

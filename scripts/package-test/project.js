'use strict';

// An empty folder with a package.json, and what its user does there.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const LIMIT_MS = 300_000;
const isWindows = process.platform === 'win32';

/** npm's own variables would tell the inner npm about the outer one. */
function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|NODE_OPTIONS)/i.test(name)),
  );
}

/** The user's PATH less what has a cargo; node and npm stay, in `temp`. */
function pathWithoutCargo(temp) {
  const bin = path.join(temp, 'bin');
  fs.mkdirSync(bin, { recursive: true });
  const nodeFolder = path.dirname(process.execPath);
  for (const name of fs.readdirSync(nodeFolder).filter((file) => /^(node|npm|npx)\b/.test(file))) {
    const link = path.join(bin, name);
    if (!fs.existsSync(link)) fs.symlinkSync(path.join(nodeFolder, name), link);
  }
  const folders = process.env.PATH.split(path.delimiter);
  const hasCargo = (folder) =>
    ['cargo', 'cargo.exe'].some((n) => fs.existsSync(path.join(folder, n)));
  return [bin, ...folders.filter((folder) => !hasCargo(folder))].join(path.delimiter);
}

class Project {
  constructor(folder, env = {}) {
    this.folder = folder;
    this.env = { ...cleanEnvironment(), ...env };
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  }

  /** Installs a package by name, with what npm chooses for this machine, or a tarball. */
  install(what, { registry, options = [] }) {
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-online'];
    const args = ['install', `--registry=${registry}`, ...quiet, ...options, what];
    // npm is a .cmd file on Windows, which only a shell can start.
    this.succeed('npm', args, { shell: isWindows });
  }

  /** A bin of the package. */
  npx(...args) {
    return this.spawn('npx', ['--no-install', ...args], { shell: isWindows });
  }

  has(command) {
    return this.spawn(command, ['--version']).error === undefined;
  }

  /** Addons in the package's own folder: built there, not installed with the platform's package. */
  addons() {
    const names = fs.readdirSync(path.join(this.folder, 'node_modules', 'rushwrite'));
    return names.filter((name) => name.endsWith('.node'));
  }

  /** Copies a program into the project and runs it there: `require` looks from where a file is. */
  run(file) {
    const copy = path.join(this.folder, path.basename(file));
    fs.copyFileSync(file, copy);
    return this.node([copy]);
  }

  /** A program that has to end well and complain of nothing. */
  node(args) {
    const { stdout, stderr } = this.succeed(process.execPath, args);
    assert.strictEqual(stderr, '', `${args.join(' ')} wrote to stderr`);
    return stdout;
  }

  succeed(command, args, options) {
    const result = this.spawn(command, args, options);
    if (result.error) throw result.error;
    const words = `${command} ${args.join(' ')}\n${result.stdout}${result.stderr}`;
    assert.strictEqual(result.status, 0, words);
    return result;
  }

  fail(args) {
    const result = this.spawn(process.execPath, args);
    assert.strictEqual(result.status, 1, `${args.join(' ')} should have failed\n${result.stderr}`);
    return result;
  }

  spawn(command, args, options) {
    const { folder: cwd, env } = this;
    return spawnSync(command, args, {
      cwd,
      env,
      encoding: 'utf8',
      timeout: LIMIT_MS,
      ...options,
    });
  }
}

module.exports = { Project, pathWithoutCargo };

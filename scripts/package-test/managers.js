'use strict';

// Installs from a registry with each package manager in its newest version, and again from the lock file, and runs a
// program. None may fail, or warn of us.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { nodeOf } = require('../binaries.js');
const { Project } = require('./project.js');

const SPECS = ['npm@latest', 'pnpm@latest', 'yarn@1', '@yarnpkg/cli-dist@latest'];

/** The empty project has no license, and yarn 1 wants one of it. */
const OF_THE_PROJECT = /No license field/;

/** For yarn from version 2 on. */
function yarnRc(nodeLinker, url) {
  const lines = [
    `nodeLinker: ${nodeLinker}`,
    `npmRegistryServer: "${url}"`,
    'unsafeHttpWhitelist: ["127.0.0.1"]',
    'enableGlobalCache: false',
    'enableTelemetry: false',
  ];
  return { '.yarnrc.yml': `${lines.join('\n')}\n` };
}

const npmRc = (url) => ({ '.npmrc': `registry=${url}\n` });
const modern = {
  cli: '@yarnpkg/cli-dist/bin/yarn.js',
  add: ['add', 'rushwrite'],
  again: ['install', '--immutable'],
};
const MANAGERS = {
  npm: { cli: 'npm/bin/npm-cli.js', add: ['install', 'rushwrite'], again: ['ci'], files: npmRc },
  pnpm: {
    cli: 'pnpm/bin/pnpm.mjs',
    add: ['add', 'rushwrite'],
    again: ['install', '--frozen-lockfile'],
    files: npmRc,
  },
  'yarn 1': {
    cli: 'yarn/bin/yarn.js',
    add: ['add', 'rushwrite'],
    again: ['install', '--frozen-lockfile'],
    files: npmRc,
  },
  yarn: { ...modern, files: (url) => yarnRc('node-modules', url) },
  'yarn PnP': { ...modern, files: (url) => yarnRc('pnp', url), run: ['node'] },
};

/** The registry, until `close()` is called. */
async function startRegistry(folder) {
  const file = path.join(__dirname, 'registry.js');
  const child = spawn(process.execPath, [file, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await child.stdout.setEncoding('utf8').take(1).toArray();
  return { url: `http://127.0.0.1:${line.trim()}/`, close: () => child.stdin.end() };
}

/** npm 12 does not run on every Node that we support. */
function nodeOfManagers() {
  return Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : nodeOf('24');
}

/** What a manager may use and leave behind, in the folder of the test alone. */
function environmentIn(home) {
  fs.mkdirSync(home, { recursive: true });
  return {
    HOME: home,
    USERPROFILE: home,
    LOCALAPPDATA: home,
    XDG_CACHE_HOME: path.join(home, 'cache'),
    XDG_CONFIG_HOME: path.join(home, 'config'),
    XDG_DATA_HOME: path.join(home, 'data'),
    npm_config_update_notifier: 'false',
    NPM_CONFIG_USERCONFIG: path.join(home, 'npmrc'),
  };
}

class Manager {
  constructor(name, modules, temp, { url }) {
    const { cli, files, ...commands } = MANAGERS[name];
    const folder = path.join(temp, name.replace(' ', '-'));
    this.commands = commands;
    this.cli = path.join(modules, cli);
    this.project = new Project(folder, environmentIn(path.join(folder, 'home')));
    for (const [file, text] of Object.entries(files(url))) {
      fs.writeFileSync(path.join(folder, file), text);
    }
  }

  /** Runs a command, which has to end well and not to warn. */
  call(args) {
    const { stdout, stderr } = this.project.succeed(nodeOfManagers(), [this.cli, ...args]);
    const lines = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => /warn|ignored|deprecat|build scripts/i.test(line));
    const ours = lines.filter((line) => !OF_THE_PROJECT.test(line));
    assert.deepStrictEqual(ours, [], `${args.join(' ')} warns`);
  }

  version() {
    return this.project.succeed(nodeOfManagers(), [this.cli, '--version']).stdout.trim();
  }

  /** Afresh, and again from the lock file. */
  install() {
    this.call(this.commands.add);
    this.run();
    fs.rmSync(path.join(this.project.folder, 'node_modules'), { recursive: true, force: true });
    this.call(this.commands.again);
    this.run();
  }

  /** Runs a program in the project; by default the one of the tests. */
  run(program = path.join(__dirname, 'programs', 'common.cjs')) {
    if (this.commands.run === undefined) return this.project.run(program);
    const name = path.basename(program);
    fs.copyFileSync(program, path.join(this.project.folder, name));
    return this.call([...this.commands.run, name]);
  }
}

module.exports = { MANAGERS, Manager, SPECS, startRegistry };

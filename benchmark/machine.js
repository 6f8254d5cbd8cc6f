'use strict';

/** What a record must say about where its numbers come from. */

const { execFileSync } = require('node:child_process');
const os = require('node:os');
const { fileSystemOf } = require('./scratch.js');

function describeMachine(folder, node) {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString(),
    cpu: cpus[0]?.model.trim() ?? process.arch,
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 1024 ** 3),
    system: `${os.type()} ${os.release()} ${process.arch}`,
    fileSystem: fileSystemOf(folder),
    versions: {
      rushwrite: require('../package.json').version,
      ...nodeVersions(node),
      'sonic-boom': installedVersion('sonic-boom'),
    },
  };
}

/** Of the Node that runs the peers, which need not be the one that runs us. */
function nodeVersions(node) {
  const code =
    'const { node, v8, uv } = process.versions; console.log(JSON.stringify({ node, v8, uv }))';
  return JSON.parse(execFileSync(node, ['-e', code], { encoding: 'utf8' }));
}

function installedVersion(name) {
  try {
    return require(`${name}/package.json`).version;
  } catch {
    return undefined;
  }
}

/** One line for the head of a table. */
function machineLine({ versions, cpu, cores, memoryGiB, system, fileSystem, date }) {
  return [
    `Node ${versions.node}`,
    `${cpu}, ${cores} cores, ${memoryGiB} GiB`,
    system,
    fileSystem,
    date.slice(0, 10),
  ].join(' · ');
}

module.exports = { describeMachine, machineLine };

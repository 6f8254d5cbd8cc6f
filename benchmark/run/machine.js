'use strict';

/** What a record must say about where its numbers come from. */

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const { fileSystemOf } = require('./scratch.js');

/** `nodes` are `{ path, version }`: the ones that run the peers, which need not run us. */
function describeMachine(folder, nodes) {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString(),
    cpu: cpus[0]?.model.trim() ?? process.arch,
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 1024 ** 3),
    system: `${os.type()} ${os.release()} ${process.arch}`,
    fileSystem: fileSystemOf(folder),
    congestionControl: tcpCongestionControl(),
    versions: {
      rushwrite: require('../../package.json').version,
      node: nodes.map(({ version }) => version).join(', '),
      'sonic-boom': installedVersion('sonic-boom'),
      rustc: versionOf('rustc', /\d+\.\d+\.\d+/),
    },
  };
}

/** What Linux paces TCP by. */
function tcpCongestionControl() {
  const file = '/proc/sys/net/ipv4/tcp_congestion_control';
  return found(() => fs.readFileSync(file, 'utf8').trim());
}

function versionOf(command, pattern) {
  const print = () => execFileSync(command, ['--version'], { encoding: 'utf8' });
  return found(() => pattern.exec(print())?.[0]);
}

function installedVersion(name) {
  return found(() => require(`${name}/package.json`).version);
}

/** What `look` returns; undefined where there is nothing, so that it throws. */
function found(look) {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** One line for the head of a table. */
function machineLine(machine) {
  const { versions, cpu, cores, memoryGiB, system, fileSystem, congestionControl, date } = machine;
  return [
    `Node ${versions.node}`,
    `${cpu}, ${cores} cores, ${memoryGiB} GiB`,
    system,
    fileSystem,
    congestionControl && `TCP ${congestionControl}`,
    date.slice(0, 10),
  ]
    .filter(Boolean)
    .join(' · ');
}

module.exports = { describeMachine, machineLine, versionOf };

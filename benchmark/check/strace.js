'use strict';

/**
 * `--strace`: whether the driver's count of write calls is what the system sees. A workload is
 * written under strace, and the calls on its outputs are counted from the trace.
 */

const fs = require('node:fs');
const path = require('node:path');
const { prepare, sample } = require('../run/suite.js');

/** Every call that writes, to a file or to a socket. */
const CALLS = 'write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg';
/**
 * With `-yy` a descriptor is followed by its path or its socket. Outputs, warming up included;
 * stdout is a socket, too.
 */
const ON_OUTPUT = /^(?:\d+ +)?\w+\((?![12]<)\d+<(?:[^>]*\/\d+\.out|TCP:\[[^\]]*\]|UNIX[^>]*)>/;
/** A call that another thread interrupted in the trace has its result in a second line. */
const RESUMED = 'resumed>';

async function compareWithStrace(plan) {
  for (const workload of plan.workloads) {
    const data = await prepare(plan, workload);
    for (const peer of data.peers) {
      const trace = path.join(plan.folder, 'trace');
      const row = { workload, node: plan.nodes[0], phase: 'steady', ...data };
      const { driverWritesInAll } = await sample(plan, row, tracedPeer(peer, trace));
      report(workload, driverWritesInAll, countCalls(trace));
    }
    fs.rmSync(data.source, { force: true });
  }
}

function tracedPeer(peer, trace) {
  const options = ['-f', '-yy', '--seccomp-bpf', '-s', '0', '-e', `trace=${CALLS}`, '-o', trace];
  return { ...peer, command: (node, script) => ['strace', ...options, node, script] };
}

function countCalls(trace) {
  const lines = fs.readFileSync(trace, 'latin1').split('\n');
  return lines.filter((line) => !line.includes(RESUMED) && ON_OUTPUT.test(line)).length;
}

function report({ name }, counted, traced) {
  const isEqual = counted === traced;
  console.log(`${name}: ${counted} write calls counted, ${traced} seen ${isEqual ? '✓' : '✗'}`);
  if (!isEqual) {
    process.exitCode = 1;
  }
}

module.exports = { compareWithStrace };

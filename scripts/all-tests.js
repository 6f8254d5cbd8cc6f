'use strict';

// `npm test`: the Rust tests, the JavaScript tests and the type tests, and a last line of what passed. What fails
// stops it, as that runner's own words say.

const { spawn } = require('node:child_process');
const path = require('node:path');

const RUNS = [
  { command: 'cargo', args: ['test', '--quiet'], verdict: rustVerdict },
  { command: process.execPath, args: [path.join(__dirname, 'test.js')], verdict: lastLine },
  { command: process.execPath, args: [path.join(__dirname, 'types.js')], verdict: lastLine },
];

/** Shows all that a run prints, and returns what its last words come to. */
function run({ command, args, verdict }) {
  const child = spawn(command, args, {
    cwd: path.join(__dirname, '..'),
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  const chunks = [];
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    chunks.push(chunk);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status, words: verdict(Buffer.concat(chunks).toString()) });
    });
  });
}

/** Of cargo's closing lines, one for each kind of test. */
function rustVerdict(output) {
  const results = output.matchAll(/^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/gm);
  const sums = [0, 0, 0];
  for (const [, ...counts] of results) {
    counts.forEach((count, index) => {
      sums[index] += Number(count);
    });
  }
  const [passed, failed, ignored] = sums;
  const skipped = ignored > 0 ? `; ${ignored} skipped: #[ignore]` : '';
  return `Rust tests: ${failed > 0 ? `${failed} FAILED, ` : ''}${passed} passed${skipped}`;
}

function lastLine(output) {
  return output.trimEnd().split('\n').at(-1);
}

async function main() {
  const verdicts = [];
  for (const one of RUNS) {
    const { status, words } = await run(one);
    verdicts.push(words);
    if (status === 0) continue;
    process.exitCode = 1;
    break;
  }
  console.log(`\n${process.exitCode ? 'FAILED' : 'passed'}: ${verdicts.join('. ')}.`);
}

main();

'use strict';

// What works on runtimes besides Node, as a table: `npm run test:runtimes`. Each check is a program
// of its own in scripts/runtimes/, run by each runtime. A check that passes today must go on
// passing; one that is known to fail is in KNOWN, and must be taken out once it passes.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { bun, deno } = require('./binaries.js');

const LIMIT_MS = 60_000;

const folder = path.join(__dirname, 'runtimes');

const RUNTIMES = [
  { name: 'Node', program: () => process.execPath, args: [] },
  { name: 'Bun', program: bun, args: [] },
  { name: 'Deno', program: deno, args: ['run', '--allow-all', '--quiet'] },
];

/** `runtime check` of what does not work yet. */
const KNOWN = new Set(['Deno register imports']);

/** Whether the check passes: it ends well by itself and says `ok`. */
function run(check, { program, args }) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rushwrite-runtime-'));
  try {
    const file = path.join(folder, check);
    const { stdout, stderr, status } = spawnSync(program, [...args, file, dir], {
      encoding: 'utf8',
      timeout: LIMIT_MS,
    });
    const works = status === 0 && stdout.trim() === 'ok';
    return { works, words: `${stdout}${stderr}`.trim() };
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

function versionOf({ program, name }) {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return `${name} ${/\d+\.\d+\.\d+/.exec(stdout)[0]}`;
}

const runtimes = RUNTIMES.map((runtime) => ({ ...runtime, program: runtime.program() }));
const checks = fs.readdirSync(folder).sort();
console.log(`| | ${runtimes.map(versionOf).join(' | ')} |`);
console.log(`|---|${runtimes.map(() => '---|').join('')}`);
for (const check of checks) {
  const title = path.parse(check).name.replaceAll('-', ' ');
  const results = runtimes.map((runtime) => ({ runtime, ...run(check, runtime) }));
  console.log(`| ${title} | ${results.map(({ works }) => (works ? 'yes' : 'no')).join(' | ')} |`);
  for (const { runtime, works, words } of results) {
    if (works !== KNOWN.has(`${runtime.name} ${title}`)) continue;
    process.exitCode = 1;
    console.error(`${runtime.name}, ${title}: ${works ? 'works now' : 'does not work'}\n${words}`);
  }
}

'use strict';

// The type tests: `npm run test:types`. Each project is checked by the current TypeScript and by the
// major version before it, since a package is used with both.

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const root = path.join(__dirname, '..');
const COMPILERS = ['typescript-current', 'typescript'];
const PROJECTS = ['__test__/package/types', '__test__/package/types/node-20'];

for (const compiler of COMPILERS) {
  const tsc = path.join(root, 'node_modules', compiler, 'bin', 'tsc');
  for (const project of PROJECTS) {
    const args = [tsc, '--project', path.join(root, project)];
    const { error, status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
    if (error) throw error;
    if (status === 0) continue;
    console.error(`${project} fails with ${compiler}.`);
    process.exitCode = 1;
  }
}
if (process.exitCode === undefined) {
  const versions = COMPILERS.map((name) => require(`${name}/package.json`).version);
  console.log(`Types: ${PROJECTS.length} projects pass with TypeScript ${versions.join(' and ')}`);
}

'use strict';

// The API reference in docs/api, made from index.d.ts and register.d.ts. `npm run docs` writes it,
// `npm run docs:check` fails where it is not what the types say now.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..');
const api = path.join(root, 'docs', 'api');

function generate(folder) {
  const typedoc = path.join(root, 'node_modules', 'typedoc', 'bin', 'typedoc');
  const args = [typedoc, '--logLevel', 'Warn', '--out', folder];
  const { error, status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Every file with its text. */
function read(folder) {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => fs.statSync(path.join(folder, name)).isFile());
  return files.sort().map((name) => [name, fs.readFileSync(path.join(folder, name), 'utf8')]);
}

function check() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rushwrite-docs-'));
  try {
    generate(folder);
    if (JSON.stringify(read(folder)) === JSON.stringify(read(api))) return;
    console.error('docs/api is not what the types say: run "npm run docs" and commit the result.');
    process.exitCode = 1;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv.includes('--check')) check();
else generate(api);

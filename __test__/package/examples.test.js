'use strict';

// Every example runs in a process of its own and writes the file it promises.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');

const root = path.join(__dirname, '..', '..');
const examples = path.join(root, 'examples');
const run = promisify(execFile);

/** What to run: JavaScript as it is; TypeScript compiled to `folder`, where it finds the package. */
async function programOf(name, folder) {
  const source = path.join(examples, name);
  if (!name.endsWith('.mts')) return source;
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(root, path.join(folder, 'node_modules', 'rushwrite'), 'junction');
  const compiler = path.join(root, 'node_modules', 'typescript-current', 'bin', 'tsc');
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
  const folders = ['--rootDir', examples, '--outDir', folder];
  await run(process.execPath, [compiler, ...options, ...folders, source], { cwd: root });
  return path.join(folder, name.replace('.mts', '.mjs'));
}

const checks = {
  'csv-export.js'(output, bytes) {
    assert.match(output, new RegExp(`^100000 rows, ${bytes.length} bytes in `));
    const lines = bytes.toString().split('\n');
    assert.equal(lines.length, 100_002);
    assert.equal(lines[0], 'id,name,total');
    assert.equal(lines[1], '1,"Customer ""1""",0.95');
    assert.equal(lines[100_000], '100000,"Customer ""100000""",95000.00');
    assert.equal(lines[100_001], '');
  },

  'http-upload.js'(output, bytes) {
    assert.equal(output, '201 8388608 bytes saved\n');
    assert.ok(bytes.equals(Buffer.alloc(8 * 1024 * 1024, 'rushwrite ')));
  },

  'json-lines.mts'(output, bytes) {
    assert.match(output, new RegExp(`^50000 measurements, ${bytes.length} bytes in `));
    const entries = bytes.toString().trimEnd().split('\n').map(JSON.parse);
    assert.equal(entries.length, 50_000);
    assert.deepEqual(entries[49_999], { sensor: 's9', celsius: 22.5 });
  },

  'log-shipping.js'(output, bytes) {
    assert.match(output, new RegExp(`^50000 records, ${bytes.length} bytes shipped to `));
    const records = bytes.toString().trimEnd().split('\n').map(JSON.parse);
    assert.equal(records.length, 50_000);
    assert.ok(records.every(({ id }, index) => id === index + 1));
  },

  'log-writer.js'(output, bytes) {
    assert.match(output, /^1000 lines appended to /);
    const records = bytes.toString().trimEnd().split('\n').map(JSON.parse);
    assert.deepEqual(
      records.map(({ id }) => id),
      Array.from({ length: 1000 }, (_, index) => index + 1),
    );
  },
};

test('every example has a check', () => {
  assert.deepEqual(fs.readdirSync(examples).sort(), Object.keys(checks));
});

for (const [name, check] of Object.entries(checks)) {
  test(`examples/${name} runs and writes what it should`, async (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rushwrite-example-'));
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'output');

    const program = await programOf(name, folder);
    const { stdout, stderr } = await run(process.execPath, [program, file]);

    assert.equal(stderr, '');
    check(stdout, fs.readFileSync(file));
  });
}

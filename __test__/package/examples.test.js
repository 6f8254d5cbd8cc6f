'use strict';

// Every example runs in a process of its own and writes the file it promises.

const assert = require('node:assert/strict');
const { execFile, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const zlib = require('node:zlib');

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

/** A logger over a stream that keeps three files aside. */
function checkLastOfLogger(output, bytes, _program, file) {
  assert.equal(output, '5000 records, the last of them in output\n');
  const last = bytes.toString().trimEnd().split('\n').at(-1);
  assert.equal(JSON.parse(last).id, 5000);
  const names = fs.readdirSync(path.dirname(file)).filter((name) => name.startsWith('output-'));
  assert.equal(names.length, 3);
}

const checks = {
  'atomic-export.js'(output, bytes) {
    assert.match(
      output,
      /^20000 rows in .*\nthe database is gone at row 10000: the last export stays\n$/,
    );
    const rows = bytes.toString().trimEnd().split('\n').map(JSON.parse);
    assert.equal(rows.length, 20_000);
    assert.deepEqual(rows[19_999], { id: 20_000, name: 'Customer 20000' });
  },

  'bunyan-log.js': checkLastOfLogger,

  'compressed-log.js'(output, bytes) {
    assert.match(output, /^50000 lines compressed in /);
    const decompress = zlib.zstdDecompressSync ?? zlib.gunzipSync;
    const records = decompress(bytes).toString().trimEnd().split('\n').map(JSON.parse);
    assert.equal(records.length, 50_000);
    assert.ok(records.every(({ id }, index) => id === index + 1));
  },

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

  'journal.js'(output, bytes, program, file) {
    const [, syncs] = /^0 accounts recovered, 1000 payments on disk with (\d+) syncs\n$/.exec(
      output,
    );
    assert.ok(syncs < 500, `${syncs} syncs`);
    // The end of a record that a crash has torn.
    fs.appendFileSync(file, bytes.subarray(0, 10));
    const again = execFileSync(process.execPath, [program, file], { encoding: 'utf8' });
    assert.match(again, /^100 accounts recovered, 1000 payments on disk/);
    assert.equal(fs.readFileSync(file, 'utf8').trimEnd().split('\n').length, 2000);
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

  'winston-log.js': checkLastOfLogger,
};

/** Those that need a server, by the test that starts one. */
const withServers = {
  'nats-jetstream.js': 'nats.test.js',
  'postgres-copy.js': 'postgres.test.js',
  'redis-stream.js': 'redis.test.js',
  'rotated-log.js': 'rotated-log.test.js',
  's3-upload.js': 's3.test.js',
};

test('every example has a check', () => {
  const names = [...Object.keys(checks), ...Object.keys(withServers)];
  const programs = fs.readdirSync(examples).filter((name) => !name.endsWith('.conf'));
  assert.deepEqual(programs.sort(), names.sort());
  for (const file of Object.values(withServers)) {
    assert.ok(fs.existsSync(path.join(root, '__test__', 'sinks', file)));
  }
});

for (const name of Object.keys(checks)) {
  test(`examples/${name} without an argument writes into the temporary folder alone`, async (t) => {
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'rushwrite-example-')));
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const [cwd, temp] = ['cwd', 'temp'].map((each) => path.join(folder, each));
    for (const each of [cwd, temp]) fs.mkdirSync(each);
    const before = fs.readdirSync(examples);

    const program = await programOf(name, folder);
    const env = { ...process.env, TMPDIR: temp, TEMP: temp, TMP: temp };
    await run(process.execPath, [program], { cwd, env });

    assert.deepEqual(fs.readdirSync(cwd), []);
    assert.deepEqual(fs.readdirSync(examples), before);
    assert.ok(fs.readdirSync(temp).length > 0);
  });
}

for (const [name, check] of Object.entries(checks)) {
  test(`examples/${name} runs and writes what it should`, async (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rushwrite-example-'));
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'output');

    const program = await programOf(name, folder);
    const { stdout, stderr } = await run(process.execPath, [program, file]);

    assert.equal(stderr, '');
    check(stdout, fs.readFileSync(file), program, file);
  });
}

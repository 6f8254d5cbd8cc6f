'use strict';

// The long attacks: every test that scales with RUSHWRITE_STRESS, panics of the native half, the Rust tests with
// many more cases and under AddressSanitizer, Miri and valgrind, loom's models, and the soak. About half an
// hour on two cores.
//
//   npm run test:stress                  all of it
//   npm run test:stress -- crashes soak  some of it; a number after "soak" is its seconds

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const timeoutMs = 1800_000;

/** Tests whose rounds depend on RUSHWRITE_STRESS; the last part is the name to ask for. */
const ATTACKS = [
  'exit/crashes',
  'exit/flush-on-exit',
  'exit/killed-writes',
  'exit/workers',
  'file/combinations',
  'file/disk-faults',
  'file/durable-faults',
  'file/large',
  'file/leaks',
  'file/misuse',
  'file/overflow',
  'file/power-loss',
  'file/security',
  'file/system-call-faults',
  'logs/logrotate',
  'logs/rotation-kills',
  'socket/conversations',
  'socket/late',
  'socket/lookup-threads',
  'socket/many',
  'socket/outcomes',
  'socket/replies',
  'socket/resets',
  'socket/taken-handle',
  'socket/upgrades',
];

const SOAK_SECONDS = 600;

/** More than that finds nothing that the first million did not. */
const CASES = 20_000;

const parts = {
  ...Object.fromEntries(ATTACKS.map((place) => [path.basename(place), () => attack(place)])),
  panics,
  proptest: () => cargo(['test', '--release', '--lib'], { PROPTEST_CASES: `${CASES}` }),
  loom,
  miri,
  asan,
  valgrind,
  soak: (seconds = SOAK_SECONDS) => run(process.execPath, ['scripts/soak.js', `${seconds}`]),
};

function attack(place, env) {
  const file = path.join('__test__', `${place}.test.js`);
  const args = ['--test', `--test-timeout=${timeoutMs}`, '--test-reporter=spec'];
  run(process.execPath, [...args, '--test-reporter-destination=stdout', file], env);
}

/** An addon that panics where the test asks it to; see src/faults.rs. */
function panics() {
  const folder = path.join('target', 'faults');
  const dts = path.join(folder, 'binding.d.ts');
  const args = ['build', '--platform', '--release', '--no-js', '--dts', dts];
  run('npx', ['napi', ...args, '--features', 'faults', '--output-dir', folder]);
  const name = fs.readdirSync(path.join(root, folder)).find((name) => name.endsWith('.node'));
  attack('file/panics', { RUSHWRITE_FAULTS: path.join(root, folder, name) });
}

function target() {
  const { stdout } = spawnSync('rustc', ['-vV'], { encoding: 'utf8' });
  return /^host: (.*)$/m.exec(stdout)[1];
}

/** The pools, and the hand-over of a stream, in each order in which threads can take turns. */
function loom() {
  const env = {
    RUSTFLAGS: '--cfg rushwrite_loom',
    CARGO_TARGET_DIR: path.join(root, 'target', 'loom'),
    // A model's threads have small stacks; to print a long trace takes a large one.
    RUST_BACKTRACE: '0',
  };
  cargo(['test', '--lib', 'loom::'], env);
}

/** What the interpreter, which is two thousand times slower, takes an hour for. */
const TOO_LONG = [
  'model::',
  'files_end_between_writes',
  'many_tiny_writes_cost_memory',
  'writes_stay_whole_and_marks',
];

/** The pure half alone, which makes no system call. */
function miri() {
  const { status } = spawnSync('cargo', ['+nightly', 'miri', '--version']);
  if (status !== 0) {
    return console.log(
      'Miri is not installed (rustup component add miri --toolchain nightly): skipped',
    );
  }
  const env = {
    CARGO_TARGET_DIR: path.join(root, 'target', 'miri'),
    MIRIFLAGS: '-Zmiri-disable-isolation',
    PROPTEST_CASES: '1',
  };
  const skipped = TOO_LONG.flatMap((name) => ['--skip', name]);
  cargo(['+nightly', 'miri', 'test', '--lib', 'writer::', '--', ...skipped], env);
}

/** The standard library stays as it is, so that a stable toolchain does. */
function asan() {
  const env = {
    RUSTC_BOOTSTRAP: '1',
    RUSTFLAGS: '-Zsanitizer=address',
    CARGO_TARGET_DIR: path.join(root, 'target', 'asan'),
    // The runtime and the pool of chunks live as long as the process.
    ASAN_OPTIONS: 'detect_leaks=0',
    PROPTEST_CASES: '64',
  };
  cargo(['test', '--lib', '--target', target()], env);
}

function valgrind() {
  const { error } = spawnSync('valgrind', ['--version']);
  if (error) return console.log('valgrind is not installed: skipped');
  const messages = ['test', '--lib', '--no-run', '--message-format=json'];
  const { stdout } = spawnSync('cargo', messages, { cwd: root, encoding: 'utf8', maxBuffer: 1e9 });
  const built = stdout.split('\n').filter((line) => line.includes('"executable":"'));
  const { executable } = JSON.parse(built.at(-1));
  const options = ['--error-exitcode=99', '--quiet', '--fair-sched=yes'];
  // valgrind runs one thread at a time, so tests one by one; this one's threads spin for each other.
  const skipped = ['--skip', 'concurrent_appends_arrive_in_order'];
  const args = [...options, executable, '--test-threads=1', ...skipped];
  run('valgrind', args, { PROPTEST_CASES: '8' });
}

function cargo(args, env) {
  run('cargo', args, env);
}

function run(command, args, env = {}) {
  console.log(`\n# ${command} ${args.map((arg) => path.relative(root, arg) || arg).join(' ')}`);
  const { error, status, signal } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, RUSHWRITE_STRESS: '1', ...env },
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status !== 0) failed.push(`${command} ${args.at(-1)}: ${signal ?? status}`);
}

const failed = [];
const asked = process.argv.slice(2);
const names = asked.filter((name) => Number.isNaN(Number(name)));
for (const name of names) {
  if (!Object.hasOwn(parts, name)) throw new Error(`there is no "${name}": ${Object.keys(parts)}`);
}
const argumentOf = (name) => asked[asked.indexOf(name) + 1];
for (const name of names.length > 0 ? names : Object.keys(parts)) {
  const argument = name === 'soak' && names.length > 0 ? argumentOf(name) : undefined;
  parts[name](argument);
}
for (const what of failed) console.error(`failed: ${what}`);
process.exitCode = failed.length > 0 ? 1 : 0;

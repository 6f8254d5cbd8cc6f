'use strict';

// Builds the release addon. Its line tables go to `target/symbols`: with them the addresses of a crash report become
// files and lines, and without them the binary that is published is as small as it can be. CONTRIBUTING.md says how
// they are read.
//
//   npm run build -- --target aarch64-unknown-linux-gnu   arguments are those of `napi build`

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const symbols = path.join(root, 'target', 'symbols');
const asked = process.argv.slice(2);
const [, host] = /^host: (.*)$/m.exec(run('rustc', ['-vV']).stdout);
const target = asked.includes('--target') ? asked[asked.indexOf('--target') + 1] : host;

/** cargo strips ELF files of their line tables, too, so there that is done here. */
const isElf = !/apple|windows/.test(target);

const unstripped = {
  CARGO_PROFILE_RELEASE_STRIP: 'none',
  CARGO_PROFILE_RELEASE_SPLIT_DEBUGINFO: 'off',
};

function build() {
  const cli = path.join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  const options = ['--platform', '--release', '--no-js', '--dts', 'target/binding.d.ts'];
  const env = { ...process.env, ...(isElf ? unstripped : {}) };
  run(process.execPath, [cli, 'build', ...options, ...asked], { env, stdio: 'inherit' });
}

/** The addon that was built last: `rushwrite.<platform>.node`. */
function addon() {
  const names = fs.readdirSync(root).filter((name) => /^rushwrite\..+\.node$/.test(name));
  const builtAt = (name) => fs.statSync(path.join(root, name)).mtimeMs;
  return names.reduce((last, name) => (builtAt(name) > builtAt(last) ? name : last));
}

/** Parts an ELF file and its line tables. rustc brings the tool, for the files of all its targets. */
function part(name) {
  const file = path.join(root, name);
  const debug = path.join(symbols, `${name}.debug`);
  const sysroot = run('rustc', ['--print', 'sysroot']).stdout.trim();
  const tool = path.join(sysroot, 'lib', 'rustlib', host, 'bin', 'rust-objcopy');
  const objcopy = fs.existsSync(tool) ? tool : 'objcopy';
  const env = { ...process.env, LD_LIBRARY_PATH: path.join(sysroot, 'lib') };
  run(objcopy, ['--only-keep-debug', file, debug], { env });
  run(objcopy, ['--strip-all', file], { env });
}

/** Copies what the linkers of the other systems have put beside the library. */
function copy(name) {
  const folder = path.join(root, 'target', target, 'release', 'deps');
  for (const beside of fs.readdirSync(folder)) {
    const [extension] = /\.(dSYM|pdb)$/.exec(beside) ?? [];
    if (!extension || !beside.includes('rushwrite')) continue;
    fs.cpSync(path.join(folder, beside), path.join(symbols, name + extension), { recursive: true });
  }
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    process.stderr.write(result.stderr ?? '');
    process.exit(1);
  }
  return result;
}

build();
fs.mkdirSync(symbols, { recursive: true });
if (isElf) part(addon());
else copy(addon());

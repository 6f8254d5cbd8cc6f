'use strict';

// Where the addon may be, seen from this code. In a bundle this code is somewhere else than its package,
// and has no `require` of Node's: `createRequire` is the same in every form of module.

const { createRequire } = require('node:module');

/** The file that this code runs from: its own, a bundle, or an executable that has it inside. */
const here = fileOfThis();
const load = createRequire(here);
const isBundled = !/[\\/]lib[\\/]native[\\/]places\.js$/.test(here);

/** Literals, so that tools which trace dependencies see the packages, but no bundler tries to read them. */
const PACKAGES = {
  'linux-x64-gnu': () => load('rushwrite-linux-x64-gnu'),
  'linux-x64-musl': () => load('rushwrite-linux-x64-musl'),
  'linux-arm64-gnu': () => load('rushwrite-linux-arm64-gnu'),
  'linux-arm64-musl': () => load('rushwrite-linux-arm64-musl'),
  'darwin-x64': () => load('rushwrite-darwin-x64'),
  'darwin-arm64': () => load('rushwrite-darwin-arm64'),
  'win32-x64-msvc': () => load('rushwrite-win32-x64-msvc'),
};

/** What `npm run build` and `rushwrite-build` make. */
const BUILT = {
  'linux-x64-gnu': () => load('../../rushwrite.linux-x64-gnu.node'),
  'linux-x64-musl': () => load('../../rushwrite.linux-x64-musl.node'),
  'linux-arm64-gnu': () => load('../../rushwrite.linux-arm64-gnu.node'),
  'linux-arm64-musl': () => load('../../rushwrite.linux-arm64-musl.node'),
  'darwin-x64': () => load('../../rushwrite.darwin-x64.node'),
  'darwin-arm64': () => load('../../rushwrite.darwin-arm64.node'),
  'win32-x64-msvc': () => load('../../rushwrite.win32-x64-msvc.node'),
};

/** Only CommonJS has `__filename`, and a bundler may have put a word of its own there. */
function fileOfThis() {
  if (typeof __filename === 'string' && isAbsolute(__filename)) return __filename;
  return fileOfCaller() ?? process.argv[1] ?? process.execPath;
}

function isAbsolute(file) {
  return require('node:path').isAbsolute(file);
}

/** From the stack. An ES module's is a URL, which `createRequire` takes as well. */
function fileOfCaller() {
  const { prepareStackTrace } = Error;
  try {
    Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getFileName());
    const file = new Error().stack[0];
    return /^file:/.test(file) || isAbsolute(file) ? file : undefined;
  } catch {
    // `Error` is frozen, or the runtime has no such thing.
    return undefined;
  } finally {
    Reflect.set(Error, 'prepareStackTrace', prepareStackTrace);
  }
}

/** A package that a bundle has left where it was, which alone may see the packages of its platforms. */
function fromPackage(name) {
  return createRequire(load.resolve('rushwrite/package.json'))(name);
}

/**
 * Every way to an addon for `target`; the first that works is to be taken. Each returns it, or throws.
 * @param {string} target
 */
function placesOf(target) {
  const file = `rushwrite.${target}.node`;
  const fromPlatform = PACKAGES[target] ?? (() => load(`rushwrite-${target}`));
  if (!isBundled) return [BUILT[target] ?? (() => load(`../../${file}`)), fromPlatform];
  return [
    () => load(`./${file}`),
    fromPlatform,
    () => fromPackage(`./${file}`),
    () => fromPackage(`rushwrite-${target}`),
  ];
}

module.exports = { here, isBundled, load, placesOf };

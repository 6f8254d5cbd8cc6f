'use strict';

// Why there is no addon, and what to do about it, as true as can be found out. Runs only when loading
// has failed.

const fs = require('node:fs');
const path = require('node:path');
const { here, isBundled, load } = require('./places.js');
const version = require('../version.js');

const BUILD =
  'To build it from source, install Rust 1.88 or later (https://rustup.rs) and run "npx rushwrite-build".';
const INSTALL = 'Remove node_modules and install again on this machine.';

/** By the code of the error that loading gave: what is wrong, and what helps. */
const REASONS = {
  ERR_DLOPEN_DISABLED: addonsDisabled,
  ERR_ACCESS_DENIED: accessDenied,
  ERR_RUSHWRITE_ADDON_VERSION: otherVersion,
  MODULE_NOT_FOUND: notFound,
};

/**
 * @param {string} target the machine
 * @param {string[]} targets what there are packages for
 * @param {Error[]} causes why each place gave none
 */
function explain(target, targets, causes) {
  // A place where something was found says more than one where nothing was. The second is the package.
  const cause = causes.find(({ code }) => code !== 'MODULE_NOT_FOUND') ?? causes[1];
  const reasonOf = Object.hasOwn(REASONS, cause.code) ? REASONS[cause.code] : unloadable;
  return { cause, ...reasonOf(target, targets, cause) };
}

function addonsDisabled() {
  const options = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
  if (process.permission !== undefined && !options.includes('--no-addons')) {
    return {
      reason: "Node's permission model forbids addons.",
      advice: ['Start node with --allow-addons as well.'],
    };
  }
  return {
    reason: 'Addons are disabled (--no-addons).',
    advice: ['Start node without --no-addons.'],
  };
}

/** The permission model lets this code be read, but not the addon. */
function accessDenied(_target, _targets, { resource }) {
  return {
    reason: `Node's permission model forbids reading the addon: ${resource}`,
    advice: [`Start node with --allow-fs-read=${path.join(path.dirname(resource), '*')} as well.`],
  };
}

function otherVersion(_target, _targets, { message }) {
  return {
    reason: `The addon of rushwrite is of another version. ${message}.`,
    advice: [
      isBundled ? 'Copy the addon of the version that was bundled.' : INSTALL,
      'If it was built from source, run "npx rushwrite-build" again ("npm run build" in a checkout).',
    ],
  };
}

/** It is there, and the system's loader refuses it. */
function unloadable(target, _targets, { message }) {
  const glibc = /version [`']GLIBC_([\d.]+)' not found/.exec(message)?.[1];
  const { glibcVersionRuntime } = glibc ? process.report.getReport().header : {};
  const advice = glibc
    ? [`It was built for glibc ${glibc}; this system has ${glibcVersionRuntime}.`, BUILD]
    : [`The file may be damaged or made for another machine. ${INSTALL}`, BUILD];
  return { reason: `The addon of rushwrite for ${target} does not load: ${message}`, advice };
}

function notFound(target, targets) {
  if (isBundled) return notBundled(target);
  const others = othersInstalled(target, targets);
  if (!targets.includes(target)) {
    const advice = [`There are some for ${targets.join(', ')}.`, BUILD];
    return { reason: `There is no binary of rushwrite for ${target}.`, advice };
  }
  if (others.length > 0) {
    const reason = `The addon of rushwrite is installed for ${others.join(', ')}, and this machine is ${target}.`;
    return { reason, advice: [`node_modules comes from another platform. ${INSTALL}`, BUILD] };
  }
  if (isInstalled(target)) {
    const reason = `The package rushwrite-${target} is there, but its file rushwrite.${target}.node is not.`;
    return { reason, advice: [`It was renamed or removed. ${INSTALL}`, BUILD] };
  }
  return neverInstalled(target);
}

function notBundled(target) {
  return {
    reason: `The addon of rushwrite for ${target} is not where this bundle can find it: ${here}`,
    advice: [
      `Keep the package rushwrite external, put rushwrite-${target} into a node_modules that the bundle sees,`,
      `or copy the file rushwrite.${target}.node beside the bundle (docs/bundlers.md in the package).`,
    ],
  };
}

/** What there is for other machines: packages, and files beside the sources. */
function othersInstalled(target, targets) {
  const packages = targets.filter((other) => other !== target && isInstalled(other));
  const files = fs
    .readdirSync(rootFolder())
    .map((name) => /^rushwrite\.(.+)\.node$/.exec(name)?.[1])
    .filter((other) => other !== undefined && other !== target);
  return [...new Set([...packages, ...files])];
}

function isInstalled(target) {
  try {
    load.resolve(`rushwrite-${target}/package.json`);
    return true;
  } catch {
    return false;
  }
}

/** Releases name their addons as optional dependencies; a checkout, and so an installation from git, has none. */
function neverInstalled(target) {
  const name = `rushwrite-${target}`;
  const { optionalDependencies = {} } = packageJson();
  if (!Object.hasOwn(optionalDependencies, name)) {
    const reason = `This copy of rushwrite ${version} is not from a release, and its addon for ${target} was not built.`;
    return { reason, advice: [BUILD] };
  }
  return {
    reason: `The package ${name}, an optional dependency of rushwrite, is not installed.`,
    advice: [
      'Optional dependencies were left out (--omit=optional, --no-optional), or the lock file was made on another platform.',
      `Install with them, or add ${name}@${version} to your own dependencies.`,
      BUILD,
    ],
  };
}

function packageJson() {
  return JSON.parse(fs.readFileSync(path.join(rootFolder(), 'package.json'), 'utf8'));
}

/** Of the package; not asked in a bundle. */
function rootFolder() {
  return path.join(path.dirname(here), '..', '..');
}

module.exports = { explain };

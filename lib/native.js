'use strict';

// The addon for this machine: beside the sources where it was built, else from the package that was
// installed for the platform.

const detached = require('./detached.js');
const { placesOf } = require('./native/places.js');
const { TARGETS, targetOfMachine } = require('./native/target.js');
const { noAddonError } = require('./errors.js');
const version = require('./version.js');

/** Loads the addon, or throws one error that says what to do. */
function load() {
  const target = targetOfMachine();
  const causes = [];
  for (const place of placesOf(target)) {
    try {
      // What it makes when it is loaded lives as long as the thread.
      const addon = detached(place);
      if (addon.constants?.VERSION === version) return addon;
      causes.push(otherVersion(addon));
    } catch (error) {
      causes.push(error);
    }
  }
  const { explain } = require('./native/missing.js');
  const { cause, reason, advice } = explain(target, TARGETS, causes);
  throw noAddonError(target, cause, reason, advice);
}

/** Its calls may have other arguments, or be others: it must not be called. */
function otherVersion({ constants }) {
  const found = constants?.VERSION ?? 'unknown';
  const message = `The addon's version is ${found}, that of the JavaScript ${version}`;
  return Object.assign(new Error(message), { code: 'ERR_RUSHWRITE_ADDON_VERSION' });
}

module.exports = load();

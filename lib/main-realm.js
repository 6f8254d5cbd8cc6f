'use strict';

// The realm that the process began with. Test runners load this package in realms of their own, which they mean to
// drop after a test file; and they give it a copy of `process`, whose listeners are never called.

const fs = require('node:fs');

/** The process itself. */
const realProcess = inMainRealm('return process', process);

/**
 * Makes something in the main realm.
 * @param {string} body of a function
 * @param {unknown} fallback where code must not be made from strings
 */
function inMainRealm(body, fallback) {
  // A function of Node's own has Node's own globals.
  const { constructor: NodesFunction } = fs.writeSync;
  try {
    return new NodesFunction(body)();
  } catch {
    return fallback;
  }
}

/**
 * A function, `call`, that the addon keeps for some turns after its release. It calls `target` until that is null,
 * and then holds nothing of this realm.
 * @type {() => {target: Function | null, call: () => void}}
 */
const makeLink = inMainRealm(
  'return () => { const link = { target: null, call: () => link.target?.() }; return link; };',
  () => {
    const link = { target: null, call: () => link.target?.() };
    return link;
  },
);

module.exports = { makeLink, realProcess };

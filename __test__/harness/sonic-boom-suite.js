'use strict';

// Loaded before sonic-boom's own tests: they get our class in the place of their own. What replaces a
// function of `fs` is refused, for ours calls none of them.

const Module = require('node:module');
const path = require('node:path');
const { mock } = require('node:test');

const load = Module._load;

Module._load = function loadForSuite(request, parent, isMain) {
  if (path.basename(path.dirname(parent?.filename ?? '')) !== 'test') {
    return load.call(this, request, parent, isMain);
  }
  if (request === '../') return require('../../sonic-boom.js');
  if (request === 'proxyquire') return refuse;
  if (request === '@sinonjs/fake-timers') return { install };
  return load.call(this, request, parent, isMain);
};

function refuse() {
  throw new Error('it replaces functions of fs');
}

/** The part of fake-timers that the suite uses. */
function install() {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  return {
    tick: (ms) => mock.timers.tick(ms),
    uninstall: () => mock.timers.reset(),
  };
}

'use strict';

const loadSonic = () => require('sonic-boom');

/** A SonicBoom whose `end()` takes a last chunk, as a stream's does. */
function openSonic(dest, contentMode, SonicBoom = loadSonic(), options = {}) {
  const sonic = new SonicBoom({ dest, contentMode, append: false, sync: false, ...options });
  const { end } = sonic;
  sonic.end = (chunk) => {
    if (chunk !== undefined) sonic.write(chunk);
    end.call(sonic);
  };
  return sonic;
}

module.exports = { loadSonic, openSonic };

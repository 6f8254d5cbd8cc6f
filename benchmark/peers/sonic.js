'use strict';

/** A SonicBoom whose `end()` takes a last chunk, as a stream's does. */
function openSonic(dest, contentMode) {
  const SonicBoom = require('sonic-boom');
  const sonic = new SonicBoom({ dest, contentMode, append: false, sync: false });
  const end = sonic.end;
  sonic.end = (chunk) => {
    if (chunk !== undefined) {
      sonic.write(chunk);
    }
    end.call(sonic);
  };
  return sonic;
}

module.exports = { openSonic };

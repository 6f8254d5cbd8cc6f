'use strict';

/** Changes a property. Returns a function that restores it, unless it was changed again. */
function replace(target, name, change) {
  const before = Object.getOwnPropertyDescriptor(target, name);
  const { configurable, enumerable } = before;
  const writable = 'value' in change ? { writable: true } : {};
  // Nothing else of `before`: Bun and Deno have getters where Node has values, and the other way.
  const after = { configurable, enumerable, ...writable, ...change };
  Object.defineProperty(target, name, after);
  return () => {
    const { value, get, set } = Object.getOwnPropertyDescriptor(target, name) ?? {};
    const isAfter = value === after.value && get === after.get && set === after.set;
    if (isAfter) Object.defineProperty(target, name, before);
  };
}

module.exports = replace;

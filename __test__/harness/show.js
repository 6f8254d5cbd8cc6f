'use strict';

// Turns what a scenario saw into plain data that two runs can be compared by. The folder differs
// from run to run, so its path becomes `<dir>`.

// Node's own errors are made by private subclasses; what a program can ask is `instanceof`.
const CLASSES = [TypeError, RangeError, SyntaxError, Error];
const ERROR_FIELDS = ['code', 'errno', 'syscall', 'path', 'dest'];

function show(value, dir) {
  if (typeof value === 'string') return value.replaceAll(dir, '<dir>');
  if (value instanceof Error) return showError(value, dir);
  if (Buffer.isBuffer(value)) return show(`<Buffer ${value.toString('latin1')}>`, dir);
  if (Array.isArray(value)) return value.map((item) => show(item, dir));
  if (typeof value === 'function') return `<function ${value.name}>`;
  if (value !== null && typeof value === 'object') return showObject(value, dir);
  return value;
}

function showError(error, dir) {
  const shown = {
    class: CLASSES.find((Class) => error instanceof Class).name,
    name: error.name,
    message: show(error.message, dir),
  };
  for (const field of ERROR_FIELDS) {
    if (field in error) shown[field] = show(error[field], dir);
  }
  if (error.cause !== undefined) shown.cause = show(error.cause, dir);
  return shown;
}

function showObject(value, dir) {
  if (Object.getPrototypeOf(value) !== Object.prototype) return `<${value.constructor?.name}>`;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, show(item, dir)]));
}

module.exports = { show };

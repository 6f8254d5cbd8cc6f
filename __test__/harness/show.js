'use strict';

// Turns what a scenario logs into plain data that can be compared. Folder and ports differ between
// runs: `hidden` maps them to placeholders such as `<dir>`.

// Node's errors have private subclasses, so the class is found with `instanceof`.
const CLASSES = [TypeError, RangeError, SyntaxError, Error];
const ERROR_FIELDS = [
  'code',
  'errno',
  'syscall',
  'path',
  'dest',
  'hostname',
  'address',
  'port',
  'errors',
];

/** `hidden`: a Map from strings and numbers that differ between runs to placeholders. */
function show(value, hidden) {
  if (typeof value === 'string') return showText(value, hidden);
  if (typeof value === 'number') return hidden.get(value) ?? value;
  if (value instanceof Error) return showError(value, hidden);
  if (Buffer.isBuffer(value)) return showText(`<Buffer ${value.toString('latin1')}>`, hidden);
  if (Array.isArray(value)) return value.map((item) => show(item, hidden));
  if (typeof value === 'function') return `<function ${value.name}>`;
  if (value !== null && typeof value === 'object') return showObject(value, hidden);
  return value;
}

function showText(text, hidden) {
  let shown = text;
  for (const [chance, words] of hidden) shown = shown.replaceAll(`${chance}`, words);
  return shown;
}

function showError(error, hidden) {
  const shown = {
    class: CLASSES.find((Class) => error instanceof Class).name,
    name: error.name,
    message: show(error.message, hidden),
  };
  for (const field of ERROR_FIELDS) {
    if (field in error) shown[field] = show(error[field], hidden);
  }
  if (error.cause !== undefined) shown.cause = show(error.cause, hidden);
  return shown;
}

function showObject(value, hidden) {
  if (Object.getPrototypeOf(value) !== Object.prototype) return `<${value.constructor?.name}>`;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, show(item, hidden)]));
}

module.exports = { show };

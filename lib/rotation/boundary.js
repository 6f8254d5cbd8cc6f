'use strict';

// When an interval of a rotated log ends. Hours and days are those of the local clock, whatever it does
// between summer and winter; an interval in milliseconds begins with its file.

const MINUTE_MS = 60 * 1000;
const QUARTER_MS = 15 * MINUTE_MS;

/**
 * The beginning of the interval in which `now` lies.
 * @param {'hour' | 'day' | number} interval
 * @param {number} now in milliseconds since 1970
 */
function beginOf(interval, now) {
  if (interval === 'hour') return beginOfHour(now);
  if (interval === 'day') return beginOfDay(now);
  return now - interval;
}

/** The beginning of the next one. */
function nextAfter(interval, now) {
  if (interval === 'hour') return nextHour(now);
  if (interval === 'day') return nextDay(now);
  return now + interval;
}

function beginOfDay(now) {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function nextDay(now) {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
}

/** Not from parts of a date: in autumn an hour comes twice, and they name the first one. */
function beginOfHour(now) {
  const date = new Date(now);
  return now - date.getMinutes() * MINUTE_MS - (now % MINUTE_MS);
}

/** Clocks differ, and change, by whole quarters of an hour. */
function nextHour(now) {
  let next = now - (now % QUARTER_MS) + QUARTER_MS;
  while (new Date(next).getMinutes() !== 0) next += QUARTER_MS;
  return next;
}

module.exports = { beginOf, nextAfter };

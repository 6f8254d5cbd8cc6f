'use strict';

// Where hours and days begin on the local clock, also where that jumps.

const assert = require('node:assert');
const { test } = require('node:test');
const { beginOf, nextAfter } = require('../../lib/rotation/boundary.js');
const { parseAside, pathAside } = require('../../lib/rotation/names.js');

const HOUR_MS = 60 * 60 * 1000;

/** Runs `check` with another local clock. */
function inZone(zone, check) {
  test(`${zone}: ${check.name}`, (t) => {
    const before = process.env.TZ;
    t.after(() => {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    });
    process.env.TZ = zone;
    check();
  });
}

/** All boundaries from `from` until `to`, as ISO times. */
function boundaries(interval, from, to) {
  const all = [];
  let now = Date.parse(from);
  while (true) {
    now = nextAfter(interval, now);
    if (now > Date.parse(to)) return all;
    assert.strictEqual(beginOf(interval, now), now, 'a boundary begins its own interval');
    assert.strictEqual(beginOf(interval, now + 1), now);
    all.push(new Date(now).toISOString().slice(0, 16));
  }
}

inZone('Europe/Berlin', function days_of_23_and_25_hours() {
  assert.deepStrictEqual(boundaries('day', '2026-03-28T12:00Z', '2026-03-30T12:00Z'), [
    '2026-03-28T23:00',
    '2026-03-29T22:00',
  ]);
  assert.deepStrictEqual(boundaries('day', '2026-10-24T12:00Z', '2026-10-26T12:00Z'), [
    '2026-10-24T22:00',
    '2026-10-25T23:00',
  ]);
});

inZone('Europe/Berlin', function the_hour_that_comes_twice_is_two_hours() {
  assert.deepStrictEqual(boundaries('hour', '2026-10-24T23:30Z', '2026-10-25T02:30Z'), [
    '2026-10-25T00:00',
    '2026-10-25T01:00',
    '2026-10-25T02:00',
  ]);
});

inZone('America/Sao_Paulo', function a_day_whose_midnight_does_not_exist_begins_at_one() {
  // Clocks went from 00:00 to 01:00 on 4 November 2018.
  assert.deepStrictEqual(boundaries('day', '2018-11-03T12:00Z', '2018-11-05T12:00Z'), [
    '2018-11-04T03:00',
    '2018-11-05T02:00',
  ]);
});

inZone('Asia/Kolkata', function full_hours_are_those_of_the_clock() {
  assert.deepStrictEqual(boundaries('hour', '2026-01-01T00:00Z', '2026-01-01T02:00Z'), [
    '2026-01-01T00:30',
    '2026-01-01T01:30',
  ]);
});

inZone('Australia/Lord_Howe', function clocks_that_change_by_half_an_hour() {
  const all = boundaries('hour', '2026-04-04T12:30Z', '2026-04-04T18:30Z');
  for (const time of all) assert.strictEqual(new Date(`${time}Z`).getMinutes(), 0, time);
  assert.ok(all.length >= 5);
});

inZone('UTC', function an_interval_of_time_begins_with_its_file() {
  assert.strictEqual(nextAfter(5000, 1234), 6234);
  assert.strictEqual(beginOf(5000, 6234), 1234);
  assert.strictEqual(nextAfter('hour', 0), HOUR_MS);
});

test('names are told from those of other files', () => {
  const stampMs = Date.UTC(2026, 10, 28, 15, 4, 5, 123);
  assert.strictEqual(pathAside('/x/app.log', stampMs), '/x/app-2026-11-28T15-04-05.123Z.log');
  const name = 'app-2026-11-28T15-04-05.123Z.log';
  assert.deepStrictEqual(parseAside('/x/app.log', name), { stampMs, kind: '' });
  assert.deepStrictEqual(parseAside('/x/app.log', `${name}.gz`), { stampMs, kind: '.gz' });
  assert.deepStrictEqual(parseAside('/x/app.log', `${name}.gz.part`), {
    stampMs,
    kind: '.gz.part',
  });
  for (const other of [
    'app.log',
    'app-.log',
    `b${name}`,
    `${name}.bz2`,
    name.replace('.log', '.txt'),
  ]) {
    assert.strictEqual(parseAside('/x/app.log', other), null, other);
  }
});

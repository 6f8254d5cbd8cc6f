'use strict';

// What the test of the reporter runs: a test of every outcome.

const assert = require('node:assert');
const { describe, it, test } = require('node:test');

test('passes', () => {});
test('is skipped', { skip: 'no server' }, () => {});
test('is skipped, too', { skip: 'no server' }, () => {});
describe('outer', () => {
  describe('inner', () => {
    it('fails', () => assert.deepStrictEqual({ list: [1, 2] }, { list: [1, 3] }));
    it('passes', () => {});
  });
});
test('throws what is no error', () => {
  throw 'a string';
});
console.log('printed by the file');

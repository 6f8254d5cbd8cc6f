'use strict';

const { test } = require('node:test');

test('passes', () => {});
test('passes, too', (t) => t.test('within', () => {}));
console.log('printed by the file');

'use strict';

const fs = require('node:fs');
const path = require('node:path');
const pino = require('pino');

const stream = fs.createWriteStream(path.join(process.argv[2], 'pino.log'));
const log = pino({ base: null }, stream);
for (let i = 0; i < 20_000; i++) log.child({ i }).info({ user: `u${i % 97}` }, 'zażółć %d', i);
stream.end();

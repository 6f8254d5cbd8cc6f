'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');
const { stringify } = require('csv-stringify');

const rows = Array.from({ length: 20_000 }, (_, i) => [i, `na"me ${i}`, 'ż;ó', i / 7]);
const file = fs.createWriteStream(path.join(process.argv[2], 'out.csv'));
pipeline(rows, stringify({ header: true, columns: ['id', 'name', 'text', 'value'] }), file);

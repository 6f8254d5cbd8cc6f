'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');

async function main() {
  const { TarArchive } = await import('archiver');
  const output = fs.createWriteStream(path.join(process.argv[2], 'out.tar'));
  const archive = new TarArchive();
  archive.pipe(output);
  for (let i = 0; i < 50; i++) {
    archive.append(Buffer.alloc(i * 997, i), { name: `folder/${i}.bin`, date: new Date(0) });
  }
  await Promise.all([archive.finalize(), once(output, 'close')]);
}
main();

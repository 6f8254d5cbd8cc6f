'use strict';

// A registry of npm's, just large enough to install from: `node registry.js folder` serves the tarballs that the folder
// has, and prints its port. It runs until its standard input ends.

const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const zlib = require('node:zlib');

/** Package managers may refuse what is younger than a day. */
const PUBLISHED = '2026-01-01T00:00:00.000Z';

const BLOCK = 512;

/** The package.json in a tarball. npm's begin with a header of one block for each file. */
function manifestOf(tarball) {
  const tar = zlib.gunzipSync(tarball);
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const name = text(tar, at, 100);
    const size = Number.parseInt(text(tar, at + 124, 12), 8) || 0;
    const begin = at + BLOCK;
    if (name === 'package/package.json') {
      return JSON.parse(tar.toString('utf8', begin, begin + size));
    }
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new Error('a tarball without package.json');
}

function text(tar, begin, length) {
  const field = tar.toString('latin1', begin, begin + length);
  return field.slice(0, `${field}\0`.indexOf('\0'));
}

/** What a registry says of a package, with one version. */
function packumentOf(tarball, url) {
  const manifest = manifestOf(tarball);
  const { name, version } = manifest;
  const digest = (algorithm, form) => crypto.createHash(algorithm).update(tarball).digest(form);
  const integrity = `sha512-${digest('sha512', 'base64')}`;
  const dist = { tarball: url, shasum: digest('sha1', 'hex'), integrity };
  return {
    name,
    'dist-tags': { latest: version },
    time: { created: PUBLISHED, modified: PUBLISHED, [version]: PUBLISHED },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
  };
}

function serve(folder) {
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(request.url.slice(1).split('?')[0]);
    const file = path.join(folder, path.basename(name));
    if (name.endsWith('.tgz') && fs.existsSync(file)) {
      return response.end(fs.readFileSync(file));
    }
    const packument = packuments.get(name);
    response.statusCode = packument === undefined ? 404 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(packument ?? { error: `there is no ${name}` }));
  });
  const packuments = new Map();
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    for (const file of fs.readdirSync(folder).filter((each) => each.endsWith('.tgz'))) {
      const tarball = fs.readFileSync(path.join(folder, file));
      const packument = packumentOf(tarball, `http://127.0.0.1:${port}/${file}`);
      packuments.set(packument.name, packument);
    }
    console.log(port);
  });
  process.stdin.resume().on('end', () => process.exit());
}

serve(process.argv[2]);

'use strict';

// A self-signed certificate for localhost, made with openssl.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { find } = require('./daemon');
const { makeFolder, removeFolder } = require('./folder');

const NO_OPENSSL = find('openssl') === undefined ? 'openssl is not installed' : false;

/** `{ key, cert }` in PEM. */
function makeCertificate() {
  const dir = makeFolder();
  const file = (name) => path.join(dir, name);
  try {
    const what = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const whom = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const where = ['-days', '2', '-keyout', file('key'), '-out', file('cert')];
    execFileSync('openssl', [...what, ...whom, ...where], { stdio: 'pipe' });
    return { key: fs.readFileSync(file('key')), cert: fs.readFileSync(file('cert')) };
  } finally {
    removeFolder(dir);
  }
}

module.exports = { NO_OPENSSL, makeCertificate };

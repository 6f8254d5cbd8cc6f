'use strict';

// The types as a strict project sees them, in each way in which TypeScript resolves packages.

const fs = require('node:fs');
const path = require('node:path');

const modules = path.join(__dirname, '..', '..', 'node_modules');

/** The current TypeScript, and the major version before it. */
const current = 'typescript-current';
const previous = 'typescript';

const SOURCE = {
  'types.mts': `import rushwrite, { connect, createWriteStream, type Socket, type WriteStream } from 'rushwrite';
import { register, unregister } from 'rushwrite/register';
const stream: WriteStream = createWriteStream('types.txt', { bufferSize: 1024 });
const other: rushwrite.WriteStream = rushwrite.createWriteStream('types.txt');
stream.on('open', (fd: number) => other.write(String(fd)));
const socket: Socket = connect({ port: 1, bufferSize: 1024 });
socket.end(() => socket.destroy());
[register, unregister].forEach((each: () => void) => each());
`,
  'types.cts': `import rushwrite = require('rushwrite');
import registering = require('rushwrite/register');
const stream: rushwrite.WriteStream = rushwrite.createWriteStream('types.txt', { flush: true });
stream.end(() => registering.unregister());
`,
};

const both = Object.keys(SOURCE);
const RESOLUTIONS = {
  node16: { module: 'node16', include: both, compilers: [current] },
  nodenext: { module: 'nodenext', include: both, compilers: [current, previous] },
  // CommonJS has no place in it.
  bundler: { module: 'preserve', include: ['types.mts'], compilers: [current] },
};

function checkTypes(project) {
  addNodeTypes(project);
  for (const [name, text] of Object.entries(SOURCE)) {
    fs.writeFileSync(path.join(project.folder, name), text);
  }
  for (const [moduleResolution, { module, include, compilers }] of Object.entries(RESOLUTIONS)) {
    const compilerOptions = { ...strict({ module }), moduleResolution, noEmit: true };
    const file = path.join(project.folder, `tsconfig.${moduleResolution}.json`);
    fs.writeFileSync(file, JSON.stringify({ compilerOptions, include }));
    for (const compiler of compilers) project.node([tsc(compiler), '-p', file]);
  }
  return `${Object.keys(RESOLUTIONS).join(', ')}, with ${[current, previous].map(versionOf).join(' and ')}`;
}

/** The JavaScript that the current compiler makes of one file. */
function compile(project, file) {
  addNodeTypes(project);
  const options = Object.entries(strict({ module: 'nodenext' }));
  const args = options.flatMap(([name, value]) => [`--${name}`, String(value)]);
  project.node([tsc(current), ...args, file]);
  return file.replace(/\.mts$/, '.mjs');
}

function strict(options) {
  return {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: 'es2023',
    types: ['node'],
    ...options,
  };
}

/** What the user's `npm install --save-dev @types/node` would bring, without the network. */
function addNodeTypes(project) {
  for (const name of ['@types/node', 'undici-types']) {
    const target = path.join(project.folder, 'node_modules', name);
    fs.cpSync(path.join(modules, name), target, { recursive: true });
  }
}

function tsc(compiler) {
  return path.join(modules, compiler, 'bin', 'tsc');
}

function versionOf(compiler) {
  return require(path.join(modules, compiler, 'package.json')).version;
}

module.exports = { checkTypes, compile };

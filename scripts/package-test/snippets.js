'use strict';

// Runs the code of a Markdown file as a reader would who copies it into his project, one file a
// block. A block whose fence says `fragment` is a part of something and is not run.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { compile } = require('./types.js');

const BLOCK = /^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm;

const runners = {
  js(project, code, name) {
    const isModule = /^import /m.test(code);
    const file = path.join(project.folder, `${name}.${isModule ? 'mjs' : 'cjs'}`);
    fs.writeFileSync(file, code);
    project.node([file]);
  },

  ts(project, code, name) {
    const file = path.join(project.folder, `${name}.mts`);
    fs.writeFileSync(file, code);
    project.node([compile(project, file)]);
  },

  /** The commands that start a program; those that install or need a clone have tests elsewhere. */
  sh(project, code) {
    const commands = code.split('\n').filter((line) => line.startsWith('node '));
    const app = path.join(__dirname, 'programs', 'register.cjs');
    fs.copyFileSync(app, path.join(project.folder, 'app.js'));
    for (const command of commands) {
      const words = command.replace(/#.*$/, '').trim().split(/\s+/).slice(1);
      project.node(words);
    }
    return commands.length;
  },
};

/**
 * @param {Project} project where the package is installed
 * @param {string} markdown the file
 * @param {string[]} required languages of which it must have a block
 */
function runSnippets(project, markdown, required = []) {
  const counts = {};
  const text = fs.readFileSync(markdown, 'utf8');
  const prefix = path.basename(markdown, '.md').toLowerCase();
  for (const [, language, info, code] of text.matchAll(BLOCK)) {
    if (info.includes('fragment') || !Object.hasOwn(runners, language)) continue;
    counts[language] ??= 0;
    const name = `${prefix}-${language}-${counts[language]}`;
    counts[language] += runners[language](project, code, name) ?? 1;
  }
  for (const language of required) {
    assert.ok(counts[language] > 0, `${markdown} has no block of ${language} to run`);
  }
  return Object.entries(counts)
    .map(([language, count]) => `${count} ${language}`)
    .join(', ');
}

module.exports = { runSnippets };

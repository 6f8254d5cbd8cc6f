'use strict';

// What a run of Node's test runner prints here: nothing for a test that passes; failures in full, with what their
// file printed; the runner's own closing lines; and a last line of what passed, and of what was skipped and why.

const path = require('node:path');
const { inspect } = require('node:util');

const root = path.join(__dirname, '..');

/** Failures that are only those of tests within. */
const OF_OTHERS = new Set(['subtestsFailed', 'cancelledByParent']);

const SUMMARY = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;

class Report {
  /** The runner's closing lines, by their first word. */
  #totals = new Map();
  #tests = 0;
  /** How many tests were skipped, by reason. */
  #skipped = new Map();
  /** By file: failures within a test that is not over yet. */
  #inside = new Map();
  /** By file: what it has printed. */
  #printed = new Map();
  /** The test files that failed, `undefined` where the runner does not say which: before Node 24. */
  #failedFiles = new Set();

  /** The text to print for one event of the runner's. */
  take({ type, data }) {
    switch (type) {
      case 'test:pass':
      case 'test:fail':
        return this.#afterTest(type, data);
      case 'test:stdout':
      case 'test:stderr':
        return this.#afterPrint(data);
      case 'test:diagnostic':
        return data.nesting === 0 ? this.#afterDiagnostic(data) : '';
      case 'test:interrupted':
        return `interrupted in ${data.tests.map(({ name }) => name).join(', ')}\n`;
      default:
        return '';
    }
  }

  #afterPrint({ file, message }) {
    const name = relative(file);
    this.#printed.set(name, (this.#printed.get(name) ?? '') + message);
    return '';
  }

  /** A line of the runner's summary, or a note: of a file, as on what threw after a test, or of the runner. */
  #afterDiagnostic({ message, file }) {
    const [, word, number] = SUMMARY.exec(message) ?? [];
    if (word === undefined && file !== undefined) {
      return this.#afterPrint({ file, message: `${message}\n` });
    }
    if (word !== undefined) this.#totals.set(word, Number(number));
    return `# ${message}\n`;
  }

  #afterTest(type, data) {
    const { name, nesting, skip, details, file } = data;
    this.#tests++;
    showProgress(`${this.#tests} tests`);
    if (skip !== undefined && details.type !== 'suite') this.#countSkip(skip);
    const inside = this.#inside.get(file) ?? [];
    for (const failure of inside.filter((each) => each.nesting === nesting + 1)) {
      failure.nesting = nesting;
      failure.names.unshift(name);
    }
    if (isFailure(type, data)) inside.push({ nesting, names: [name], data });
    this.#inside.set(file, nesting === 0 ? [] : inside);
    return nesting === 0 ? inside.map((failure) => this.#show(failure)).join('') : '';
  }

  #countSkip(skip) {
    const reason = typeof skip === 'string' && skip !== '' ? skip : 'no reason given';
    this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1);
  }

  #show({ names, data }) {
    const { file = '', line = 1, entryFile, details } = data;
    this.#failedFiles.add(entryFile && relative(entryFile));
    const { failureType, cause } = details.error;
    const error = cause ?? details.error;
    const isError = error instanceof Error;
    const words = isError ? inspect(error, { depth: 20, maxStringLength: null }) : `${error}`;
    const within = entryFile && entryFile !== file ? `${relative(entryFile)}, ` : '';
    const place = `${within}${relative(file)}:${line} (${failureType})`;
    return `not ok - ${names.join(' > ')}\n  ${place}\n${indented(words)}\n\n`;
  }

  /** What failed files printed, and the verdict. */
  end() {
    const isAsked = (file) => this.#failedFiles.has(file) || this.#failedFiles.has(undefined);
    const printed = [...this.#printed].filter(([file]) => isAsked(file));
    const texts = printed.map(([file, text]) => `${file} printed:\n${indented(text)}\n`);
    return `${texts.join('')}${this.#verdict()}\n`;
  }

  #verdict() {
    const total = (word) => this.#totals.get(word) ?? 0;
    const failures = total('fail') + total('cancelled');
    const passed = `${total('pass')} passed`;
    const failed = failures > 0 ? `${failures} FAILED, ` : '';
    const skipped = total('skipped') > 0 ? `; ${total('skipped')} skipped: ${this.#reasons()}` : '';
    return `JavaScript tests on Node ${process.version}: ${failed}${passed}${skipped}`;
  }

  #reasons() {
    return [...this.#skipped].map(([reason, count]) => `${reason} (${count})`).join(', ');
  }
}

let progress = '';

/** A line that shows in a terminal that something goes on; the next text takes its place. */
function showProgress(text) {
  const { stderr } = process;
  if (stderr.isTTY && text !== progress) stderr.write(`\r\x1b[K${text}`);
  progress = text;
}

/** A test marked as `todo` may fail. */
function isFailure(type, { todo, details }) {
  return type === 'test:fail' && todo === undefined && !OF_OTHERS.has(details.error.failureType);
}

function relative(file) {
  return path.relative(root, path.resolve(file));
}

function indented(text) {
  return text.trimEnd().replaceAll(/^(?=.)/gm, '  ');
}

module.exports = async function* report(source) {
  const report = new Report();
  for await (const event of source) {
    const text = report.take(event);
    if (text === '') continue;
    showProgress('');
    yield text;
  }
  yield report.end();
};

'use strict';

// Addresses of names: `dns.lookup` for sockets, asked on a thread of ours. Node asks on libuv's pool,
// where a slow name server holds up `fs`, `zlib` and `crypto`.
//
// Both ask the system's resolver, so that the answers are the same. A question that is odd in any way
// is left to Node, which knows what is wrong with it.

const { AsyncResource } = require('node:async_hooks');
const dns = require('node:dns');
const { isIP } = require('node:net');
const { domainToASCII } = require('node:url');
const { lookupError } = require('./errors.js');
const Mailbox = require('./mailbox.js');
const addon = require('./native.js');
const { lookup: nodesLookup } = require('./socket/loaded.js');

/**
 * Whether that is Node's own, and not what an instrumentation or a test double had put there before
 * we came. Other runtimes have functions of their own, which they keep.
 */
const isOriginal = `${nodesLookup}`.includes('GetAddrInfoReqWrap');

/** What to call with the answers to questions, by the numbers of the questions. */
const questions = new Map();
let lastQuestion = 0;

/** Answers have a queue of their own in Rust: not every program that writes looks up names. */
const mailbox = new Mailbox(addon.takeAnswers, ({ lookup: question, errno, addresses }) => {
  const answer = questions.get(question);
  questions.delete(question);
  mailbox.removeWaiter();
  mailbox.removeUser();
  answer(errno, addresses);
});

const FAMILIES = [0, 4, 6];
const HINTS = dns.ADDRCONFIG | dns.ALL | dns.V4MAPPED;

/** ASCII as it is given to the system, at most as much as libuv gives. */
const PLAIN = /^[ -~]{1,255}$/;

/** What was encoded for the system already, and has to be checked. */
const ENCODED = /xn--/i;

/** Names of which `domainToASCII`, made for URLs, takes no character for more than a character. */
const LETTERS = /^[-.\w\u0080-\uffff]+$/;

/** Whether `lookup` may stand for `dns.lookup`: not if that was replaced. */
function isInPlace() {
  return isOriginal && dns.lookup === nodesLookup && (process.permission?.has('net') ?? true);
}

/** As `dns.lookup` with the options that `net` gives it: `family`, `hints`, `all`. */
function lookup(hostname, options, callback) {
  const { family = 0, hints = 0 } = options;
  const isValid = FAMILIES.includes(family) && typeof hints === 'number' && !(hints & ~HINTS);
  const name = isValid && typeof hostname === 'string' ? asciiOf(hostname) : '';
  const isAsked = name !== '' && ask(name, family, hints, answering(hostname, options, callback));
  if (!isAsked) nodesLookup(hostname, options, callback);
}

/** The name as Node gives it to the system, or '' where only Node can tell. */
function asciiOf(hostname) {
  if (PLAIN.test(hostname) && !ENCODED.test(hostname)) return hostname.toLowerCase();
  const name = LETTERS.test(hostname) ? domainToASCII(hostname) : '';
  // An URL's host that looks like an address is written anew.
  return PLAIN.test(name) && isIP(name) === 0 ? name : '';
}

/** Makes of a native answer one of `dns.lookup`. */
function answering(hostname, { all }, callback) {
  // Node 20.0 does not tell it.
  const order = dns.getDefaultResultOrder?.();
  return (errno, found) => {
    if (errno !== 0) return callback(lookupError(errno, hostname));
    const addresses = found.map((address) => ({ address, family: isIP(address) }));
    sort(addresses, order);
    if (all) return callback(null, addresses);
    const [{ address, family }] = addresses;
    callback(null, address, family);
  };
}

/** As `dns.setDefaultResultOrder` has it; within a family, or if 'verbatim', as the system has it. */
function sort(addresses, order) {
  if (order === 'ipv4first') addresses.sort((one, other) => one.family - other.family);
  if (order === 'ipv6first') addresses.sort((one, other) => other.family - one.family);
}

/**
 * Asks the system for the addresses of a name in ASCII. Returns false if it has no thread for that.
 * @param {0 | 4 | 6} family
 * @param {number} hints the flags of `getaddrinfo(3)`
 * @param {(errno: number, addresses: string[]) => void} answer gets libuv's number, or 0, in the context
 *   of now
 */
function ask(name, family, hints, answer) {
  const question = ++lastQuestion;
  mailbox.addUser();
  if (!addon.lookup(mailbox.id, question, name, family, hints)) {
    mailbox.removeUser();
    return false;
  }
  const scope = new AsyncResource('RUSHWRITE');
  mailbox.addWaiter();
  questions.set(question, (errno, addresses) => {
    scope.runInAsyncScope(answer, undefined, errno, addresses);
  });
  return true;
}

module.exports = { answering, isInPlace, lookup };

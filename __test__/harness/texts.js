'use strict';

// Strings and encodings for write(): each text is hard for some encoding. Two, three and four byte
// characters, a lone surrogate, a NUL, odd and bad hex, base64 with and without padding, with
// spaces and of both alphabets.

const TEXTS = [
  'plain ascii',
  'żółć ÿ \u0080 \u00ff',
  '文字 and 😀 and \ud83d alone',
  '\0 and \u{10ffff}',
  '\ufeffmark first',
  '616263',
  '61626',
  '61zz62',
  'YWJj',
  'YWI=',
  'YQ',
  '-_-_',
  '+/+/',
  'Y W\nJ j=',
  '=',
  '',
];

const ENCODINGS = [
  'utf8',
  'utf-8',
  'UTF-8',
  'ucs2',
  'ucs-2',
  'utf16le',
  'UTF-16LE',
  'latin1',
  'binary',
  'ascii',
  'hex',
  'HEX',
  'base64',
  'base64url',
];

module.exports = { ENCODINGS, TEXTS };

'use strict';

// A real Redis server, with the ioredis client on our socket, and with commands written directly.

const assert = require('node:assert');
const { once } = require('node:events');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { Redis, AbstractConnector } = require('ioredis');
const { Daemon, find, freePort } = require('../harness/daemon');
const { makeFolder, removeFolder } = require('../harness/folder');
const { subject } = require('../harness/subject');

const COUNT = 100_000;
const file = find('redis-server');
const skip = file === undefined ? 'redis-server is not installed' : false;
const dir = makeFolder();
const unixPath = path.join(dir, 'redis.sock');
let daemon;
let port;

before(async () => {
  if (skip) return;
  port = await freePort();
  const args = {
    port,
    bind: '127.0.0.1',
    unixsocket: unixPath,
    dir,
    save: '',
    appendonly: 'no',
    daemonize: 'no',
  };
  daemon = await Daemon.start(
    file,
    Object.entries(args).flatMap(([name, value]) => [`--${name}`, `${value}`]),
    { cwd: dir, ready: /ready to accept connections (at|on).*\.sock/i },
  );
});

after(async () => {
  await daemon?.stop();
  removeFolder(dir);
});

class OurConnector extends AbstractConnector {
  constructor(options) {
    super(options.disconnectTimeout);
    this.options = options;
  }

  async connect() {
    this.connecting = true;
    const { path: unix, host, port: tcp } = this.options;
    this.stream = subject.createConnection(unix ? { path: unix } : { host, port: tcp });
    return this.stream;
  }
}

function client(where) {
  return new Redis({ ...where, Connector: OurConnector });
}

test('100,000 SETs in one pipeline, and all their replies', { skip }, async () => {
  const redis = client({ host: '127.0.0.1', port });
  await redis.flushall();
  const pipeline = redis.pipeline();
  for (let i = 0; i < COUNT; i++) pipeline.set(`key:${i}`, `value ${i} żółć`);
  const replies = await pipeline.exec();
  assert.strictEqual(replies.length, COUNT);
  assert.ok(replies.every(([error, reply]) => error === null && reply === 'OK'));
  assert.strictEqual(await redis.dbsize(), COUNT);
  const keys = Array.from({ length: COUNT / 100 }, (_unused, i) => `key:${i * 100 + (i % 100)}`);
  const values = await redis.mget(keys);
  assert.deepStrictEqual(
    values,
    keys.map((key) => `value ${key.slice(4)} żółć`),
  );
  assert.ok(redis.stream instanceof subject.Socket);
  await redis.quit();
});

test('commands in turn, large values and subscriptions', { skip }, async () => {
  const redis = client({ path: unixPath });
  for (let i = 0; i < 200; i++) {
    assert.strictEqual(await redis.set('n', `${i}`), 'OK');
    assert.strictEqual(await redis.get('n'), `${i}`);
  }
  const large = Buffer.alloc(10_000_000, 'a large value ');
  await redis.set('large', large);
  assert.ok((await redis.getBuffer('large')).equals(large));

  const listener = client({ path: unixPath });
  await listener.subscribe('news');
  const message = once(listener, 'message');
  await redis.publish('news', 'extra');
  assert.deepStrictEqual(await message, ['news', 'extra']);
  await Promise.all([redis.quit(), listener.quit()]);
});

test('100,000 SETs written directly, one write each', { skip }, async () => {
  const socket = subject.connect(unixPath);
  const replies = countReplies(socket, COUNT);
  socket.write('FLUSHALL\r\n');
  for (let i = 0; i < COUNT; i++) {
    const [key, value] = [`hand:${i}`, `value ${i}`];
    const command = `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`;
    if (!socket.write(command)) await once(socket, 'drain');
  }
  assert.strictEqual(await replies, '+OK\r\n'.repeat(COUNT + 1));
  socket.end('DBSIZE\r\n');
  const [size] = await once(socket, 'data');
  assert.strictEqual(`${size}`, `:${COUNT}\r\n`);
});

/** Waits for `count` replies of `+OK`, and one for the command before them. */
function countReplies(socket, count) {
  return new Promise((resolve, reject) => {
    let text = '';
    const gather = (part) => {
      text += part.toString('latin1');
      if (text.length < 5 * (count + 1)) return;
      socket.off('data', gather);
      resolve(text);
    };
    socket.on('data', gather);
    socket.once('error', reject);
  });
}

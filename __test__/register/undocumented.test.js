'use strict';

// What we lean on though Node does not document it: where a later Node has it no more, streams still work,
// by way of Node's own class if need be. And a faked `process.nextTick`.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { parityInChild, runInChild } = require('../harness/child');
const { subject } = require('../harness/subject');

/** Writes a file and to a socket of `api`, in all the ways in which bytes get to either. */
function useBoth(api, dir) {
  const net = require('node:net');
  const steps = (stream, done) => {
    stream.write('one ');
    stream.write('two ', () => {
      stream.cork();
      stream.write('three ', 'latin1');
      stream.write(Buffer.from('four '));
      stream.uncork();
      stream.write('five ');
      stream.end('six', () => console.log('end'));
    });
    stream.on('close', done);
    stream.on('error', (error) => console.log(error));
  };
  const file = api.createWriteStream(`${dir}/out`);
  console.log('file', file.isNative);
  steps(file, () => {
    const server = net.createServer((peer) => {
      let text = '';
      peer.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      peer.on('end', () => {
        console.log(text);
        peer.end();
        server.close();
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const socket = api.connect({ port: server.address().port, host: 'localhost', family: 4 });
      console.log('socket', socket.isNative);
      steps(socket, () => console.log('closed'));
    });
  });
}

/** Runs `useBoth` after `change` in a child that has not loaded the package yet. */
function without(name, change, { isNative }) {
  test(`without ${name}`, async () => {
    const source = `(_api, dir) => {
      (${change})();
      (${useBoth})(require(process.env.RUSHWRITE), dir);
    }`;
    const env = { RUSHWRITE: subject.module };
    const { stdout, stderr, code, files } = await runInChild({ module: 'node:fs' }, source, {
      env,
    });
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.equal(files.out.bytes, 'one two three four five six');
    const answers = isNative ? ['true', 'true'] : ['false', 'false'];
    assert.deepEqual(stdout.trim().split('\n'), [
      `file ${answers[0]}`,
      'end',
      `socket ${answers[1]}`,
      ...stdout.trim().split('\n').slice(3, 6),
    ]);
    assert.match(stdout, /one two three four five six/);
    assert.match(stdout, /closed/);
  });
}

const STATE = [
  'length',
  'highWaterMark',
  'corked',
  'defaultEncoding',
  'needDrain',
  'autoDestroy',
  'destroyed',
  'errorEmitted',
];

/** `Writable` whose state lacks a field, as far as anybody but Node can see. */
function hideField(field) {
  const stream = require('node:stream');
  // Node's classes are made of the real one.
  void [require('node:fs').WriteStream, require('node:net').Socket];
  const { Writable } = stream;
  stream.Writable = class extends Writable {
    get _writableState() {
      const hidden = { get: (state, key) => (key === field ? undefined : state[key]) };
      return new Proxy(super._writableState ?? this.state, hidden);
    }
    set _writableState(state) {
      this.state = state;
    }
  };
}

for (const field of STATE) {
  without(`the state's ${field}`, `() => (${hideField})(${JSON.stringify(field)})`, {
    isNative: false,
  });
}

without(
  'any state of Writable',
  () => {
    const stream = require('node:stream');
    void [require('node:fs').WriteStream, require('node:net').Socket];
    const { Writable } = stream;
    stream.Writable = class extends Writable {
      get _writableState() {
        return undefined;
      }
      set _writableState(_state) {}
    };
  },
  { isNative: false },
);

const HARMLESS = {
  'net._normalizeArgs': () => {
    delete require('node:net')._normalizeArgs;
  },
  'the mark of normalized arguments': () => {
    const net = require('node:net');
    const { _normalizeArgs } = net;
    net._normalizeArgs = (args) => [..._normalizeArgs(args)];
  },
  'process.binding': () => {
    delete process.binding;
  },
  'a process.binding that may be called': () => {
    process.binding = () => {
      throw new Error('no such thing');
    };
  },
  'WriteStream.prototype.open': () => {
    delete require('node:fs').WriteStream.prototype.open;
  },
  'dns.getDefaultResultOrder': () => {
    delete require('node:dns').getDefaultResultOrder;
  },
  'the list of the system’s errors': () => {
    require('node:util').getSystemErrorMap = () => new Map();
  },
  'Error.stackTraceLimit': () => {
    delete Error.stackTraceLimit;
  },
  'process.report': () => {
    Object.defineProperty(process, 'report', { value: undefined });
  },
};

for (const [name, change] of Object.entries(HARMLESS)) without(name, change, { isNative: true });

/** Writes while ticks are held up, and lets them go later. */
function holdTicks(api, dir) {
  const { createWriteStream } = api;
  const { nextTick } = process;
  const held = [];
  process.nextTick = (callback, ...args) => {
    held.push(() => callback(...args));
  };
  const stream = createWriteStream(`${dir}/out`);
  for (const event of ['open', 'ready', 'finish', 'close', 'error']) {
    stream.on(event, () => console.log(event));
  }
  stream.write('one ');
  setTimeout(() => {
    process.nextTick = nextTick;
    for (const go of held) go();
    stream.write('two ');
    stream.end('three', () => console.log('end'));
  }, 20);
}

parityInChild('process.nextTick is held up after loading', holdTicks);

parityInChild(
  'process.nextTick is held up, and the open fails',
  `(api, dir) => (${holdTicks})(api, dir + '/none')`,
);

test('process.nextTick is a test double that never calls when the package is loaded', async () => {
  const source = `(_api, dir) => {
    const { nextTick } = process;
    process.nextTick = () => {};
    const api = require(process.env.RUSHWRITE);
    process.nextTick = nextTick;
    const stream = api.createWriteStream(dir + '/out', { maxBuffered: 8, overflow: 'drop' });
    stream.write('one ', () => stream.end('two', () => console.log('end')));
  }`;
  const env = { RUSHWRITE: subject.module };
  const { stdout, stderr, files } = await runInChild({ module: 'node:fs' }, source, { env });
  assert.equal(stdout, 'end\n', stderr);
  assert.equal(files.out.bytes, 'one two');
});

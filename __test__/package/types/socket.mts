// The types of sockets: what must compile and, under `@ts-expect-error`, what must not.

import type net from 'node:net';
import { expectTypeOf } from 'expect-type';
import {
  adopt,
  type ConnectOptions,
  connect,
  createConnection,
  createServer,
  Server,
  Socket,
} from 'rushwrite';

const socket = connect(80, 'localhost', () => {});
expectTypeOf(socket).toEqualTypeOf<Socket>();
expectTypeOf(socket).toExtend<net.Socket>();
expectTypeOf(createConnection).toEqualTypeOf(connect);

connect(80);
connect(80, () => {});
connect('/run/app.sock', () => {});
connect({ port: 80, bufferSize: 0, noDelay: true, signal: AbortSignal.timeout(5) });
connect({ path: '/run/app.sock', allowHalfOpen: true, timeout: 1000 });
const options: ConnectOptions = { port: 80, bufferSize: 65536 };
connect(options, () => {});

new Socket();
new Socket({ fd: 3, readable: true, writable: true, bufferSize: 1024 });
new Socket().connect(80).setNoDelay().setKeepAlive(true).setTimeout(5).ref().unref();
expectTypeOf(socket.write('x', 'latin1', (_error?: Error | null) => {})).toEqualTypeOf<boolean>();
expectTypeOf(socket.bytesWritten).toEqualTypeOf<number>();
socket.resetAndDestroy();

// @ts-expect-error Where to?
connect();
// @ts-expect-error A number of bytes.
connect({ port: 80, bufferSize: '1 MiB' });
// @ts-expect-error There is no such option.
connect({ port: 80, buffersize: 1 });
// @ts-expect-error It is read-only.
socket.bytesWritten = 1;

const server = createServer({ bufferSize: 0, pauseOnConnect: true, maxBuffered: 1 }, (accepted) => {
  expectTypeOf(accepted).toEqualTypeOf<Socket>();
  accepted.flushSync();
});
expectTypeOf(server).toEqualTypeOf<Server>();
expectTypeOf(server).toExtend<net.Server>();
expectTypeOf(createServer((accepted) => accepted.end())).toEqualTypeOf<Server>();
createServer();
new Server({ allowHalfOpen: true }).listen(0).on('connection', (accepted) => accepted.flushSync());
new Server((accepted) => accepted.flushSync()).on('drop', (data) => data?.localPort);
expectTypeOf(adopt(new Socket(), { flushOnExit: false })).toEqualTypeOf<Socket>();
declare const accepted: net.Socket;
adopt(accepted).flushSync();

// @ts-expect-error A number of bytes.
createServer({ bufferSize: '1 MiB' });
// @ts-expect-error It is a server.
adopt(server);

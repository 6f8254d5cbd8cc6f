// The types of sockets: what must compile and, under `@ts-expect-error`, what must not.

import type net from 'node:net';
import { expectTypeOf } from 'expect-type';
import { type ConnectOptions, connect, createConnection, Socket } from 'rushwrite';

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

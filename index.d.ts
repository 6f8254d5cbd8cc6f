/// <reference types="node" />

/**
 * Streams that write what Rust has buffered: `require('rushwrite')`.
 * @module rushwrite
 */

import type { Mode, PathLike } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import {
  type IpcNetConnectOpts,
  Server as NodeServer,
  Socket as NodeSocket,
  type ServerOpts,
  type SocketConstructorOpts,
  type TcpNetConnectOpts,
} from 'node:net';
import { Writable as NodeWritable, type Readable, type WritableOptions } from 'node:stream';

/** What a stream promises for the bytes that it has accepted; files and sockets share these options. */
export interface GuaranteeOptions {
  /**
   * Whether accepted bytes are written before the process or the worker ends: by `process.exit()`, by an uncaught
   * error, or because nothing is left to do. That includes a file that is not open yet, but not a socket that is
   * still connecting. The end waits at most `RUSHWRITE_EXIT_TIMEOUT_MS` milliseconds (an environment variable,
   * 5000 by default); one line on stderr says how many bytes could not be written by then. With `false`, as with
   * `fs`, what the system has not taken may be lost. Throws `ERR_INVALID_ARG_TYPE`
   * unless it is a boolean.
   * @default true
   */
  flushOnExit?: boolean | undefined;

  /**
   * How many bytes may wait at most, those in the Rust buffer and those in the JavaScript queue
   * together; exceeded by at most one chunk. While a socket connects, strings count as UTF-16 units. A
   * write beyond it is refused as `overflow` says. Throws
   * `ERR_INVALID_ARG_TYPE` unless it is a number, `ERR_OUT_OF_RANGE` unless it is `Infinity`
   * or an integer from 1 to `Number.MAX_SAFE_INTEGER`.
   * @default Infinity
   */
  maxBuffered?: number | undefined;

  /**
   * What becomes of a write beyond `maxBuffered`. `'error'` destroys the stream with
   * `ERR_RUSHWRITE_OVERFLOW`. `'drop'` drops the whole chunk: `write()` returns `false`, its callback
   * gets `ERR_RUSHWRITE_OVERFLOW`, and a `drop` event counts it. Anything else throws
   * `ERR_INVALID_ARG_VALUE`.
   * @default 'error'
   */
  overflow?: 'error' | 'drop' | undefined;

  /**
   * After how many milliseconds without a system call that comes back, while bytes or a sync wait for one,
   * `rushwrite:stall` is published; see {@link DiagnosticsMessage}. `Infinity` is never. Throws
   * `ERR_INVALID_ARG_TYPE` unless it is a number, `ERR_OUT_OF_RANGE` unless it is `Infinity` or an integer
   * from 1 to 2147483647. Without subscribers nothing is looked at.
   * @default 1000
   */
  stallTimeout?: number | undefined;
}

/** What is done about a write that fails because there is no room. */
export interface RetryOptions {
  /**
   * The codes of errors that are waited out: names of `os.constants.errno`. An empty list, or a name that is
   * unknown, throws `ERR_INVALID_ARG_VALUE`.
   * @default ['ENOSPC', 'EDQUOT']
   */
  on?: readonly string[] | undefined;

  /**
   * The pause before each try, in milliseconds: an integer from 1 to 2147483647, else
   * `ERR_INVALID_ARG_TYPE` or `ERR_OUT_OF_RANGE` is thrown.
   * @default 1000
   */
  delay?: number | undefined;

  /**
   * For how many milliseconds in a row the system may refuse before the stream fails with its error:
   * `Infinity` or an integer from 0 to 2147483647, else `ERR_INVALID_ARG_TYPE` or `ERR_OUT_OF_RANGE`
   * is thrown.
   * @default Infinity
   */
  limit?: number | undefined;
}

/** What a `stall` event tells. */
export interface Stall {
  /** What the system said to the write that is tried again. */
  error: NodeJS.ErrnoException;
  /** How many bytes wait. */
  bytesQueued: number;
  /** When the system first refused. */
  since: Date;
}

/** What `sync()` takes. */
export interface SyncOptions {
  /**
   * Whether also the file's times and the like are on the device: `fsync` in the place of `fdatasync`. Unless it
   * is a boolean the promise is rejected with `ERR_INVALID_ARG_TYPE`.
   * @default false
   */
  metadata?: boolean | undefined;
}

/** What a stream has done since it began; see `stats()`. */
export interface Stats {
  /** Bytes of all writes that were not refused. */
  bytesAccepted: number;
  /** Bytes that the operating system has taken. */
  bytesWritten: number;
  /** Bytes that wait for it, on both levels; 0 after a failure or `destroy()`. */
  bytesQueued: number;
  /** Writes with bytes that have come to Rust; those that wait in the queue of `Writable` come later. */
  writes: number;
  /** What was handed to a thread at a time: writes that share system calls. */
  batches: number;
  /** `write(2)` and its kin, whatever came of them. */
  syscalls: number;
  /** `fsync` and `fdatasync`, for `sync()` and `flush`. */
  syncs: number;
  /** How often there was room again after there was none. */
  drains: number;
  /** Bytes that `overflow: 'drop'` has dropped. */
  droppedBytes: number;
  /** Writes that it has dropped. */
  droppedWrites: number;
  /** The longest of those system calls, in microseconds. */
  maxWriteMicros: number;
  /** The longest sync, in microseconds. */
  maxSyncMicros: number;
  /** How long a write, or `Writable`, has waited for room in all, in microseconds. */
  fullMicros: number;
}

/**
 * What subscribers of the channels `rushwrite:open`, `rushwrite:close`, `rushwrite:error` and `rushwrite:stall`
 * of `node:diagnostics_channel` get. To get stalls, subscribe before the streams are made.
 */
export interface DiagnosticsMessage {
  stream: WriteStream | Socket;
  stats: Stats;
  /** With `rushwrite:error`: why the stream failed. */
  error?: Error;
  /** With `rushwrite:stall`: for how many milliseconds no system call has come back. */
  stalledMs?: number;
}

/** What `flushSync()` takes. */
export interface FlushOptions {
  /**
   * How long to wait, in milliseconds. Throws `ERR_INVALID_ARG_TYPE` unless it is a number,
   * `ERR_OUT_OF_RANGE` unless it is an integer from 0 to 2147483647.
   * @default 5000
   */
  timeout?: number | undefined;
}

/** What `flushSync()` throws when the time is over, with the code `ERR_RUSHWRITE_TIMEOUT`. */
export interface FlushTimeoutError extends Error {
  code: 'ERR_RUSHWRITE_TIMEOUT';
  /** How many bytes still wait. */
  bytes: number;
}

/** The writes of one turn of the event loop that were dropped. */
export interface Dropped {
  /** Their bytes. */
  bytes: number;
  /** Their number. */
  writes: number;
}

/** What {@link createWriteStream} takes besides the path: Node's own options, and a few more. */
export interface WriteStreamOptions extends GuaranteeOptions {
  /**
   * How the file is opened, as in `fs.open`: `'w'` truncates, `'a'` appends, `'wx'` refuses an
   * existing file, `'r+'` changes one in place. An unknown value is an `error` event with
   * `ERR_INVALID_ARG_VALUE`.
   * @default 'w', with `rotate` or `follow` 'a'
   */
  flags?: string | undefined;

  /**
   * The permission bits of a file that the stream creates, before the umask. A bad value is an
   * `error` event with `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or `ERR_OUT_OF_RANGE`.
   * @default 0o666
   */
  mode?: Mode | undefined;

  /**
   * The encoding of strings that are written without one of their own. An unknown encoding throws
   * `ERR_INVALID_ARG_VALUE`.
   * @default 'utf8'
   */
  encoding?: BufferEncoding | null | undefined;

  /**
   * An open file to write to instead of opening `path`; there is then no `open` and no `ready`
   * event. A FileHandle is closed with the stream, and the stream with the handle. Throws
   * `ERR_INVALID_ARG_TYPE` for anything else, `ERR_OUT_OF_RANGE` for a number that is no descriptor.
   * @default null
   */
  fd?: number | FileHandle | null | undefined;

  /**
   * Whether the stream destroys itself, and thereby closes the descriptor, after `finish` and after
   * an error; with `false` the caller closes it.
   * @default true
   */
  autoClose?: boolean | undefined;

  /**
   * Whether a destroyed stream emits `close`.
   * @default true
   */
  emitClose?: boolean | undefined;

  /**
   * The position of the first byte in the file, in bytes; without it writing starts where the
   * descriptor stands. Throws `ERR_INVALID_ARG_TYPE` unless it is a number (also for `null`),
   * `ERR_OUT_OF_RANGE` unless it is an integer from 0 to `Number.MAX_SAFE_INTEGER`.
   * @default undefined
   */
  start?: number | undefined;

  /**
   * Functions to call instead of those of `node:fs`; {@link createWriteStream} then returns a stream
   * of Node's own class. A member that is no function throws `ERR_INVALID_ARG_TYPE`.
   * @default undefined
   */
  fs?: WriteStreamFunctions | null | undefined;

  /**
   * Destroys the stream with an `AbortError` (`ABORT_ERR`) when it is aborted. Throws
   * `ERR_INVALID_ARG_TYPE` unless it is an AbortSignal, also for `null`.
   * @default undefined
   */
  signal?: AbortSignal | null | undefined;

  /**
   * How many bytes may wait on both levels, in the JavaScript queue and in the Rust buffer, before `write()`
   * returns `false`; `drain` then means that none waits. With `bufferSize`, or by default, it bounds the
   * JavaScript queue alone. Throws `ERR_INVALID_ARG_VALUE` unless it is an integer from 0 up.
   * @default stream.getDefaultHighWaterMark(false): 16 KiB on Node 20, 64 KiB from Node 22
   */
  highWaterMark?: number | undefined;

  /**
   * Whether the file is flushed to the disk with fsync before `finish`; a failed fsync is an
   * `error` event and there is no `finish`. Throws `ERR_INVALID_ARG_TYPE` unless it is a boolean.
   * @default false
   */
  flush?: boolean | null | undefined;

  /**
   * Whether the path gets the whole new content, or stays as it was. The bytes go to a temporary file in the
   * same folder, in which the program has to be allowed to create files: `.<name>.rushwrite-<8 characters>.tmp`; the end syncs it, renames it over the path and
   * syncs the folder, all before `finish`. `destroy()`, an error, and an exit before `end()` leave the path as it
   * was and remove the temporary file; after SIGKILL or a power failure it may stay. The file keeps the mode of
   * the one it replaces and, where the system lets us, its owner; hard links, ACLs and extended attributes are
   * not kept. A symlink is followed. What is there but is no regular file is an `error` event with `EISDIR` or
   * `ERR_RUSHWRITE_UNSUPPORTED`; a failed rename is one with `syscall: 'rename'`, and the path is as it was.
   * Throws `ERR_INVALID_ARG_TYPE` unless it is a boolean, `ERR_INCOMPATIBLE_OPTION_PAIR` with `start` or with
   * `flags` other than `'w'` and `'w+'`, `ERR_RUSHWRITE_UNSUPPORTED` with `fd`, or where Node's own class
   * does the work.
   * @default false
   */
  atomic?: boolean | undefined;

  /**
   * Whether folders that are missing above the path are made at the open, with the mode that `fs.mkdir` gives
   * them. A failure is an `error` event with `syscall: 'mkdir'`. Throws `ERR_INVALID_ARG_TYPE` unless it is a
   * boolean, `ERR_RUSHWRITE_UNSUPPORTED` with `fd`, or where Node's own class does the work.
   * @default false
   */
  mkdir?: boolean | undefined;

  /**
   * Waits out a full disk: a write that fails so is tried again behind the last byte that was taken. The stream
   * goes on accepting within its bounds, emits `stall` once and `recover` once. An open or a sync that
   * fails is never tried again. Throws `ERR_INVALID_ARG_TYPE` unless it is an object,
   * `ERR_RUSHWRITE_UNSUPPORTED` where Node's own class does the work.
   * @default undefined: the stream fails
   */
  retry?: RetryOptions | null | undefined;

  /**
   * How many bytes the Rust buffer may hold; 0 makes every write wait for its system call. One batch of strings
   * or one large Buffer may exceed it by its whole size. Throws `ERR_INVALID_ARG_TYPE` unless it is a number,
   * `ERR_OUT_OF_RANGE` unless it is an integer from 0 to 1073741823 (1 GiB less a byte).
   * @default 1048576 (1 MiB), twice that once a Buffer of more than 512 KiB is written; or `highWaterMark` where that is given
   */
  bufferSize?: number | undefined;

  /**
   * Puts the file aside when it is full or an interval ends, and goes on in a new one. A second stream
   * that rotates the same log, in any process, fails to open with `EBUSY`. Bad values throw
   * `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or `ERR_OUT_OF_RANGE`.
   * @default undefined
   */
  rotate?: RotateOptions | undefined;

  /**
   * Whether to look, before a write and so many milliseconds after the last look (`true` is 1000), if the
   * path still names the file. If it was renamed or removed, the path is opened again, behind what is in
   * it. Windows does not tell.
   * @default false
   */
  follow?: boolean | number | undefined;
}

/** When a log is rotated, and what becomes of the files that were put aside. */
export interface RotateOptions {
  /**
   * How many bytes a file holds at most. It is put aside before the write that would make it larger, so
   * that it ends where a write ends; a single write that is larger has a file of its own. Throws
   * `ERR_INVALID_ARG_TYPE` or `ERR_OUT_OF_RANGE` unless it is an integer from 1 up.
   * @default undefined
   */
  size?: number | undefined;

  /**
   * When a file is put aside besides: at each full hour or midnight of the local clock, or so many
   * milliseconds after it was begun. An empty file stays. Anything else throws `ERR_INVALID_ARG_VALUE`.
   * @default undefined
   */
  interval?: number | 'hour' | 'day' | undefined;

  /**
   * How many of the files that were put aside are kept, or how many bytes of them, or for how many
   * milliseconds. The oldest ones are removed.
   * @default Infinity
   */
  keep?: number | { files?: number; bytes?: number; age?: number } | undefined;

  /**
   * Whether they are compressed, on a thread of low priority. What a crash leaves half done is done again
   * at the next start.
   * @default false
   */
  compress?: 'gzip' | false | undefined;

  /**
   * Called for each of them, the oldest first and one at a time; the file is removed when the promise is
   * fulfilled. After a rejection it is tried again, with pauses from one second to five minutes, and at
   * the next start. It may be called twice for a file if the process ends in between. The signal is
   * aborted when the stream is destroyed.
   * @default undefined
   */
  archive?: ((file: string, options: { signal: AbortSignal }) => Promise<unknown>) | undefined;
}

/** A file that was put aside. */
export interface Rotated {
  /** The path of the log. */
  from: string;
  /** Where the file is now. */
  to: string;
}

/** Another file in the place of the stream's. */
export interface Reopened {
  /** The path of the stream. */
  path: string | Buffer;
  /** The descriptor of the file. */
  fd: number;
}

/** A file could not be put aside, compressed or archived. */
export interface LogFailure {
  /** Which one. */
  file: string;
  /** Why. */
  error: Error;
  /** How often in a row that was. */
  attempt: number;
}

/** Functions with the parameters of those in `node:fs`. */
export interface WriteStreamFunctions {
  open?: AnyFunction;
  write: AnyFunction;
  writev?: AnyFunction;
  fsync?: AnyFunction;
  close?: AnyFunction;
}

/** The events of a {@link WriteStream} and the arguments their listeners get. */
export interface WriteStreamEventMap {
  /** A file that was put aside is archived, and removed. */
  archive: [archived: { file: string }];
  /** A file that was put aside could not be compressed or archived; it is tried again. */
  archiveError: [failure: LogFailure];
  /** The descriptor is closed and no more events come. */
  close: [];
  /** It is time to write again after `write()` returned `false`. */
  drain: [];
  /** Writes beyond `maxBuffered` were dropped; at most once a turn of the event loop. */
  drop: [dropped: Dropped];
  /** Opening, writing, flushing or closing failed; a system error carries `code` and `errno`. */
  error: [error: Error];
  /** All bytes have reached the operating system, and the disk with `flush: true`. */
  finish: [];
  /** The file is open; the argument is its descriptor. */
  open: [fd: number];
  /** A readable stream begins to pipe into this one. */
  pipe: [source: Readable];
  /** The stream is ready to use, directly after `open`. */
  ready: [];
  /** With `retry`: the system has taken what it had refused. */
  recover: [];
  /** With `retry`: the system refuses bytes, which wait and are tried again. */
  stall: [stall: Stall];
  /** Another file is open, by `reopen()` or `follow`. */
  reopen: [reopened: Reopened];
  /** `follow` could not open the path; the old file goes on, and the next look tries again. */
  reopenError: [failure: { path: string | Buffer; error: Error }];
  /** The file was put aside, and a new one is open. */
  rotate: [rotated: Rotated];
  /** It could not be put aside; the old one goes on, and it is tried again. */
  rotateError: [failure: LogFailure];
  /** A readable stream no longer pipes into this one. */
  unpipe: [source: Readable];
}

type Listener<E extends keyof WriteStreamEventMap> = (...args: WriteStreamEventMap[E]) => void;

// biome-ignore lint/suspicious/noExplicitAny: the parameters are the user's own.
type AnyFunction = (...args: any[]) => any;

/**
 * A true `stream.Writable` that writes to a file, with the contract of `fs.WriteStream`. The
 * callback of a `write()` runs after its bytes have reached the operating system.
 */
export class WriteStream extends NodeWritable {
  /**
   * Does what {@link createWriteStream} does.
   * @param path The file; ignored where `options.fd` is given.
   * @param options The options, or the encoding alone.
   */
  constructor(path: PathLike, options?: BufferEncoding | WriteStreamOptions | null);

  /** How many bytes the operating system has taken so far; bytes that still wait do not count. */
  readonly bytesWritten: number;

  /** The first argument of {@link createWriteStream}; a file URL has become its path. */
  path: string | Buffer;

  /**
   * Whether our class does the work. It is false where functions of the program's do it, by way of Node's own
   * class; an option that this class does not have then throws `ERR_RUSHWRITE_UNSUPPORTED`. With
   * `NODE_DEBUG=rushwrite` in the environment stderr says why.
   */
  readonly isNative: boolean;

  /** Whether the file is still to be opened, that is, `ready` has not come yet. */
  readonly pending: boolean;

  /** The file descriptor, or `null` before `open` and after closing. */
  fd: number | null;

  /** The `flags` option. */
  flags: string;

  /** The `mode` option. */
  mode: Mode;

  /** The `start` option, in bytes. */
  start: number | undefined;

  /** The `flush` option. */
  flush: boolean;

  /** The `autoClose` option, which can be changed while the stream is open. */
  autoClose: boolean;

  /**
   * Ends the stream and closes the file.
   * @param callback Runs after `close`, with the error if there was one.
   */
  close(callback?: (error?: NodeJS.ErrnoException | null) => void): void;

  /** Ends the stream, writes what waits, and closes the file. */
  destroySoon(): void;

  /**
   * Goes on in another file: what was written before goes to the old one, what comes later to the one at
   * `path`, behind what is in it. The new one is open before the old one is closed.
   * @param path Where to go on; without it, at the stream's own path, which may name a new file by now.
   * @returns Rejected if the file can not be opened, and the old one goes on; with
   *   `ERR_RUSHWRITE_UNSUPPORTED` if the stream has no path or is `atomic`, `ERR_RUSHWRITE_ENDED` after `end()`,
   *   `ERR_STREAM_DESTROYED` after `destroy()`.
   */
  reopen(path?: PathLike): Promise<Reopened>;

  /**
   * Blocks until the operating system has taken all that was accepted so far, in order: before the
   * file is open it is opened, a write under way is waited for, and what a corked stream holds is
   * written, too. No event is emitted and no callback is called meanwhile; they come later. Throws
   * the error of a stream that failed, `ERR_STREAM_DESTROYED` if it was destroyed before it finished,
   * {@link FlushTimeoutError} when the time is over, and `ERR_RUSHWRITE_UNSUPPORTED` where Node's own
   * class does the work.
   * @param options How long to wait.
   */
  flushSync(options?: FlushOptions): void;

  /**
   * Resolves when every byte that was accepted before the call is on the device, with `fdatasync` or, with
   * `metadata`, `fsync`; on macOS with F_FULLFSYNC. It may be called before the file is open. Calls that come
   * while one is made share the next; those of one tick get the same promise. The first one syncs the
   * folder of a path that may be new, too, and those that `mkdir` has made. `finish` waits for it.
   *
   * Rejected, once, with the error of a stream that fails, which a failed sync makes of it; with the reason of
   * `destroy()`, or `ERR_STREAM_DESTROYED`; with `ERR_STREAM_WRITE_AFTER_END` after `end()`; with
   * `ERR_RUSHWRITE_UNSUPPORTED` for pipes, terminals and the like, and where Node's own class does the work.
   * @param options What is synced.
   */
  sync(options?: SyncOptions): Promise<void>;

  /**
   * What the stream has done so far. Costs less than a microsecond. Throws `ERR_RUSHWRITE_UNSUPPORTED` where
   * Node's own class does the work.
   */
  stats(): Stats;

  addListener<E extends keyof WriteStreamEventMap>(event: E, listener: Listener<E>): this;
  addListener(event: string | symbol, listener: AnyFunction): this;
  on<E extends keyof WriteStreamEventMap>(event: E, listener: Listener<E>): this;
  on(event: string | symbol, listener: AnyFunction): this;
  once<E extends keyof WriteStreamEventMap>(event: E, listener: Listener<E>): this;
  once(event: string | symbol, listener: AnyFunction): this;
  prependListener<E extends keyof WriteStreamEventMap>(event: E, listener: Listener<E>): this;
  prependListener(event: string | symbol, listener: AnyFunction): this;
  prependOnceListener<E extends keyof WriteStreamEventMap>(event: E, listener: Listener<E>): this;
  prependOnceListener(event: string | symbol, listener: AnyFunction): this;
  off<E extends keyof WriteStreamEventMap>(event: E, listener: Listener<E>): this;
  off(event: string | symbol, listener: AnyFunction): this;
  removeListener<E extends keyof WriteStreamEventMap>(event: E, listener: Listener<E>): this;
  removeListener(event: string | symbol, listener: AnyFunction): this;
  emit<E extends keyof WriteStreamEventMap>(event: E, ...args: WriteStreamEventMap[E]): boolean;
  emit(event: string | symbol, ...args: unknown[]): boolean;
}

/**
 * Opens a file and returns a stream that writes to it: `fs.createWriteStream` on a buffer that Rust
 * owns. Bytes are taken at once, before the file is open.
 * @param path The file, as a string, as a Buffer of any bytes, or as a file URL. Throws
 *   `ERR_INVALID_ARG_TYPE` for anything else, `ERR_INVALID_ARG_VALUE` for a path with a NUL byte,
 *   `ERR_INVALID_URL_SCHEME` for a URL of another kind.
 * @param options The options, or the encoding alone. A bad option throws the code named with it.
 */
export function createWriteStream(
  path: PathLike,
  options?: BufferEncoding | WriteStreamOptions | null,
): WriteStream;

/** What a {@link Socket} takes besides the options of `net.Socket`. */
export interface SocketBufferOptions extends GuaranteeOptions {
  /**
   * How many bytes the Rust buffer may hold; 0 makes every write wait for its system call. Throws
   * `ERR_INVALID_ARG_TYPE` unless it is a number, `ERR_OUT_OF_RANGE` unless it is an integer from 0
   * to 1073741823 (1 GiB less a byte).
   * @default 262144 (256 KiB)
   */
  bufferSize?: number | undefined;
}

/** What the constructor of {@link Socket} takes: the options of `net.Socket`, and `bufferSize`. */
export type SocketOptions = SocketConstructorOpts & SocketBufferOptions;

/** What {@link connect} takes: the options of `net.connect`, and `bufferSize`. */
export type ConnectOptions = (TcpNetConnectOpts | IpcNetConnectOpts) & SocketBufferOptions;

/**
 * A `net.Socket` whose write side is the Rust-owned buffer: small writes of one turn share a system
 * call, and what the system does not take at once is written by a task of Rust's. Connecting,
 * reading, timeouts and all else is Node's own, but names are looked up off libuv's pool, unless there
 * is a `lookup` function or `dns.lookup` was replaced. The callback of a `write()` runs after its bytes
 * have reached the operating system. On Windows, Node writes as well.
 */
export class Socket extends NodeSocket {
  /** @param options The options of `net.Socket`, and `bufferSize`; a bad one throws Node's code. */
  constructor(options?: SocketOptions);

  /** Whether our class writes, or will when the socket is connected. False where Node does. */
  readonly isNative: boolean;

  /**
   * Blocks until the operating system has taken all that was accepted so far, in order. No event is
   * emitted and no callback is called meanwhile; they come later. Throws the error of a socket that
   * failed, `ERR_STREAM_DESTROYED` if it was destroyed before it finished, {@link FlushTimeoutError}
   * when the time is over, and `ERR_RUSHWRITE_UNSUPPORTED` for a socket that holds bytes and is not
   * connected yet, or whose bytes Node writes.
   * @param options How long to wait.
   */
  flushSync(options?: FlushOptions): void;

  /** What the write side has done so far; zeros before it is connected, or where Node writes. */
  stats(): Stats;
}

/**
 * Makes a {@link Socket} and connects it, as `net.connect` does: to a TCP port or to a unix domain
 * socket. Errors of connecting are `error` events, bad arguments throw as in `net.connect`.
 * @param options Where to connect to, and how.
 * @param connectionListener Listens to the first `connect`.
 */
export function connect(options: ConnectOptions, connectionListener?: () => void): Socket;
/**
 * @param port The TCP port.
 * @param host The host's name or address.
 * @param connectionListener Listens to the first `connect`.
 */
export function connect(port: number, host?: string, connectionListener?: () => void): Socket;
export function connect(port: number, connectionListener?: () => void): Socket;
/**
 * @param path The unix domain socket.
 * @param connectionListener Listens to the first `connect`.
 */
export function connect(path: string, connectionListener?: () => void): Socket;

/** The same function as {@link connect}, under its other name in `node:net`. */
export const createConnection: typeof connect;

/** What {@link createServer} takes: the options of `net.createServer`, and those of {@link Socket} for the
 * sockets that the server accepts. */
export type ServerOptions = ServerOpts & SocketBufferOptions;

/**
 * A `net.Server` whose accepted sockets are of the class {@link Socket}. Listening, accepting, counting and
 * dropping is Node's own.
 */
export class Server extends NodeServer {
  /**
   * @param options The options; a bad one throws Node's code.
   * @param connectionListener Listens to `connection`.
   */
  constructor(options?: ServerOptions, connectionListener?: (socket: Socket) => void);
  constructor(connectionListener?: (socket: Socket) => void);

  addListener(event: 'connection', listener: (socket: Socket) => void): this;
  addListener(event: string, listener: AnyFunction): this;
  on(event: 'connection', listener: (socket: Socket) => void): this;
  on(event: string, listener: AnyFunction): this;
  once(event: 'connection', listener: (socket: Socket) => void): this;
  once(event: string, listener: AnyFunction): this;
  prependListener(event: 'connection', listener: (socket: Socket) => void): this;
  prependListener(event: string, listener: AnyFunction): this;
  prependOnceListener(event: 'connection', listener: (socket: Socket) => void): this;
  prependOnceListener(event: string, listener: AnyFunction): this;
}

/**
 * Makes a {@link Server}, as `net.createServer` does.
 * @param options The options; a bad one throws Node's code.
 * @param connectionListener Listens to `connection`.
 */
export function createServer(
  options?: ServerOptions,
  connectionListener?: (socket: Socket) => void,
): Server;
/** @param connectionListener Listens to `connection`. */
export function createServer(connectionListener?: (socket: Socket) => void): Server;

/**
 * Makes a connected `net.Socket` of Node's, such as one that another server has accepted, a
 * {@link Socket}: the same object, with what it has read, its listeners, its timeout and its place in the
 * count of its server. One that is ours already stays as it is.
 * @param socket Throws `ERR_INVALID_ARG_TYPE` unless it is a `net.Socket`, and `ERR_RUSHWRITE_UNSUPPORTED` for a
 *   subclass (such as a TLS socket), a socket that is not connected, and one with bytes waiting.
 * @param options For the socket; an invalid one throws the code that its description names.
 * @returns The same object.
 */
export function adopt(socket: NodeSocket, options?: SocketBufferOptions): Socket;

/**
 * Does for every stream of this thread, files and sockets, what their `flushSync()` does, under one
 * deadline. Streams that fail or time out throw nothing; they tell it in their own way.
 * @param timeout How long to wait, in milliseconds, 5000 by default; an integer from 0 to 2147483647,
 *   else `ERR_INVALID_ARG_TYPE` or `ERR_OUT_OF_RANGE` is thrown.
 * @returns How many bytes were not written.
 */
export function flushAllSync(timeout?: number): number;

/** What {@link Writable} takes besides the options of `stream.Writable`. */
export interface BatchOptions {
  /**
   * How many bytes a batch has. `_write` then gets Buffers of exactly that size, but for the last one and
   * for those that `batchDelay` or `flush()` cuts. 0: no batches, the class is that of `node:stream`.
   * `objectMode` is refused with batches (`ERR_INVALID_ARG_VALUE`). Throws `ERR_INVALID_ARG_TYPE` unless
   * it is a number, `ERR_OUT_OF_RANGE` unless it is an integer from 0 to 2147483647.
   * @default 0
   */
  batchSize?: number | undefined;

  /**
   * How long a batch that is not full waits for more, in milliseconds from its first byte. Without it, or
   * with 0, until the end of the turn of the event loop; with `Infinity` until it is full or the stream is
   * ended or flushed. Throws `ERR_INVALID_ARG_TYPE` unless it is a number, `ERR_OUT_OF_RANGE` unless it is
   * `Infinity` or an integer from 0 to 2147483647.
   * @default undefined: the end of the turn
   */
  batchDelay?: number | undefined;

  /**
   * How many batches may be under way: `_write` is called again before the callback of the last call, but
   * for this many times. Throws `ERR_INVALID_ARG_TYPE` unless it is a number, `ERR_OUT_OF_RANGE` unless it
   * is an integer from 1 to 65536.
   * @default 1
   */
  concurrency?: number | undefined;
}

/** The options of `stream.Writable`, and {@link BatchOptions}. */
export type BatchedWritableOptions = WritableOptions<Writable> & BatchOptions;

/**
 * `stream.Writable` for sinks of one's own, which gathers small chunks into batches if `batchSize` is given.
 * A subclass has `_write(chunk, encoding, callback)`, as with Node's class. With `batchSize` its chunks are batches:
 * the Buffer is the subclass's until it calls back, and is empty (detached) from then on, since its memory
 * is used again. Give a copy to a client that calls back before it is done with the bytes. Write callbacks run in order, each when the batch with its last byte is done; a batch
 * that fails fails all writes behind it. `write()` returns `false` when `concurrency + 1` batches are full.
 */
export class Writable extends NodeWritable {
  /** @param options The options of `stream.Writable`, and {@link BatchOptions}. */
  constructor(options?: BatchedWritableOptions);

  /**
   * Hands the gathered bytes over, without waiting for a full batch.
   * @returns Resolves when all that was written before is done; rejects with the error of the stream, or
   *   with `ERR_STREAM_DESTROYED`. What is corked waits for `uncork()`.
   */
  flush(): Promise<void>;
}

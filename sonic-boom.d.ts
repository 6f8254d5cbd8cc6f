/// <reference types="node" />

/**
 * The class of the package sonic-boom on a buffer that Rust owns: `require('rushwrite/sonic-boom')`.
 * @module rushwrite/sonic-boom
 */

import { EventEmitter } from 'node:events';
import type { Mode } from 'node:fs';

/**
 * SonicBoom 5's class: `ready`, `drain`, `write`, `drop`, `finish`, `close` and `error` are its events.
 */
declare class SonicBoom extends EventEmitter {
  /** @param options Where to write to, and how. Bad ones throw SonicBoom's errors. */
  constructor(options: SonicBoom.SonicBoomOpts);

  /** The descriptor, or -1 before `ready`. */
  fd: number;
  /** The path, or null where a descriptor was given or the file is not open. */
  file: string | null;
  /** Whether the stream is closed or about to be. */
  readonly destroyed: boolean;

  /**
   * Writes a line.
   * @returns False if it is time to wait for `drain`.
   */
  write(data: string | Buffer): boolean;

  /**
   * Writes what waits for `minLength`.
   * @param callback Runs when all is written, and synced where that is possible.
   */
  flush(callback?: ((error?: Error) => unknown) | null): void;

  /** Writes, before it returns, all that waits; also before the file is open. */
  flushSync(): void;

  /**
   * Goes on in another file; `ready` tells when.
   * @param file Its path; without it, the file that has the path of this one.
   */
  reopen(file?: string): void;

  /** Writes what waits, then closes; `finish` and `close` follow. */
  end(): void;

  /** Closes. What was accepted is written as far as the system takes it at once. */
  destroy(): void;
}

declare namespace SonicBoom {
  /** What a {@link SonicBoom} takes: the options of SonicBoom 5. */
  export interface SonicBoomOpts {
    /** A descriptor that is open, or a path. One of `fd` and `dest` is needed. */
    fd?: number | string | undefined;
    /** The same. */
    dest?: number | string | undefined;
    /**
     * How many bytes may wait at most. A write beyond is dropped and told by `drop`.
     * @default 0, which is no limit
     */
    maxLength?: number | undefined;
    /**
     * How many UTF-16 units, or bytes, are gathered before they are written.
     * @default 0
     */
    minLength?: number | undefined;
    /**
     * Only compared with `minLength`: how much goes to the system at a time is chosen here.
     * @default 16384
     */
    maxWrite?: number | undefined;
    /**
     * After how many milliseconds what waits for `minLength` is written.
     * @default 0, which is never
     */
    periodicFlush?: number | undefined;
    /**
     * Whether the system has a line when `write()` returns.
     * @default false
     */
    sync?: boolean | undefined;
    /**
     * Whether each write is followed by fsync.
     * @default false
     */
    fsync?: boolean | undefined;
    /**
     * Whether to write behind what is in the file, not in its place.
     * @default true
     */
    append?: boolean | undefined;
    /** The permission bits of a file that is made. */
    mode?: Mode | undefined;
    /**
     * Whether folders that are missing are made.
     * @default false
     */
    mkdir?: boolean | undefined;
    /**
     * Whether Buffers are written, instead of strings.
     * @default 'utf8'
     */
    contentMode?: 'buffer' | 'utf8' | undefined;
    /** Never called: a pipe that is full is waited for. */
    retryEAGAIN?:
      | ((error: Error, writeBufferLength: number, remainingBufferLength: number) => boolean)
      | undefined;
  }

  export { SonicBoom, SonicBoom as default };
}

export = SonicBoom;

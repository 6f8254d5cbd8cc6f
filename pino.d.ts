/// <reference types="node" />

/**
 * A transport for pino: `pino({ transport: { target: 'rushwrite/pino', options: { file: 'app.log' } } })`.
 * @module rushwrite/pino
 */

import type { Mode } from 'node:fs';
import type { RotateOptions, WriteStream } from './index.js';

/**
 * Called by pino in the thread of the transport.
 * @param options Where to write to, and how.
 */
declare function transport(options: transport.TransportOptions): Promise<WriteStream>;

declare namespace transport {
  /** The options of the transport. */
  export interface TransportOptions {
    /** The path of the log. One of `file` and `destination` is needed. */
    file?: string | undefined;
    /** The same. */
    destination?: string | undefined;
    /**
     * Whether folders that are missing are made.
     * @default false
     */
    mkdir?: boolean | undefined;
    /**
     * Whether to write behind what is in the file.
     * @default true
     */
    append?: boolean | undefined;
    /** The permission bits of a file that is made. */
    mode?: Mode | undefined;
    /** As for `createWriteStream()`, without functions: these options go to another thread. */
    rotate?: Omit<RotateOptions, 'archive'> | undefined;
    /** As for `createWriteStream()`. */
    follow?: boolean | number | undefined;
    /**
     * Short for `durability: 'written'`.
     * @default false
     */
    sync?: boolean | undefined;
    /**
     * Where records are when the transport takes the next ones: in its buffer, with the system, or on the
     * device.
     * @default 'buffered'
     */
    durability?: 'buffered' | 'written' | 'synced' | undefined;
  }
}

export = transport;

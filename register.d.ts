/**
 * Node's own streams made ours: `node -r rushwrite/register`.
 * @module rushwrite/register
 */

/**
 * Makes `fs.createWriteStream`, `fs.WriteStream`, `fs.FileWriteStream`, the same names of
 * `import … from 'node:fs'`, and `createWriteStream` of FileHandles those of rushwrite. Loading this
 * module does it already. It does nothing while they are in place, nor where the environment has
 * `RUSHWRITE_DISABLE=1`. With `RUSHWRITE_STDIO=1` it also gathers what is written to `process.stdout`
 * where that is a pipe or a file, and `process.stdout` and `process.stderr` are complete at the exit.
 */
export function register(): void;

/** Puts Node's own back. Streams that exist go on as they are. */
export function unregister(): void;

// The types of logs: rotation, the class of sonic-boom, the transport for pino.

import { createWriteStream, type Rotated, type RotateOptions } from 'rushwrite';
import transport from 'rushwrite/pino';
import SonicBoom, { SonicBoom as Named, type SonicBoomOpts } from 'rushwrite/sonic-boom';

const rotate: RotateOptions = {
  size: 10_000_000,
  interval: 'day',
  keep: { files: 7, bytes: 1e9 },
  compress: 'gzip',
  archive: async (file, { signal }) => void [file.length, signal.aborted],
};
const stream = createWriteStream('app.log', { rotate, follow: 500 });
stream.on('rotate', ({ from, to }: Rotated) => [from, to].join());
stream.on('archiveError', ({ file, error, attempt }) => [file, error.message, attempt]);
const { fd }: { fd: number } = await stream.reopen('other.log');

const options: SonicBoomOpts = { dest: 'app.log', sync: false, minLength: 4096 };
const sonic: SonicBoom = new SonicBoom(options);
const named: Named = new Named({ fd });
const isRoom: boolean = sonic.write('line\n');
named.flush((error) => error?.message);
sonic.reopen();
void isRoom;

const written = await transport({ file: 'app.log', mkdir: true, durability: 'synced' });
written.end();

// @ts-expect-error There is no such interval.
createWriteStream('app.log', { rotate: { interval: 'week' } });
// @ts-expect-error Functions do not go to another thread.
await transport({ file: 'app.log', rotate: { size: 1, archive: async () => {} } });
// @ts-expect-error There is nowhere to write to.
new SonicBoom();

// The entry of the `keyfold` command: the process's streams and environment, and an exit code.
import { constants, fstatSync, readFileSync, statSync } from 'node:fs';
import { run } from './cli/program.ts';

const { argv, env, stdin, stdout, stderr } = process;
const args = argv.slice(2);

/** Why standard output took no more. A reader that has seen enough (`| head`) ends nothing: what it does not take is dropped. */
let lost: NodeJS.ErrnoException | null = null;
stdout.on('error', (error: NodeJS.ErrnoException) => {
  lost ??= error;
});
stderr.on('error', () => undefined); // there is nobody left to tell

const code = await run(args, {
  io: { env, stdin, stdout, stderr, stdoutClosed },
  serve: async (settings, print) => (await import('./run.ts')).run(settings, print),
});
await new Promise((resolve) => stdout.write('', resolve));
await new Promise(setImmediate);

// Help, and where a service is to be found, may go unread; a result that nobody got is no success.
const result = args[0] !== 'serve' && !args.includes('--help') && !args.includes('-h');
process.exitCode = code === 0 && result && failure() !== null ? 1 : code;

function failure(): NodeJS.ErrnoException | null {
  if (lost !== null && lost.code !== 'EPIPE')
    stderr.write(`standard output could not be written (${lost.code ?? lost.name}): what it should say is lost\n`);
  return lost;
}

/** Node opens /dev/null, for reading and writing, where it finds a standard stream closed; `> /dev/null` only writes. */
function stdoutClosed(): boolean {
  try {
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync('/proc/self/fdinfo/1', 'utf8'))?.[1] ?? '0';
    return fstatSync(1).rdev === statSync('/dev/null').rdev && (Number.parseInt(flags, 8) & constants.O_RDWR) !== 0;
  } catch {
    return false; // not on Linux
  }
}

// The entry of the `keyfold` command: the process's streams and environment, and an exit code.
import { run } from './cli/program.ts';

// A reader that has seen enough (`| head`) ends nothing here: what it does not take is dropped.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  io: { env: process.env, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  serve: async (settings, print) => (await import('./run.ts')).run(settings, print),
});

// The `keyfold` command in this process: the same program on streams in memory.
import { PassThrough, Readable } from 'node:stream';
import { run } from '../../services/cli/program.ts';
import type { Serve } from '../../services/cli/serve.ts';
import type { CommandResult, Environment } from './processes.ts';

/** Runs one command line to its end; `serve` starts nothing unless the test says what. */
export async function cli(
  args: readonly string[],
  env: Environment,
  stdin = '',
  serve: Serve = () => Promise.reject(new Error('not here')),
): Promise<CommandResult> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await run(args, {
    io: { env, stdin: Readable.from([Buffer.from(stdin)]), stdout, stderr },
    serve,
  });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

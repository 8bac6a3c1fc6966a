// A server process that tests hold: started, frozen, killed, restarted and stopped by its own pid.
// Nothing outlives the process that started it, unless that one is killed with -9.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

export interface ServerProcess {
  readonly pid: () => number;
  /** Stops it from running (SIGSTOP); connections stay open. */
  freeze(): void;
  /** Lets a frozen one go on (SIGCONT). */
  thaw(): void;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again with the same arguments, and waits until it is ready. Kills it first if it runs. */
  restart(): Promise<void>;
}

export interface ServerCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Besides this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** File that takes what it prints; its end is shown when the start fails. */
  readonly logFile: string;
  /** Resolves once the server answers; rejects while it does not. Asked again until then. */
  readonly ready: () => Promise<void>;
  readonly timeoutMs?: number;
}

const RETRY_MS = 100;

/** Starts a server and waits until it is ready. */
export async function startServer(options: ServerCommand): Promise<ServerProcess> {
  let child = await launch(options);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    pid: () => child.pid ?? -1,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill,
    restart: async () => {
      await kill();
      child = await launch(options);
    },
  };
}

async function launch({
  name,
  command,
  args,
  env = {},
  logFile,
  ready,
  timeoutMs = 60_000,
}: ServerCommand): Promise<ChildProcess> {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
  closeSync(log);
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => {
    process.off('exit', killAtExit);
    ended ??= `it ended with ${signal ?? `code ${code ?? '?'}`}`;
  });
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const problem = await ready().then(() => undefined, String);
    if (problem === undefined && ended === undefined) return child;
    if (ended !== undefined || Date.now() > deadline) {
      child.kill('SIGKILL');
      const tail = readFileSync(logFile, 'utf8').slice(-2000);
      throw new Error(
        `${name} did not start: ${ended ?? `not ready after ${timeoutMs} ms: ${problem ?? ''}`}\n${tail}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** A TCP port on 127.0.0.1 that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return address.port;
}

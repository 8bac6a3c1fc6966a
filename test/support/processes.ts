// Real processes of Keyfold, as a user starts them: `node bin/keyfold.js serve …` in an environment of its own, known by
// pid, frozen, killed and stopped by it. None outlives the process that started it, unless that one is killed with -9.
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'keyfold.js');
/** Bounds a hang, not a start. */
const READY_MS = 120_000;

export type Environment = Readonly<Record<string, string>>;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface KeyfoldProcess {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** The addresses in what it printed so far. */
  urls(): Readonly<Partial<Record<'api' | 'projector' | 'verifier', string>>>;
  /** Resolves once it has said that it is ready; rejects when it ends before. */
  ready(): Promise<void>;
  /** Resolves once what it printed matches; rejects when it ends before. */
  printed(pattern: RegExp): Promise<void>;
  readonly exited: Promise<Exit>;
  hasExited(): boolean;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and waits until it is gone. */
  stop(): Promise<Exit>;
}

/** What a process gets of this one's environment: nothing of Keyfold's. */
export function inherited(): Environment {
  const names = ['PATH', 'HOME', 'TMPDIR', 'XDG_CACHE_HOME'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** Starts `keyfold <args…>`, and does not wait. */
export function startKeyfold(args: readonly string[], env: Environment): KeyfoldProcess {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...inherited(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let exit: Exit | null = null;
  const watchers = new Set<() => void>();
  const notify = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    notify();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    notify();
  });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  // `close`, not `exit`: then everything that it printed has been read.
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      process.off('exit', killAtExit);
      exit = { code, signal };
      resolve(exit);
      notify();
    });
  });

  const printed = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const finish = (end: () => void): void => {
        clearTimeout(timer);
        watchers.delete(look);
        end();
      };
      const fail = (why: string): void =>
        finish(() => reject(new Error(`keyfold ${args.join(' ')}: ${why}\n${stdout}\n${stderr.slice(-4000)}`)));
      const look = (): void => {
        if (pattern.test(stdout) || pattern.test(stderr)) finish(resolve);
        else if (exit) fail(`ended with ${exit.signal ?? `code ${exit.code ?? '?'}`}`);
      };
      const timer = setTimeout(() => fail(`did not print ${String(pattern)} within ${READY_MS} ms`), READY_MS);
      watchers.add(look);
      look();
    });

  return {
    pid: child.pid ?? -1,
    stdout: () => stdout,
    stderr: () => stderr,
    urls: () =>
      Object.fromEntries(
        [...stdout.matchAll(/^ {2}(API|Projector|Verifier) +(http:\/\/[^\s/]+)/gm)].map(([, name = '', url = '']) => [
          name.toLowerCase(),
          url,
        ]),
      ),
    ready: () => printed(/^Keyfold is ready\.$/m),
    printed,
    exited,
    hasExited: () => exit !== null,
    signal: (name) => void child.kill(name),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `keyfold <args…>` to its end. */
export async function runKeyfold(args: readonly string[], env: Environment, stdin = ''): Promise<CommandResult> {
  const running = promisify(execFile)(process.execPath, [BIN, ...args], { env: { ...inherited(), ...env } });
  running.child.stdin?.end(stdin);
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
      if (typeof code !== 'number') throw error;
      return { code, stdout, stderr };
    },
  );
}

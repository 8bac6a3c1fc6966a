// One bash as a reader has it: commands are pasted one block after the other, and variables of a block are there in the
// next. It knows nothing of this process's own Keyfold settings.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inherited, type Environment } from './processes.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const END_OF_BLOCK = '\u001e';

export interface Shell {
  /** Runs a block to its end; answers what it printed on standard output. Rejects when the shell itself ends. */
  run(commands: string): Promise<string>;
  /** All that went to standard error so far. */
  complaints(): string;
  /** All that was printed so far, in order: by what runs in the background, too. */
  printed(): string;
  /** Leaves out what was printed since the last block: the next block's output begins behind it. */
  skip(): void;
  /** Ends the shell as `exit` does; processes in its background are not its children any more. */
  exit(): Promise<void>;
}

/** A shell at the root of the repository. */
export function openShell(env: Environment): Shell {
  const shell = spawn('bash', [], { cwd: ROOT, env: { ...inherited(), ...env }, stdio: 'pipe' });
  let output = '';
  let complaints = '';
  let taken = 0;
  let look = (): void => undefined;
  const closed = once(shell, 'close').then(() => look());
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    look();
  });
  shell.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  return {
    run: (commands) =>
      new Promise((resolve, reject) => {
        look = () => {
          const end = output.indexOf(END_OF_BLOCK, taken);
          if (end >= 0) {
            const block = output.slice(taken, end);
            taken = end + END_OF_BLOCK.length;
            resolve(block);
          } else if (shell.exitCode !== null) {
            reject(new Error(`the shell ended with ${shell.exitCode}:\n${output.slice(taken)}\n${complaints}`));
          }
        };
        if (shell.exitCode === null) shell.stdin.write(`${commands}\nprintf '${END_OF_BLOCK}'\n`);
        else look();
      }),
    complaints: () => complaints,
    printed: () => output.replaceAll(END_OF_BLOCK, ''),
    skip: () => void (taken = output.length),
    async exit() {
      shell.stdin.end('exit\n');
      await closed;
    },
  };
}

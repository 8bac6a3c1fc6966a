// The command as a process: what its surroundings do to it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const BIN = join(import.meta.dirname, '../../bin/keyfold.js');

it('a reader that goes away early is no error: `keyfold … | head` ends in silence', async () => {
  const child = spawn(process.execPath, [BIN, 'keys', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const exit = once(child, 'exit') as Promise<[number]>;
  expect({ said: await text(child.stderr), exit: await exit }).toEqual({ said: '', exit: [0, null] });
});

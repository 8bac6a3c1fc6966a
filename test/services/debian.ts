// Programs of Debian: those of the machine, else the packages, unpacked into a cache folder outside the repository.
// Nothing is installed, so that no right is needed but to fetch the packages' lists where there are none.
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './downloads.ts';

const run = promisify(execFile);

/** The path of nginx. */
export const nginxProgram = (): Promise<string> =>
  program('nginx', ['nginx', 'nginx-common'], 'usr/sbin/nginx', ['-v']);

/** The path of Caddy. */
export const caddyProgram = (): Promise<string> => program('caddy', ['caddy'], 'usr/bin/caddy', ['version']);

/** kcat, a client of Kafka that is not ours: its path, and the environment that it wants. */
export async function kcatProgram(): Promise<{ readonly path: string; readonly env: NodeJS.ProcessEnv }> {
  const path = await program('kcat', ['kcat', 'librdkafka1', 'libyajl2'], 'usr/bin/kcat', ['-V']);
  return { path, env: besideLibraries(join(path, '..', '..', '..')) };
}

/** Finds the libraries that were unpacked with a program. */
function besideLibraries(folder: string): NodeJS.ProcessEnv {
  const machine = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  return { ...process.env, LD_LIBRARY_PATH: join(folder, 'usr', 'lib', `${machine}-linux-gnu`) };
}

async function program(
  name: string,
  packages: readonly string[],
  path: string,
  version: readonly string[],
): Promise<string> {
  const there = await run('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${name}`]).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
  if (there !== '') return there;
  const folder = await cached(`debian-${name}`, `${packages.join(' and ')} (Debian packages)`, async (aside) => {
    const download = (): Promise<unknown> => run('apt-get', ['download', ...packages], { cwd: aside });
    await download().catch(async () => {
      await asRoot(['apt-get', 'update', '-qq']);
      await download();
    });
    for (const file of await readdir(aside)) await run('dpkg', ['-x', join(aside, file), aside]);
    await run(join(aside, path), version, { env: besideLibraries(aside) }); // a library that is missing shows here
  });
  return join(folder, path);
}

async function asRoot([command = '', ...args]: readonly string[]): Promise<void> {
  await (process.getuid?.() === 0 ? run(command, args) : run('sudo', ['-n', command, ...args]));
}

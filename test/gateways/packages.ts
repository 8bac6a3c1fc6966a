// The gateways' programs: those of the machine, else the Debian packages, unpacked into a cache folder outside the
// repository. Nothing is installed, so that no right is needed but to fetch the packages' lists where there are none.
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from '../services/downloads.ts';

const run = promisify(execFile);

/** The path of nginx. */
export const nginxProgram = (): Promise<string> =>
  program('nginx', ['nginx', 'nginx-common'], 'usr/sbin/nginx', ['-v']);

/** The path of Caddy. */
export const caddyProgram = (): Promise<string> => program('caddy', ['caddy'], 'usr/bin/caddy', ['version']);

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
    await run(join(aside, path), version); // a library that is missing shows here
  });
  return join(folder, path);
}

async function asRoot([command = '', ...args]: readonly string[]): Promise<void> {
  await (process.getuid?.() === 0 ? run(command, args) : run('sudo', ['-n', command, ...args]));
}

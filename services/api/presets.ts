// The profiles that ship with Keyfold (`keyspaces/*.yaml`): data that is read once, when an installation is seeded.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Profile } from '../../events/keyspaces/profile.ts';
import { readSource } from '../../events/keyspaces/source.ts';

const EXTENSION = '.yaml';

/** The preset that every installation has. */
export const DEFAULT_PRESET = 'default';

/** Where the presets lie. */
export function presetsFolder(): string {
  // Beside the code, wherever that was compiled to.
  for (let above = import.meta.dirname; above !== dirname(above); above = dirname(above)) {
    const folder = join(above, 'keyspaces');
    if (existsSync(join(folder, `${DEFAULT_PRESET}${EXTENSION}`))) return folder;
  }
  throw new Error('the preset keyspaces are not there: install the package again');
}

/** Reads presets; the default one first. @param which by their slugs, absent: all. */
export async function readPresets(which?: readonly string[]): Promise<readonly Profile[]> {
  const folder = presetsFolder();
  const names = (await readdir(folder))
    .filter((name) => name.endsWith(EXTENSION))
    .map((name) => name.slice(0, -EXTENSION.length));
  const rank = (name: string): string => (name === DEFAULT_PRESET ? '' : name);
  const chosen = names.filter((name) => which?.includes(name) ?? true).toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return Promise.all(
    chosen.map(async (name) => {
      const read = readSource(await readFile(join(folder, `${name}${EXTENSION}`), 'utf8'));
      if (read.ok) return read.profile;
      const problems = read.problems.map(({ path, message }) => `${path.join('.')} ${message}`);
      throw new Error(`the preset ${name} is damaged: ${problems.join('; ')}`);
    }),
  );
}

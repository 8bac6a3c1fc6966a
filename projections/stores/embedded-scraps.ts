// Scraps: what SQLite leaves of rows in pages that it has joined, and of words in the runs of an index, where `secure_delete`
// does not reach. Files that may hold some of what was erased are made anew at the next clean stop.
import type { Statements } from '../../events/logs/sqlite.ts';
import type { Control } from '../read-store.ts';
import type { EmbeddedControl } from './embedded-control.ts';
import type { EmbeddedFile } from './embedded-errors.ts';
import { tableNames } from './embedded-schema.ts';
import { mergeTerms } from './embedded-terms.ts';

/** In counts.db: the files that may hold scraps of what was erased. */
export const SCRAPS_SCHEMA = 'CREATE TABLE IF NOT EXISTS scraps (file TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;';

/** Files whose rows hold what erasure blanks. */
const FILES = ['counts.db', 'read.db'] as const;

/** Called before anything is blanked, so that a crash in between is mended by the stop after it. */
export async function noteScraps(counts: Statements): Promise<void> {
  await counts.run('INSERT INTO scraps (file) SELECT value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING', [
    JSON.stringify(FILES),
  ]);
}

/**
 * Makes marked files anew. Where that fails, as on a full disk, they stay marked.
 *
 * @param control the generations that read.db has.
 */
export async function clearScraps(
  files: Readonly<Record<(typeof FILES)[number], EmbeddedFile>>,
  control: Pick<EmbeddedControl, 'current'>,
): Promise<void> {
  const counts = files['counts.db'];
  for (const name of FILES) {
    const isMarked = await counts.get('SELECT 1 FROM scraps WHERE file = ?', [name]).catch(() => undefined);
    if (!isMarked) continue;
    try {
      if (name === 'read.db') await mergeAllTerms(files[name], await control.current());
      await files[name].all('VACUUM');
      await counts.run('DELETE FROM scraps WHERE file = ?', [name]);
    } catch {
      // Tried again by the next clean stop.
    }
  }
}

async function mergeAllTerms(db: EmbeddedFile, { generations }: Control): Promise<void> {
  for (const { id, status } of generations) if (status !== 'dropped') await db.all(mergeTerms(tableNames(id)));
}

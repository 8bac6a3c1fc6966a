// Scraps: what SQLite leaves of rows in pages that it has joined, where `secure_delete` does not reach. Files that may hold
// some of what was erased are made anew at the next clean stop.
import type { Statements } from '../../events/logs/sqlite.ts';
import type { EmbeddedFile } from './embedded-errors.ts';

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

/** Makes marked files anew. Where that fails, as on a full disk, they stay marked. */
export async function clearScraps(files: Readonly<Record<(typeof FILES)[number], EmbeddedFile>>): Promise<void> {
  const counts = files['counts.db'];
  for (const name of FILES) {
    const isMarked = await counts.get('SELECT 1 FROM scraps WHERE file = ?', [name]).catch(() => undefined);
    if (!isMarked) continue;
    await files[name]
      .all('VACUUM')
      .then(() => counts.run('DELETE FROM scraps WHERE file = ?', [name]))
      .catch(() => undefined);
  }
}

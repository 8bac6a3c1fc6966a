// The embedded read store: one SQLite file, read.db, held by this process, with one queue for all that is asked of it.
// A batch is one transaction; what is acknowledged is on disk (P2, P4).
import { join } from 'node:path';
import { openSqlite, type Sqlite } from '../../events/logs/sqlite.ts';
import type { GenerationId, GenerationView, GenerationWriter, ReadStore } from '../read-store.ts';
import { embeddedApply } from './embedded-apply.ts';
import * as control from './embedded-control.ts';
import { embeddedErrors } from './embedded-errors.ts';
import { embeddedDataKeys, embeddedParked } from './embedded-outside.ts';
import { COMMON_SCHEMA } from './embedded-schema.ts';
import { embeddedTables } from './embedded-tables.ts';
import { generationIn, readLive, whileThere } from './generations.ts';
import { createListeners } from './listeners.ts';
import { generationView, readKeys, readKeyspaces } from './view.ts';

export interface OpenEmbeddedStoreOptions {
  /** The folder that holds `read.db`. */
  readonly directory: string;
  /** ISO time at which a new store's first generation is made. */
  readonly now: string;
  /** An upper bound of the file, in pages of 4 KiB. */
  readonly maxPageCount?: number;
}

/** A batch touches pages all over its indexes: they are kept in memory, and written back every 40 MB, not every 4. */
const PRAGMAS = ['cache_size = -65536', 'wal_autocheckpoint = 10000'];

/**
 * Opens the store, creating it when absent.
 *
 * @throws `StorageError` of events/logs/sqlite-errors.ts: the file is in use, damaged, or cannot be written.
 */
export async function openEmbeddedStore({
  directory,
  now,
  maxPageCount,
}: OpenEmbeddedStoreOptions): Promise<ReadStore> {
  const file = join(directory, 'read.db');
  const sqlite = await openSqlite({
    file,
    schema: COMMON_SCHEMA,
    ...(maxPageCount === undefined ? {} : { maxPageCount }),
  });
  try {
    for (const pragma of PRAGMAS) await sqlite.all(`PRAGMA ${pragma}`);
    await control.ensureControl(sqlite, now);
  } catch (error) {
    await sqlite.close();
    throw error;
  }
  return embeddedStore(embeddedErrors(sqlite));
}

function embeddedStore(db: Sqlite): ReadStore {
  const listeners = createListeners();
  const readControl = () => control.readControl(db);
  const viewOf = (id: GenerationId, checkpoint: GenerationView['checkpoint']) =>
    generationView(id, checkpoint, embeddedTables(db, id));

  function writer(id: GenerationId): GenerationWriter {
    const own = embeddedTables(db, id);
    const apply = embeddedApply(db, id);
    return {
      id,
      checkpoint: async () => generationIn(await readControl(), id).checkpoint,
      keys: (ids) => whileThere(readControl, id, () => readKeys(own, ids)),
      keyspaces: () => whileThere(readControl, id, () => readKeyspaces(own)),
      apply: async (writes, checkpoint) => {
        const outcome = await apply(writes, checkpoint);
        if (outcome === 'applied') listeners.call();
        return outcome;
      },
    };
  }

  return {
    control: readControl,
    read: (work) => readLive(readControl, ({ id, checkpoint }) => viewOf(id, checkpoint), work),
    view: async (id) => viewOf(id, generationIn(await readControl(), id).checkpoint),
    writer,
    createGeneration: (now) => control.createGeneration(db, now),
    switchGeneration: (from, to) => control.switchGeneration(db, from, to),
    failGeneration: (id, failure) => control.failGeneration(db, id, failure),
    dropGeneration: (id) => control.dropGeneration(db, id),
    dataKeys: embeddedDataKeys(db),
    parked: embeddedParked(db),
    onApply: (listener) => listeners.add(listener),
    ping: async () => {
      await db.get('SELECT 1 AS one');
    },
    close: () => db.close(),
  };
}

// The embedded read store: four SQLite files, held by this process, each with one queue for all that is asked of it (P4).
// read.db has the generations: a batch and its checkpoint are one transaction, which the log can give back, so it is not
// synced. kept.db and counts.db have what lies outside generations and cannot be given back: keys and the like, and usage.
// These are on disk before they are acknowledged, and so is sessions.db: who is signed in, which no backup has.
import { join } from 'node:path';
import type { CopySource } from '../../events/file-copies.ts';
import type { StorageError } from '../../events/logs/sqlite-errors.ts';
import { sqliteCopySource } from '../../events/logs/sqlite-copy.ts';
import { openSqlite, type OpenSqliteOptions, type Sqlite } from '../../events/logs/sqlite.ts';
import type { GenerationId, GenerationView, GenerationWriter, ReadStore } from '../read-store.ts';
import type { ReadRecords } from '../reads.ts';
import type { Sessions } from '../sessions.ts';
import type { UsageStore } from '../usage.ts';
import { embeddedApply } from './embedded-apply.ts';
import { CHECKPOINT_SCHEMA, embeddedCheckpoints } from './embedded-checkpoints.ts';
import { embeddedChecks } from './embedded-checks.ts';
import { openControl, type EmbeddedControl } from './embedded-control.ts';
import { embeddedErrors, type EmbeddedFile } from './embedded-errors.ts';
import { keepLayout } from './embedded-layout.ts';
import { openEmbeddedLimits, type EmbeddedLimits, type LimitClocks } from './embedded-limits.ts';
import { embeddedNotice } from './embedded-notice.ts';
import { embeddedOperations } from './embedded-operations.ts';
import { addDestroyedAt, embeddedDataKeys, embeddedParked } from './embedded-outside.ts';
import { embeddedPublication, PUBLICATION_SCHEMA } from './embedded-publication.ts';
import { clearScraps } from './embedded-scraps.ts';
import { CONTROL_SCHEMA, KEPT_SCHEMA } from './embedded-schema.ts';
import { embeddedReads, READS_SCHEMA } from './embedded-reads.ts';
import { embeddedSessions, SESSIONS_SCHEMA } from './embedded-sessions.ts';
import { embeddedUsage, USAGE_SCHEMA } from './embedded-usage.ts';
import { embeddedTables } from './embedded-tables.ts';
import { embeddedWraps } from './embedded-wraps.ts';
import { generationIn, readLive, whileThere } from './generations.ts';
import { createListeners } from './listeners.ts';
import { memoryLeases } from './memory-leases.ts';
import type { UsageStep } from './usage-record.ts';
import { generationView, readKeys, readKeyspaces } from './view.ts';

export interface OpenEmbeddedStoreOptions {
  /** The folder that holds `read.db`, `kept.db`, `counts.db` and `sessions.db`. */
  readonly directory: string;
  /** ISO time at which a new store's first generation is made. */
  readonly now: string;
  /** An upper bound of each file, in pages of 4 KiB. */
  readonly maxPageCount?: number;
  /** Called when a file turns out to be damaged while it is used: the store is of no use any more. */
  readonly onDamaged?: (error: StorageError) => void;
  /** For tests of crashes: called after each step of a batch of usage. */
  readonly afterUsageStep?: (step: UsageStep) => void;
  /** Called when the read models that were found are of another version's layout: they are made again from the log. */
  readonly onRemade?: () => void;
  /** What rate limits are counted by; the process's own unless given. */
  readonly clocks?: LimitClocks;
}

/** A batch touches pages all over its indexes: they are kept in memory, and written back every 128 MB, not every 4. */
const PRAGMAS = ['cache_size = -65536', 'wal_autocheckpoint = 32768'];
const SIGN_IN_AGAIN = 'Remove it, and its -wal: whoever was signed in signs in again.';
const REMOVE = 'Remove it, and its -wal: it is made again from the log.';

/**
 * Opens the store, creating it when absent.
 *
 * @throws `StorageError` of events/logs/sqlite-errors.ts: the file is in use, damaged, or cannot be written.
 */
export async function openEmbeddedStore({
  directory,
  now,
  maxPageCount,
  onDamaged,
  onRemade,
  clocks,
  afterUsageStep,
}: OpenEmbeddedStoreOptions): Promise<ReadStore> {
  const opened: Sqlite[] = [];
  const open = async (name: string, how: Omit<OpenSqliteOptions, 'file'>): Promise<EmbeddedFile> => {
    const limit = maxPageCount === undefined ? {} : { maxPageCount };
    const sqlite = await openSqlite({ file: join(directory, name), ...how, ...limit });
    opened.push(sqlite);
    return embeddedErrors(sqlite, { ifDamaged: how.ifDamaged, onDamaged });
  };
  const close = async (): Promise<void> => {
    for (const each of opened) await each.close();
  };
  try {
    const kept = await open('kept.db', { schema: KEPT_SCHEMA + PUBLICATION_SCHEMA + CHECKPOINT_SCHEMA });
    await addDestroyedAt(kept);
    const counts = await open('counts.db', { schema: USAGE_SCHEMA + READS_SCHEMA });
    const db = await open('read.db', { schema: CONTROL_SCHEMA, synced: false, ifDamaged: REMOVE });
    for (const pragma of PRAGMAS) await db.all(`PRAGMA ${pragma}`);
    if (await keepLayout(db)) onRemade?.();
    const limits = await openEmbeddedLimits(kept, clocks);
    const closeAll = async (): Promise<void> => {
      await limits.close();
      await clearScraps({ 'counts.db': counts, 'read.db': db }, control);
      await close();
    };
    const usage = embeddedUsage({ counts, db, ...(afterUsageStep ? { afterStep: afterUsageStep } : {}) });
    const reads = embeddedReads(counts);
    const sessions = embeddedSessions(await open('sessions.db', { schema: SESSIONS_SCHEMA, ifDamaged: SIGN_IN_AGAIN }));
    // A batch reads counts.db while it holds read.db.
    const copies = [db, counts, kept].map(sqliteCopySource);
    const control = await openControl(db, now);
    return embeddedStore({ db, kept, copies, usage, reads, sessions, control, limits, close: closeAll });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Files {
  readonly db: EmbeddedFile;
  readonly kept: EmbeddedFile;
  readonly copies: readonly CopySource[];
  readonly usage: UsageStore;
  readonly reads: ReadRecords;
  readonly sessions: Sessions;
  readonly control: EmbeddedControl;
  readonly limits: EmbeddedLimits;
  readonly close: () => Promise<void>;
}

function embeddedStore({ db, kept, copies, usage, reads, sessions, control, limits, close }: Files): ReadStore {
  const listeners = createListeners();
  const tablesOf = embeddedTables(db);
  const viewOf = (id: GenerationId, checkpoint: GenerationView['checkpoint']) =>
    generationView(id, checkpoint, tablesOf(id));

  function writer(id: GenerationId): GenerationWriter {
    const own = tablesOf(id);
    const apply = embeddedApply(control, id, usage);
    const notice = embeddedNotice(id);
    return {
      id,
      checkpoint: async () => generationIn(await control.current(), id).checkpoint,
      keys: (ids) => whileThere(control.current, id, () => readKeys(own, ids)),
      keyspaces: () => whileThere(control.current, id, () => readKeyspaces(own)),
      apply: async (writes, checkpoint) => {
        const outcome = await apply(writes, checkpoint);
        own.atHand?.keptKeys.drop(writes.keys.map(({ row }) => row.state.keyId));
        if (outcome === 'applied') listeners.call();
        return outcome;
      },
      notice: (keys) => whileThere(control.current, id, () => db.transaction((tx) => notice(tx, keys))),
    };
  }

  return {
    control: control.current,
    read: (work) => readLive(control.current, ({ id, checkpoint }) => viewOf(id, checkpoint), work),
    view: async (id) => viewOf(id, generationIn(await control.current(), id).checkpoint),
    writer,
    createGeneration: (now, commandId = null) => control.create(now, commandId),
    switchGeneration: (from, to) => control.switch(from, to),
    failGeneration: (id, failure) => control.fail(id, failure),
    dropGeneration: (id) => control.drop(id),
    dataKeys: embeddedDataKeys(kept),
    wraps: embeddedWraps(kept),
    parked: embeddedParked(kept),
    operations: embeddedOperations(kept),
    publication: embeddedPublication(kept),
    checks: embeddedChecks(kept),
    checkpoints: embeddedCheckpoints(kept),
    leases: memoryLeases(),
    limits,
    usage,
    reads,
    sessions,
    copies,
    onApply: (listener) => listeners.add(listener),
    close,
  };
}

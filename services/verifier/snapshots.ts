// Snapshots: the view in a local file, from which the next start goes on. Written from time to time and at a clean stop;
// one that is damaged, or of another log or installation, is passed over with a line in the log, and the store is read.
import { dirname } from 'node:path';
import { sha256 } from '../../events/canonical.ts';
import { PositionOutOfRangeError, type EventLog } from '../../events/log.ts';
import { covers, type Position } from '../../events/position.ts';
import { withClosed, withEntry, type Quarantine } from '../../events/quarantine.ts';
import type { Pepper } from '../../events/secret.ts';
import type { ParkedRecords, SecretChecks } from '../../projections/read-store.ts';
import { createPrivateFolder } from '../shared/durable-file.ts';
import type { Logger } from '../shared/logger.ts';
import { marksOf, restore, sectionsOf, type Mark, type Origin, type Restored } from './snapshot.ts';
import { readSections, SnapshotRefusedError, writeSections } from './snapshot-file.ts';
import { createView, type View } from './view.ts';

export interface SnapshotsOptions {
  readonly file: string;
  readonly log: Pick<EventLog, 'partitions' | 'end' | 'read'>;
  readonly store: { readonly checks: Pick<SecretChecks, 'all'>; readonly parked: Pick<ParkedRecords, 'among'> };
  readonly peppers: readonly Pepper[];
  /** VERIFIER_MAX_KEYS; `Infinity`: no bound. */
  readonly maxKeys: number;
  readonly logger: Logger;
  /** How often one is written at most; default 5 minutes. */
  readonly intervalMs?: number;
}

export interface Snapshots {
  /** The view of the file, at its position; `null`: there is none that can be used. Rejects while the log is away. */
  read(signal: AbortSignal): Promise<View | null>;
  /** Writes the view from time to time, if much has happened since. Never throws. */
  keep(view: View): void;
  /** Writes it a last time, if anything has. Never rejects. */
  close(view: View | null): Promise<void>;
}

const INTERVAL_MS = 300_000;
/** So many events make a snapshot worth its writing. */
const MANY = 1000;
/** How long the store is waited for: the log alone tells nearly all. */
const STORE_MS = 1000;

const sum = (position: Position): number => Object.values(position).reduce((total, offset) => total + offset, 0);

export function createSnapshots(options: SnapshotsOptions): Snapshots {
  const { file, log, store, peppers, maxKeys, logger, intervalMs = INTERVAL_MS } = options;
  let began: Origin | null = null;
  /** Events up to the last one that was read or written; −1: there is none. */
  let reached = -1;
  let refused = false;
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  /** What the store adds: whose installation this is, and which records beyond the position are settled. */
  async function askStore({ beginning: { position, quarantine }, origin }: Restored): Promise<Quarantine> {
    const checks = await store.checks.all();
    if (origin.checks.some(([name, value]) => checks.get(name) !== value)) {
      throw new SnapshotRefusedError('it is of another installation');
    }
    let after = quarantine;
    for (let partition = 0; partition < log.partitions; partition++) {
      const from = position[partition] ?? 0;
      const rows = await store.parked.among({ partition, from, to: Number.MAX_SAFE_INTEGER, digests: [] });
      for (const { position: at, digest, aggregateId, status } of rows) {
        after = status === 'OPEN' ? withEntry(after, { position: at, digest, aggregateId }) : withClosed(after, at);
      }
    }
    return after;
  }

  async function accept(restored: Restored, signal: AbortSignal): Promise<View> {
    const { beginning, origin } = restored;
    if (origin.partitions !== log.partitions) throw new SnapshotRefusedError('its log has other partitions');
    if (!covers(await log.end(), beginning.position)) throw new SnapshotRefusedError('the log ends before it');
    await checkMarks(log, beginning.position, origin.marks, signal);
    const quarantine = await within(STORE_MS, askStore(restored)).catch((error: unknown) => {
      if (error instanceof SnapshotRefusedError) throw error;
      logger.warn(
        { err: error },
        'the read store does not answer: the view begins with the snapshot and the log alone',
      );
      return beginning.quarantine;
    });
    began = origin;
    reached = sum(beginning.position);
    return createView({ ...beginning, quarantine }, peppers);
  }

  async function write(view: View): Promise<void> {
    try {
      const checks = await within(STORE_MS, store.checks.all()).then(
        (all) => [...all],
        () => began?.checks ?? [],
      );
      await createPrivateFolder(dirname(file));
      const now = sum(view.position);
      const origin = { partitions: log.partitions, marks: marksOf(view, began?.marks ?? []), checks };
      const sections = sectionsOf(view, origin, maxKeys);
      try {
        await writeSections(file, sections);
      } finally {
        sections.end();
      }
      reached = now;
    } catch (error) {
      logger.warn({ err: error, file }, 'the snapshot could not be written');
    }
  }

  const writeIf = (view: View, events: number): Promise<void> =>
    (writing = writing.then(() => (reached < 0 || sum(view.position) - reached >= events ? write(view) : undefined)));

  function refuse(error: unknown): null {
    refused = true;
    logger.warn({ err: error, file }, 'the snapshot is not used: the view is loaded from the read store');
    return null;
  }

  async function open(signal: AbortSignal): Promise<Restored | null> {
    if (refused) return null;
    try {
      const sections = await readSections(file, signal);
      return sections && restore(sections, maxKeys);
    } catch (error) {
      signal.throwIfAborted();
      return refuse(error);
    }
  }

  return {
    read: async (signal) => {
      const restored = await open(signal);
      try {
        return restored && (await accept(restored, signal));
      } catch (error) {
        if (error instanceof SnapshotRefusedError) return refuse(error);
        throw error;
      }
    },
    keep: (view) => {
      timer = setInterval(() => void writeIf(view, MANY), intervalMs).unref();
    },
    close: async (view) => {
      clearInterval(timer);
      if (view !== null) await writeIf(view, 1);
    },
  };
}

/** Whether the log still holds the records that it ended with then. @throws {@link SnapshotRefusedError} */
async function checkMarks(
  log: Pick<EventLog, 'read'>,
  position: Position,
  marks: readonly Mark[],
  signal: AbortSignal,
): Promise<void> {
  const left = new Map(marks.map((mark) => [mark.partition, mark]));
  if (left.size === 0) return;
  const places = Object.fromEntries(marks.map(({ partition, offset }) => [partition, offset]));
  const from = (): Position => ({ ...position, ...places });
  try {
    for await (const { partition, records } of log.read({ from, signal })) {
      const [record] = records;
      const mark = left.get(partition);
      if (mark === undefined || record === undefined) continue;
      if (record.offset !== mark.offset || sha256(record.value) !== mark.digest) {
        throw new SnapshotRefusedError('the log is another one');
      }
      left.delete(partition);
      if (left.size === 0) return;
    }
    signal.throwIfAborted();
  } catch (error) {
    throw error instanceof PositionOutOfRangeError ? new SnapshotRefusedError(error.message) : error;
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

// What a test of the projections is given, and how it reads all that a log and a store hold.
import { KEYSPACES } from '../../events/ids.ts';
import type { EventLog, LogRecord } from '../../events/log.ts';
import { covers, type Position } from '../../events/position.ts';
import type { GenerationId, GenerationView, ReadStore } from '../../projections/read-store.ts';
import { isFact, type FactRow, type HistoryRow } from '../../projections/rows.ts';
import { WORKSPACE } from '../fakes/author.ts';
import type { Contents } from '../fakes/memory-store.ts';

/** One log and one store, empty at first. */
export interface Pair {
  readonly log: EventLog;
  readonly store: ReadStore;
  /** Handles of another process; the same ones where only one process may hold them. */
  readonly another: () => Promise<{ readonly log: EventLog; readonly store: ReadStore }>;
  readonly dispose: () => Promise<void>;
}

const ALL = { limit: 100_000, backward: false, after: null, before: null };

/** All that a generation holds; secrets as far as keys and history name them. */
export async function readContents(store: ReadStore, id?: GenerationId): Promise<Contents> {
  const view = await store.view(id ?? (await store.control()).live);
  const keys = await view.scanKeys(null, 100_000);
  const history: HistoryRow[] = [];
  for (const scope of [{ workspaceId: WORKSPACE }, { aggregateId: KEYSPACES }]) {
    history.push(...(await view.listHistory({ scope }, ALL)).rows);
  }
  return {
    keys,
    history: history.sort((a, b) => (a.id < b.id ? -1 : 1)),
    facts: await readFacts(view),
    secrets: [],
    keyspaces: await view.keyspaces(),
  };
}

async function readFacts(view: GenerationView): Promise<FactRow[]> {
  const query = { scope: { workspaceId: WORKSPACE }, types: ['KeyExpiring', 'KeyExpired'] } as const;
  const { rows } = await view.listTimeline(query, ALL);
  return rows
    .filter(isFact)
    .sort(({ position: a }, { position: b }) => a.partition - b.partition || a.offset - b.offset);
}

/** Every record of a log, partition by partition. */
export async function readAll(log: EventLog): Promise<LogRecord[]> {
  const end = await log.end();
  const all: LogRecord[] = [];
  let reached: Position = {};
  const stop = new AbortController();
  if (covers(reached, end)) return all;
  for await (const { partition, records, next } of log.read({ from: () => ({}), signal: stop.signal })) {
    all.push(...records);
    reached = { ...reached, [partition]: next };
    if (covers(reached, end)) stop.abort();
  }
  return all.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

/** A process whose every write may fail, before it or after it. */
export function failing(store: ReadStore, random: () => number, share: number): ReadStore {
  const fails = (): void => {
    if (random() < share) throw new Error('crash');
  };
  return {
    ...store,
    writer: (id) => {
      const writer = store.writer(id);
      return {
        ...writer,
        apply: async (writes, checkpoint) => {
          fails();
          const outcome = await writer.apply(writes, checkpoint);
          fails();
          return outcome;
        },
      };
    },
  };
}

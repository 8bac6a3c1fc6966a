// Recomputing as the API does it: what history holds about a logged check, read for one request of the API at most once for
// each key, and the verifier's own judgement of it.
import { KEYSPACES } from '../../events/ids.ts';
import { decodePosition } from '../../events/position.ts';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import type { HistoryQuery, HistoryRow, Window, HistoryCursor, ParkedRow } from '../../projections/rows.ts';
import type { RequestRow } from '../../projections/usage.ts';
import type { Context } from '../../schema/context.ts';
import { keyVersions, profileVersions } from '../verifier/past.ts';
import { quarantinedThen } from '../verifier/quarantined-then.ts';
import { recompute } from '../verifier/recompute.ts';

export interface RecomputerOptions {
  readonly read: Context['read'];
  readonly parked: Pick<ReadStore['parked'], 'among'>;
}

const PAGE = 500;

/** All events of a list, oldest first. */
async function historyOf(view: GenerationView, scope: HistoryQuery['scope']): Promise<readonly HistoryRow[]> {
  const found: HistoryRow[] = [];
  for (let after: HistoryCursor | null = null; ;) {
    const window: Window<HistoryCursor> = { limit: PAGE, backward: false, after, before: null };
    const { rows, more } = await view.listHistory({ scope }, window);
    found.push(...rows);
    after = rows.at(-1) ?? null;
    if (!more || after === null) return found;
  }
}

/** Asks once for each key; what failed is asked again. */
function once<T>(work: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const result = known.get(key) ?? work(key);
    known.set(key, result);
    result.catch(() => known.delete(key));
    return result;
  };
}

export function createRecomputer({ read, parked }: RecomputerOptions): Context['recompute'] {
  const eventsOf = once((aggregateId) => read((view) => historyOf(view, { aggregateId })));
  const keysOf = once(async (keyId) => keyVersions(await eventsOf(keyId)));
  const profilesOf = once(async (slug) => profileVersions(await eventsOf(KEYSPACES), slug));
  const parkedIn = once((partition): Promise<readonly ParkedRow[]> => {
    return parked.among({ partition: Number(partition), from: 0, to: Number.MAX_SAFE_INTEGER, digests: [] });
  });
  const recomputed = once(async (text) => {
    const row = JSON.parse(text) as RequestRow;
    const [events, keys, profiles] = await Promise.all([
      eventsOf(row.keyId),
      keysOf(row.keyId),
      profilesOf(row.keyspace),
    ]);
    const [first] = events;
    // The log may name what history lacks; a key of another workspace is none of this one's.
    if (first?.workspaceId !== row.workspaceId) return { code: null, decidedBy: null };
    const discards = (await eventsOf(KEYSPACES)).filter(({ type }) => type === 'RecordDiscarded');
    const broken = await parkedIn(String(first.position.partition));
    const seen = decodePosition(row.position) ?? {};
    const quarantined = quarantinedThen(row.keyId, seen, broken, [...events, ...discards]);
    return recompute(row, { keys, profiles, quarantined });
  });
  return async (row) => {
    const { code, decidedBy } = await recomputed(JSON.stringify(row));
    return { code: code === 'MALFORMED' ? null : code, decidedBy };
  };
}

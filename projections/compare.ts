// The comparison of two generations while the log goes on: rows of equal version must be equal, keyspaces too, and history
// must hold as many events. Rows that one side has not reached yet are read again (settle.ts).
import { canonical } from '../events/canonical.ts';
import { dataKeyId, KEYSPACES } from '../events/ids.ts';
import { FORGOTTEN } from '../events/key/state.ts';
import type { GenerationView, ReadStore } from './read-store.ts';
import type { HistoryQuery, KeyRow } from './rows.ts';
import { settle, type Read, type SettleOptions } from './settle.ts';

const PAGE = 500;
/** Differences that are named. */
const NAMED = 5;

/** `unsettled`: nothing is known to differ, but something was on the move all the time. */
export type Comparison =
  { readonly kind: 'equal' | 'unsettled' } | { readonly kind: 'different'; readonly differences: readonly string[] };

/** What of a row must be equal: its search words may change with the code, its usage has a writer of its own (P6). */
const comparable = ({ state, details }: KeyRow): string => canonical({ state, details });

/**
 * Where the data key is destroyed and the event that says so is not applied yet, one side may have opened what the other
 * could not: what is about to be blank is compared as blank.
 */
const ofKey =
  (id: string, { dataKeys }: Pick<ReadStore, 'dataKeys'>): Read =>
  async (view) => {
    const row = await view.key(id);
    if (!row) return { version: 0, text: '' };
    const dataKey = dataKeyId(id, row.state.dataKeyNumber);
    const isErased = (await dataKeys.destroyed([dataKey])).has(dataKey);
    return { version: row.state.version, text: comparable(isErased ? { ...row, details: FORGOTTEN } : row) };
  };

const ofKeyspaces: Read = async (view) => {
  const state = await view.keyspaces();
  return { version: state.version, text: canonical(state) };
};

const ofHistory =
  (query: HistoryQuery): Read =>
  async (view) => ({ version: await view.countTimeline(query), text: null });

export async function compareGenerations(options: SettleOptions): Promise<Comparison> {
  const { store, signal } = options;
  const { differing, workspaces } = await scan(
    await store.view(options.live),
    await store.view(options.building),
    signal,
  );
  const things: readonly (readonly [name: string, read: Read])[] = [
    ['keyspaces', ofKeyspaces],
    ...differing.map((id) => [`key ${id}`, ofKey(id, store)] as const),
    ['history of keyspaces', ofHistory({ scope: { aggregateId: KEYSPACES } })],
    ...workspaces.map(
      (workspaceId) => [`history of workspace ${workspaceId}`, ofHistory({ scope: { workspaceId } })] as const,
    ),
  ];
  const differences: string[] = [];
  let unsettled = false;
  for (const [name, read] of things) {
    if (signal.aborted) return { kind: 'unsettled' };
    const settled = await settle(options, read);
    if (settled.kind === 'different') differences.push(`${name}: ${settled.difference}`);
    if (settled.kind === 'unsettled') unsettled = true;
    if (differences.length >= NAMED) break;
  }
  if (differences.length > 0) return { kind: 'different', differences };
  return { kind: unsettled || signal.aborted ? 'unsettled' : 'equal' };
}

/** Walks both generations by key id: the keys whose rows differ as they were read, and all workspaces. */
async function scan(live: GenerationView, building: GenerationView, signal: AbortSignal) {
  const differing: string[] = [];
  const workspaces = new Set<string>();
  for (let after: string | null = ''; after !== null && !signal.aborted;) {
    const page = await readPages(live, building, after);
    for (const { state } of [...page.live, ...page.building]) workspaces.add(state.workspaceId);
    const unequal = new Map(page.live.map((row) => [row.state.keyId, comparable(row)]));
    for (const row of page.building) {
      const { keyId } = row.state;
      if (unequal.get(keyId) === comparable(row)) unequal.delete(keyId);
      else unequal.set(keyId, '');
    }
    differing.push(...unequal.keys());
    after = page.end;
  }
  return { differing, workspaces: [...workspaces] };
}

interface Pages {
  readonly live: readonly KeyRow[];
  readonly building: readonly KeyRow[];
  /** Up to which id both pages are whole; `null`: to the end. */
  readonly end: string | null;
}

async function readPages(live: GenerationView, building: GenerationView, after: string): Promise<Pages> {
  const [a, b] = await Promise.all([live.scanKeys(after, PAGE), building.scanKeys(after, PAGE)]);
  const ends = [a, b].flatMap((page) => (page.length < PAGE ? [] : (page.at(-1)?.state.keyId ?? [])));
  const end = ends.length === 0 ? null : ends.reduce((least, id) => (id < least ? id : least));
  const whole = (page: readonly KeyRow[]) => page.filter(({ state }) => end === null || state.keyId <= end);
  return { live: whole(a), building: whole(b), end };
}

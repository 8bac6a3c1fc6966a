// Loaders: batches of rows for fields that many objects ask for at once, per request. The workspaces that a key may be of
// are in every loader key. Nothing is cached: what a later mutation of the same request changed is read anew.
import { keysAsOf } from '../projections/past.ts';
import type { GenerationView } from '../projections/read-store.ts';
import type { KeyRow } from '../projections/rows.ts';
import { visibleKey, visiblePast, type VisibleKey } from './access.ts';
import { readPast } from './as-of.ts';
import type { Context } from './context.ts';

/** Batches, but reads anew each time. */
export const UNCACHED = { cache: false } as const;

/** Names a key within workspaces: the caller's own ones, or the one of the object that refers to it; now or as of a time. */
export function keyRef(workspaceIds: Iterable<string>, keyId: string, asOf: string | null = null): string {
  return JSON.stringify([[...workspaceIds], keyId, asOf]);
}

interface KeyRef {
  readonly workspaceIds: readonly string[];
  readonly keyId: string;
  readonly asOf: string | null;
}

function readRef(ref: string): KeyRef {
  const [workspaceIds, keyId, asOf] = JSON.parse(ref) as [string[], string, string | null];
  return { workspaceIds, keyId, asOf };
}

/** The keys in the order of their references; `null` for what the caller does not get to see. */
export async function loadKeys(refs: readonly string[], context: Context): Promise<readonly (VisibleKey | null)[]> {
  const found = await loadLists(refs, context, async (view, keyIds) => {
    const rows = await view.keys(keyIds);
    return new Map([...rows].map(([id, row]) => [id, [row]]));
  });
  return found.map(([key]) => key ?? null);
}

/** The keys that were made as successors of others, oldest first. */
export async function loadSuccessors(
  refs: readonly string[],
  context: Context,
): Promise<readonly (readonly VisibleKey[])[]> {
  return loadLists(refs, context, (view, keyIds) => view.successors(keyIds));
}

/** Of the rows that each reference stands for those that the caller gets to see, as they are, or were where it says so. */
async function loadLists(
  refs: readonly string[],
  context: Context,
  find: (view: GenerationView, keyIds: readonly string[]) => Promise<ReadonlyMap<string, readonly KeyRow[]>>,
): Promise<readonly (readonly VisibleKey[])[]> {
  const wanted = refs.map(readRef);
  return readPast(context, async (view, past) => {
    const keyspaces = await view.keyspaces();
    const rows = await find(view, [...new Set(wanted.map(({ keyId }) => keyId))]);
    const rowsOf = ({ workspaceIds, keyId }: KeyRef) =>
      (rows.get(keyId) ?? []).filter(({ state }) => workspaceIds.includes(state.workspaceId));
    const times = new Set(wanted.flatMap(({ asOf }) => asOf ?? []));
    const pasts = new Map<string, ReadonlyMap<string, KeyRow>>();
    for (const time of times) {
      const own = wanted.filter(({ asOf }) => asOf === time).flatMap(rowsOf);
      pasts.set(time, await keysAsOf(past, [...new Set(own)], time));
    }
    const show = (row: KeyRow, asOf: string | null): VisibleKey | null => {
      if (asOf === null) return visibleKey(context.caller, keyspaces, row);
      const then = pasts.get(asOf)?.get(row.state.keyId);
      return then ? visiblePast(context.caller, keyspaces, then, asOf) : null;
    };
    return wanted.map((ref) =>
      rowsOf(ref)
        .map((row) => show(row, ref.asOf))
        .filter((key) => key !== null),
    );
  });
}

export async function loadQuarantined(refs: readonly string[], context: Context): Promise<readonly boolean[]> {
  const keyIds = refs.map((ref) => readRef(ref).keyId);
  const parked = await context.parked([...new Set(keyIds)]);
  return keyIds.map((id) => parked.has(id));
}

// Loaders: batches of rows for fields that many objects ask for at once, per request. The workspaces that a key may be of
// are in every loader key. Nothing is cached: what a later mutation of the same request changed is read anew.
import type { GenerationView } from '../projections/read-store.ts';
import type { KeyspacesState } from '../events/keyspaces/state.ts';
import { visibleKey, type VisibleKey } from './access.ts';
import type { Context } from './context.ts';

/** Batches, but reads anew each time. */
export const UNCACHED = { cache: false } as const;

/** Names a key within workspaces: the caller's own ones, or the one of the object that refers to it. */
export function keyRef(workspaceIds: Iterable<string>, keyId: string): string {
  return JSON.stringify([[...workspaceIds], keyId]);
}

function readRef(ref: string): { readonly workspaceIds: readonly string[]; readonly keyId: string } {
  const [workspaceIds, keyId] = JSON.parse(ref) as [string[], string];
  return { workspaceIds, keyId };
}

async function withKeyspaces<T>(
  context: Context,
  work: (view: GenerationView, keyspaces: KeyspacesState) => Promise<T>,
): Promise<T> {
  return context.read(async (view) => work(view, await view.keyspaces()));
}

/** The keys in the order of their references; `null` for what the caller does not get to see. */
export async function loadKeys(refs: readonly string[], context: Context): Promise<readonly (VisibleKey | null)[]> {
  const wanted = refs.map(readRef);
  return withKeyspaces(context, async (view, keyspaces) => {
    const rows = await view.keys([...new Set(wanted.map(({ keyId }) => keyId))]);
    return wanted.map(({ workspaceIds, keyId }) => {
      const row = rows.get(keyId);
      return row && workspaceIds.includes(row.state.workspaceId) ? visibleKey(context.caller, keyspaces, row) : null;
    });
  });
}

/** The keys that were made as successors of others, oldest first. */
export async function loadSuccessors(
  refs: readonly string[],
  context: Context,
): Promise<readonly (readonly VisibleKey[])[]> {
  const wanted = refs.map(readRef);
  return withKeyspaces(context, async (view, keyspaces) => {
    const rows = await view.successors([...new Set(wanted.map(({ keyId }) => keyId))]);
    return wanted.map(({ workspaceIds, keyId }) =>
      (rows.get(keyId) ?? [])
        .filter(({ state }) => workspaceIds.includes(state.workspaceId))
        .map((row) => visibleKey(context.caller, keyspaces, row))
        .filter((key) => key !== null),
    );
  });
}

export async function loadQuarantined(refs: readonly string[], context: Context): Promise<readonly boolean[]> {
  const keyIds = refs.map((ref) => readRef(ref).keyId);
  const parked = await context.parked([...new Set(keyIds)]);
  return keyIds.map((id) => parked.has(id));
}

// Access: what of the rows a caller gets to see. The workspace is the row's own, the standing in it the verified caller's;
// what is not visible is answered like what does not exist.
import { isOffered, mayDo } from '../events/key/subject.ts';
import { isOfEnvironment, type Standing } from '../events/key/standing.ts';
import { entryOf, type KeyspaceEntry, type KeyspacesState } from '../events/keyspaces/state.ts';
import type { KeyRow } from '../projections/rows.ts';
import type { Caller } from './context.ts';

/** A key that the caller may view, with what that was judged by. */
export interface VisibleKey {
  readonly row: KeyRow;
  readonly keyspace: KeyspaceEntry;
  readonly standing: Standing;
  /** ISO time at which the row was so, where that is not now: its usage is not known, and nothing can be done with it. */
  readonly asOf: string | null;
}

/** A keyspace as the caller meets it: in one workspace, or in all of theirs (`workspaceId` null). */
export interface VisibleKeyspace {
  readonly entry: KeyspaceEntry;
  readonly workspaceId: string | null;
  /** What the caller is in the workspaces that it stands for. */
  readonly standings: readonly Standing[];
}

/** The key that the caller's own command changed: they see the outcome, also of a deletion. */
export function changedKey(caller: Caller, keyspaces: KeyspacesState, row: KeyRow): VisibleKey | null {
  const standing = caller.workspaces.get(row.state.workspaceId);
  const keyspace = entryOf(keyspaces, row.state.keyspace);
  if (standing === undefined || !keyspace || !mayDo(keyspace.profile, standing, 'view')) return null;
  if (!isOfEnvironment(standing, row.state.environment)) return null;
  return { row, keyspace, standing, asOf: null };
}

/** A deleted key is there for those who may see history, and for nobody else. */
export function visibleKey(caller: Caller, keyspaces: KeyspacesState, row: KeyRow): VisibleKey | null {
  const key = changedKey(caller, keyspaces, row);
  return key && (row.state.status !== 'DELETED' || seesHistory(key)) ? key : null;
}

/** A key as it was at a time is there for those who may see history. */
export function visiblePast(caller: Caller, keyspaces: KeyspacesState, row: KeyRow, asOf: string): VisibleKey | null {
  const key = changedKey(caller, keyspaces, row);
  return key && seesHistory(key) ? { ...key, asOf } : null;
}

export function seesHistory({ keyspace, standing }: Pick<VisibleKey, 'keyspace' | 'standing'>): boolean {
  return mayDo(keyspace.profile, standing, 'seeHistory');
}

/** The keyspaces whose keys' history may be seen, as a part of a query that is empty where these are all; `null`: none. */
export function historicKeyspaces(
  keyspaces: KeyspacesState,
  standing: Standing | null,
): { readonly keyspaces?: readonly string[] } | null {
  const all = Object.values(keyspaces.profiles);
  const open = all.filter(({ profile }) => mayDo(profile, standing, 'seeHistory'));
  if (open.length === 0) return null;
  return open.length < all.length ? { keyspaces: open.map(({ profile }) => profile.slug) } : {};
}

export function seesUsage({ keyspace, standing }: VisibleKey): boolean {
  return mayDo(keyspace.profile, standing, 'seeUsage');
}

/** A keyspace in one of the caller's workspaces. */
export function keyspaceIn(caller: Caller, entry: KeyspaceEntry, workspaceId: string): VisibleKeyspace | null {
  const standing = caller.workspaces.get(workspaceId);
  if (standing === undefined || !isOffered(entry.profile, workspaceId)) return null;
  return mayDo(entry.profile, standing, 'view') ? { entry, workspaceId, standings: [standing] } : null;
}

/** A keyspace in all of the caller's workspaces; operators see every one. */
export function keyspaceAnywhere(caller: Caller, entry: KeyspaceEntry): VisibleKeyspace | null {
  const places = [...caller.workspaces.keys()]
    .map((id) => keyspaceIn(caller, entry, id))
    .filter((place) => place !== null);
  if (places.length === 0 && !caller.operator) return null;
  return { entry, workspaceId: null, standings: [...new Set(places.flatMap(({ standings }) => standings))] };
}

/** The slugs in the order that lists have. */
export function sortedEntries(keyspaces: KeyspacesState): readonly KeyspaceEntry[] {
  return Object.values(keyspaces.profiles).toSorted((a, b) => (a.profile.slug < b.profile.slug ? -1 : 1));
}

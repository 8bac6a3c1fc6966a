// What a caller may do with a keyspace itself, by their standings in the workspaces that have it.
import type { Standing } from '../key/standing.ts';
import { isOffered, mayDo, type Operation } from '../key/subject.ts';
import type { Profile } from './profile.ts';

/** `KeyspaceAction` of the contract. */
export const KEYSPACE_ACTIONS = ['CREATE', 'VIEW', 'SEE_USAGE', 'DEFINE'] as const;
export type KeyspaceAction = (typeof KEYSPACE_ACTIONS)[number];

/** A keyspace as one caller meets it. */
export interface KeyspaceSubject {
  readonly profile: Profile;
  /** The workspace that it is looked at in; `null`: all of the caller's. */
  readonly workspaceId: string | null;
  /** What the caller is there. */
  readonly standings: readonly Standing[];
  readonly operator: boolean;
}

/** What the caller may do with the keyspace. */
export function keyspaceActionsFor({ profile, workspaceId, standings, operator }: KeyspaceSubject): KeyspaceAction[] {
  const may = (operation: Operation): boolean => standings.some((standing) => mayDo(profile, standing, operation));
  const allowed: Record<KeyspaceAction, boolean> = {
    CREATE: may('create') && (workspaceId === null || isOffered(profile, workspaceId)),
    VIEW: operator || may('view'),
    SEE_USAGE: may('seeUsage'),
    DEFINE: operator,
  };
  return KEYSPACE_ACTIONS.filter((action) => allowed[action]);
}

// Public origins: from which origins the active public keys of each keyspace work, for preflights. Kept with the key table:
// for each entry of a key's `origins` the ends of the keys that have it, so that an end takes effect without an event. Holds
// as many entries as public keys have different origins and ends; an answer costs three look-ups.
import type { KeyspaceEntry } from '../../events/keyspaces/state.ts';
import { entriesFor } from './origins.ts';
import type { Shared } from './policy.ts';

export interface PublicOrigins {
  /** Whether other types are public now, or need origins: then nothing is counted any more, and every key is to be counted. */
  setKeyspaces(profiles: Readonly<Record<string, KeyspaceEntry>>): boolean;
  /** Whether keys of this type are used from browsers, in public. */
  isPublic(key: Pick<Shared, 'keyspace' | 'type'>): boolean;
  /** Adds or takes away an active key; of no public type: none. @param expiresAt epoch milliseconds; `Infinity`: never. */
  count(key: Pick<Shared, 'keyspace' | 'type' | 'origins'>, expiresAt: number, by: 1 | -1): void;
  /** Whether a key works from it. @param origin the raw header. @param now effective now (L11), epoch milliseconds. */
  allows(keyspace: string, origin: string, now: number): boolean;
}

/** Of a key that works from everywhere; no entry is like it. */
const ANYWHERE = '';

/** How many keys end when. */
type Ends = Map<number, number>;

interface Keyspace {
  /** The public types, and whether each needs origins. */
  readonly types: ReadonlyMap<string, boolean>;
  readonly entries: Map<string, Ends>;
}

const publicTypes = ({ profile }: KeyspaceEntry): [string, boolean][] =>
  profile.types.filter((type) => type.public).map(({ id, originsRequired }) => [id, originsRequired]);

/** L11: what has ended has ended for good, so it is dropped on the way to the first that has not. */
function anyAfter(ends: Ends, now: number): boolean {
  for (const at of ends.keys()) {
    if (at > now) return true;
    ends.delete(at);
  }
  return false;
}

export function createPublicOrigins(): PublicOrigins {
  let keyspaces = new Map<string, Keyspace>();
  let rules = '[]';

  function countEntry(entries: Keyspace['entries'], entry: string, at: number, by: 1 | -1): void {
    const ends = entries.get(entry) ?? new Map<number, number>();
    const count = (ends.get(at) ?? 0) + by;
    // Below: it had ended, and was dropped.
    if (count > 0) ends.set(at, count);
    else ends.delete(at);
    if (ends.size > 0) entries.set(entry, ends);
    else entries.delete(entry);
  }

  return {
    setKeyspaces: (profiles) => {
      const types = Object.entries(profiles)
        .map(([slug, entry]) => [slug, publicTypes(entry)] as const)
        .filter(([, found]) => found.length > 0);
      const newRules = JSON.stringify(types);
      if (newRules === rules) return false;
      rules = newRules;
      keyspaces = new Map(types.map(([slug, found]) => [slug, { types: new Map(found), entries: new Map() }]));
      return true;
    },
    isPublic: ({ keyspace, type }) => keyspaces.get(keyspace)?.types.has(type) === true,
    count: ({ keyspace, type, origins }, expiresAt, by) => {
      const of = keyspaces.get(keyspace);
      const originsRequired = of?.types.get(type);
      if (of === undefined || originsRequired === undefined) return;
      for (const entry of new Set(origins)) countEntry(of.entries, entry, expiresAt, by);
      if (origins.length === 0 && !originsRequired) countEntry(of.entries, ANYWHERE, expiresAt, by);
    },
    allows: (keyspace, origin, now) => {
      const entries = keyspaces.get(keyspace)?.entries;
      if (entries === undefined) return false;
      return [ANYWHERE, ...entriesFor(origin)].some((entry) => {
        const ends = entries.get(entry);
        return ends !== undefined && anyAfter(ends, now);
      });
    },
  };
}

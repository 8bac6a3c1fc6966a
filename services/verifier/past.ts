// A key's past, folded out of its history: every version of the key and of its keyspace's profile, without the private parts.
// A secret is told by the event that brought it, which is all that history needs to say which one was good when.
import type { KeyEvent } from '../../events/catalogue.ts';
import { evolve } from '../../events/key/evolve.ts';
import type { KeyState } from '../../events/key/state.ts';
import type { KeyspaceEntry } from '../../events/keyspaces/state.ts';
import type { HistoryRow } from '../../projections/rows.ts';
import type { FoundKey } from './found-key.ts';

/** A version of a key, and the event that made it. */
export interface KeyVersion {
  readonly event: HistoryRow;
  readonly state: KeyState;
}

/** A version of a profile, and the event that made it. */
export interface ProfileVersion {
  readonly event: HistoryRow;
  readonly entry: KeyspaceEntry;
}

/** How a key and its profile were at one time, since which event. */
export interface Step {
  readonly event: HistoryRow;
  readonly state: KeyState;
  /** `undefined`: there was no profile of that name. */
  readonly entry: KeyspaceEntry | undefined;
}

/** A secret, under the id of the event that brought it in place of its verification hash. */
const eventOf = ({ id, type, attributes, data }: HistoryRow): KeyEvent =>
  ({
    type,
    attributes,
    data,
    sealed: '',
    private: { scheme: 'hmac-sha256', pepperId: '', hash: id },
  }) as unknown as KeyEvent;

/** @param rows of one key, oldest first; what is missing among them ends the answer. */
export function keyVersions(rows: readonly HistoryRow[]): readonly KeyVersion[] {
  const versions: KeyVersion[] = [];
  let state: KeyState | null = null;
  for (const event of rows) {
    if (event.version !== versions.length + 1) break;
    state = evolve(state, eventOf(event));
    if (state === null) break;
    versions.push({ event, state });
  }
  return versions;
}

/** The versions of one profile. @param rows of the aggregate of all profiles, oldest first. */
export function profileVersions(rows: readonly HistoryRow[], slug: string): readonly ProfileVersion[] {
  return rows.flatMap((event) => {
    const { data, time } = event;
    if (!('profile' in data) || data.profile.slug !== slug) return [];
    return [{ event, entry: { version: data.version, profile: data.profile, changedAt: time, formats: [] } }];
  });
}

/**
 * What a key was, in the order in which it came about. The log orders no key's events to those of profiles: a profile that an
 * event was decided by comes before it, others go by time.
 */
export function stepsOf(keys: readonly KeyVersion[], profiles: readonly ProfileVersion[]): readonly Step[] {
  const steps: Step[] = [];
  const left = [...profiles];
  let entry: KeyspaceEntry | undefined;
  let state: KeyState | null = null;
  const take = (until: (profile: ProfileVersion) => boolean): void => {
    for (let [next] = left; next !== undefined && until(next); [next] = left) {
      left.shift();
      ({ entry } = next);
      if (state !== null) steps.push({ event: next.event, state, entry });
    }
  };
  for (const { event, state: after } of keys) {
    const known = event.attributes.keyspaceversion ?? 0;
    take((profile) => profile.entry.version <= known || profile.event.time < event.time);
    state = after;
    steps.push({ event, state, entry });
  }
  take(() => true);
  return steps;
}

/** A secret that a key was ever given. */
export interface PastSecret {
  /** Of the event that brought it. */
  readonly id: string;
  /** The key's version from which on it had it. */
  readonly since: number;
  readonly preview: string;
}

/** The secrets of a key, oldest first. */
export const secretsOf = (keys: readonly KeyVersion[]): readonly PastSecret[] =>
  keys.flatMap(({ event: { id, version, data, type } }) =>
    (type === 'KeyCreated' || type === 'KeyRegenerated') && 'preview' in data
      ? [{ id, since: version, preview: data.preview }]
      : [],
  );

/** What a secret is to a version of its key, as the key table tells it; to one before it was there, the current one. */
export function secretAt(
  { id, since }: PastSecret,
  { version, secret, previousSecret }: KeyState,
): Omit<FoundKey, 'record'> {
  if (version < since || secret.hash === id) return { secret: 'CURRENT', retiresAt: -Infinity };
  if (previousSecret?.hash !== id) return { secret: 'RETIRED', retiresAt: -Infinity };
  return { secret: 'PREVIOUS', retiresAt: Date.parse(previousSecret.retiresAt) };
}

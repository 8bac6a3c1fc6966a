// Writes histories: chained, sealed events of keys and keyspaces, as API processes would, without deciding anything.
// Reproducible: all randomness comes from a seed.
import type { AnyEvent, AnyNewEvent, KeyEventType, NewEvent } from '../../events/catalogue.ts';
import { sha256 } from '../../events/canonical.ts';
import { keyIdFor, KEYSPACES } from '../../events/ids.ts';
import { DEFAULT_PROFILE } from './default-profile.ts';
import { profile, type ProfileInput } from '../../events/keyspaces/profile.ts';
import type { NewRecord } from '../../events/log.ts';
import { encodeRecord, genesis, recordEvent, type Circumstances, type Place } from '../../events/record.ts';
import { createDataKeys, type DataKeys } from '../../projections/personal.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { seededBytes } from '../events/seeded.ts';
import { plainKey } from './plain-key.ts';

export const WORKSPACE = 'acme';
export const START = Date.parse('2026-01-01T00:00:00.000Z');
export const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

export { seededBytes };

/** Random numbers 0 ≤ x < 1 from a seed. */
export function seededRandom(seed: number): () => number {
  const bytes = seededBytes(seed);
  return () => Buffer.from(bytes(4)).readUInt32BE() / 2 ** 32;
}

export const sealingKeys = [{ id: 's1', key: Buffer.alloc(32, 7) }];

export const testDataKeys = (store: Pick<ReadStore, 'dataKeys'>, seed = 1): DataKeys =>
  createDataKeys({ store, sealingKeys, randomBytes: seededBytes(seed) });

/** A verification hash that no other has. */
export const hashOf = (name: string): { scheme: 'hmac-sha256'; pepperId: string; hash: string } => ({
  scheme: 'hmac-sha256',
  pepperId: 'p1',
  hash: Buffer.from(sha256(name), 'hex').toString('base64url'),
});

export type NewOf<T extends KeyEventType> = NewEvent<T>;

export const created = (
  name: string,
  { data = {}, personal = {} }: { data?: object; personal?: object } = {},
): NewEvent<'KeyCreated'> => ({
  type: 'KeyCreated',
  data: plainKey({ scopes: ['a:read'], preview: 'kf_…x9z1', ownerId: 'u-17', ...data }),
  personal: { name, description: null, email: null, tags: [], metadata: null, ...personal },
  private: hashOf(`created ${name}`),
});

export const noted = (type: 'KeyDisabled' | 'KeyEnabled', note: string | null = null): AnyNewEvent => ({
  type,
  data: {},
  personal: { note },
  private: {},
});

export const renamed = (name: string, ownerId: string | null = 'u-17'): NewEvent<'KeyDetailsChanged'> => ({
  type: 'KeyDetailsChanged',
  data: { ownerId },
  personal: { name },
  private: {},
});

export const regenerated = (name: string, retiresAt: string): NewEvent<'KeyRegenerated'> => ({
  type: 'KeyRegenerated',
  data: { preview: `kf_…${name.slice(0, 4)}`, retiresAt },
  personal: {},
  private: hashOf(`regenerated ${name}`),
});

export const discarded = (position: string): NewEvent<'RecordDiscarded'> => ({
  type: 'RecordDiscarded',
  data: { position, reason: 'broken by hand' },
  personal: {},
  private: {},
});

export const defined = (input: ProfileInput = DEFAULT_PROFILE, version = 1): AnyNewEvent => ({
  type: version === 1 ? 'KeyspaceDefined' : 'KeyspaceChanged',
  data: { version, profile: profile.parse(input) },
  personal: {},
  private: {},
});

export interface Author {
  readonly dataKeys: DataKeys;
  /** The id of the key that a name stands for. */
  keyId(name: string): string;
  /** The aggregate's next event; the head moves on. */
  next(aggregateId: string, event: AnyNewEvent, more?: Partial<Circumstances>): Promise<AnyEvent>;
  /** An event for the version that the last one took: it loses, or wins if it lands first. */
  rival(aggregateId: string, event: AnyNewEvent, more?: Partial<Circumstances>): Promise<AnyEvent>;
  /** Where the aggregate's next event goes. */
  place(aggregateId: string): Place;
  /** Moves an aggregate's head by hand. */
  setPlace(place: Place): void;
}

export function createAuthor({ dataKeys, seed = 1 }: { readonly dataKeys: DataKeys; readonly seed?: number }): Author {
  const randomBytes = seededBytes(seed);
  const places = new Map<string, readonly Place[]>();
  /** Of the data key of an aggregate's next event; 1 unless one was destroyed. */
  const numbers = new Map<string, number>();
  let count = 0;

  const write = async (place: Place, event: AnyNewEvent, more: Partial<Circumstances>): Promise<AnyEvent> => {
    count += 1;
    const commandId = more.commandId ?? `command-${seed}-${count}`;
    const circumstances: Circumstances = {
      commandId,
      fingerprint: sha256(`${event.type} ${commandId}`),
      requestId: `request-${count}`,
      actor: { kind: 'user', id: 'ada' },
      ip: '192.0.2.7',
      userAgent: 'test',
      workspaceId: place.aggregateId === KEYSPACES ? null : WORKSPACE,
      keyspaceVersion: 1,
      now: at(count),
      ...more,
    };
    const dataKey = await dataKeys.forWriting(place.aggregateId, numbers.get(place.aggregateId) ?? 1);
    return recordEvent(event, place, circumstances, dataKey, randomBytes);
  };
  const history = (aggregateId: string): readonly Place[] => places.get(aggregateId) ?? [genesis(aggregateId)];

  return {
    dataKeys,
    keyId: (name) => keyIdFor(WORKSPACE, name),
    async next(aggregateId, event, more = {}) {
      const before = history(aggregateId);
      const recorded = await write(before.at(-1)!, event, more);
      const { version, hash: head, time } = recorded.attributes;
      places.set(aggregateId, [...before.slice(-1), { aggregateId, version, head, time }]);
      if ('destroyedDataKey' in event.data && event.data.destroyedDataKey !== null)
        numbers.set(aggregateId, (numbers.get(aggregateId) ?? 1) + 1);
      return recorded;
    },
    rival: (aggregateId, event, more = {}) => write(history(aggregateId).at(-2) ?? genesis(aggregateId), event, more),
    place: (aggregateId) => history(aggregateId).at(-1)!,
    setPlace: (place) => void places.set(place.aggregateId, [...history(place.aggregateId).slice(-1), place]),
  };
}

export const recordsOf = (events: readonly AnyEvent[]): NewRecord[] => events.map(encodeRecord);

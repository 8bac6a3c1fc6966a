// The world that tests of the core live in: callers, profiles, commands' surroundings, and events recorded in order.
import type { AnyEvent, AnyNewEvent, KeyEvent, KeyspaceEvent } from '../../events/catalogue.ts';
import { foldKey, foldKeyspaces } from '../../events/fold.ts';
import { dataKeyId, KEYSPACES, keyIdFor, type Actor } from '../../events/ids.ts';
import { evolveDetails } from '../../events/key/evolve.ts';
import { FORGOTTEN, type KeyDetails, type KeyState } from '../../events/key/state.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import {
  profile as profileSchema,
  type Profile,
  type ProfileInput,
  type Role,
} from '../../events/keyspaces/profile.ts';
import { entryOf, NO_KEYSPACES, type KeyspacesState } from '../../events/keyspaces/state.ts';
import { genesis, openPersonal, recordEvent, type Circumstances, type Place } from '../../events/record.ts';
import { generateSecret, hashSecret, type Pepper, type RandomBytes } from '../../events/secret.ts';
import type { DecideContext } from '../../events/key/decide.ts';
import { plainKey } from '../fakes/plain-key.ts';
import { seededBytes } from './seeded.ts';

export const NOW = '2030-01-31T12:00:00.000Z';
export const LATER = '2030-03-01T00:00:00.000Z';
export const WORKSPACE = 'acme';
export const KEY_ID = keyIdFor(WORKSPACE, 'create-1');
export const PEPPER: Pepper = { id: 'pepper-1', key: new Uint8Array(32).fill(7) };
export const ANNA: Actor = { kind: 'user', id: 'u-anna' };

/** `NOW` and some seconds. */
export const at = (seconds: number): string => new Date(Date.parse(NOW) + seconds * 1000).toISOString();

/** A profile like the default one but for what is given. */
export function profileOf(changes: Partial<ProfileInput> = {}): Profile {
  return profileSchema.parse({ ...DEFAULT_PROFILE, ...changes });
}

export type Caller = DecideContext['caller'];

export function caller(role: Role | null, changes: Partial<Caller> = {}): Caller {
  const workspaces = new Map(role === null ? [] : [[WORKSPACE, role] as const]);
  return { actor: ANNA, workspaces, operator: false, email: 'anna@example.com', ...changes };
}

export const ADMIN = caller('admin');
export const OPERATOR = caller(null, { actor: { kind: 'user', id: 'u-op' }, operator: true });

/** Circumstances of a recorded event. */
export function circumstances(changes: Partial<Circumstances> = {}): Circumstances {
  return {
    commandId: 'c-1',
    fingerprint: 'f'.repeat(64),
    requestId: 'r-1',
    actor: ANNA,
    ip: '203.0.113.9',
    userAgent: 'curl/8.5.0',
    workspaceId: WORKSPACE,
    keyspaceVersion: 1,
    now: NOW,
    ...changes,
  };
}

/** The data key of an aggregate, the same for every number of one test run. */
export function dataKeyOf(aggregateId: string, number = 1) {
  return { id: dataKeyId(aggregateId, number), key: seededBytes(`data key ${aggregateId} ${number}`)(32) };
}

export const placeOf = (state: Pick<KeyState, 'keyId' | 'version' | 'head' | 'time'>): Place => ({
  aggregateId: state.keyId,
  version: state.version,
  head: state.head,
  time: state.time,
});

/** A key as its events add up, the way a projector folds them. */
export interface Folded {
  readonly state: KeyState | null;
  readonly details: KeyDetails;
}

export const NOTHING: Folded = { state: null, details: FORGOTTEN };

/** Folds an event that must extend the head. */
export function foldOne({ state, details }: Folded, event: AnyEvent): Folded & { readonly state: KeyState } {
  const key = event as KeyEvent;
  const verdict = foldKey(state, key);
  if (verdict.kind !== 'applied') throw new Error(`${event.type} was ${verdict.kind}`);
  const personal = openPersonal(event, dataKeyOf(event.attributes.subject, state?.dataKeyNumber ?? 1).key);
  return { state: verdict.state, details: evolveDetails(details, key, personal) };
}

/** A new event on top of a folded key; the same arguments give the same bytes. */
export function recordOn(
  { state }: Folded,
  event: AnyNewEvent,
  changes: Partial<Circumstances> = {},
  randomBytes: RandomBytes = seededBytes(`${event.type} ${state?.version ?? 0}`),
): AnyEvent {
  const place = state ? placeOf(state) : genesis(KEY_ID);
  const around = circumstances({ commandId: `c-${place.version + 1}`, ...changes });
  return recordEvent(event, place, around, dataKeyOf(place.aggregateId, state?.dataKeyNumber ?? 1), randomBytes);
}

/** Records events one after the other, as one key's history. */
export function recordAll(
  events: readonly AnyNewEvent[],
  changes: Partial<Circumstances> = {},
): { events: AnyEvent[]; key: Folded } {
  let key = NOTHING;
  const recorded = events.map((event) => {
    const next = recordOn(key, event, changes);
    key = foldOne(key, next);
    return next;
  });
  return { events: recorded, key };
}

/** The aggregate `keyspaces` with these profiles, each defined by an event of its own. */
export function keyspacesWith(...profiles: readonly Profile[]): KeyspacesState {
  return profiles.reduce<KeyspacesState>((state, profile) => {
    const { version, head, time } = state;
    const known = entryOf(state, profile.slug);
    const type = known ? 'KeyspaceChanged' : 'KeyspaceDefined';
    const event = recordEvent(
      { type, data: { version: (known?.version ?? 0) + 1, profile }, personal: {}, private: {} },
      { aggregateId: KEYSPACES, version, head, time },
      circumstances({ workspaceId: null, keyspaceVersion: null }),
      dataKeyOf(KEYSPACES),
      seededBytes(profile.slug),
    );
    const verdict = foldKeyspaces(state, event as KeyspaceEvent);
    if (verdict.kind !== 'applied') throw new Error(`the profile was ${verdict.kind}`);
    return verdict.state;
  }, NO_KEYSPACES);
}

/** KeyCreated of a key with two scopes. */
export function created(
  data: Partial<AnyNewEvent<'KeyCreated'>['data']> = {},
  personal: Partial<AnyNewEvent<'KeyCreated'>['personal']> = {},
): AnyNewEvent<'KeyCreated'> {
  const secret = generateSecret('kf', seededBytes('first secret'));
  return {
    type: 'KeyCreated',
    data: plainKey({
      scopes: ['orders:read', 'orders:write'],
      preview: 'kf_...abcd',
      ownerId: 'u-anna',
      ...data,
    }),
    personal: {
      name: 'Nightly export',
      description: null,
      email: 'anna@example.com',
      tags: ['etl'],
      metadata: { team: 'data' },
      ...personal,
    },
    private: hashSecret(secret, PEPPER),
  };
}

export const disabled: AnyNewEvent = { type: 'KeyDisabled', data: {}, personal: { note: null }, private: {} };
export const enabled: AnyNewEvent = { type: 'KeyEnabled', data: {}, personal: { note: null }, private: {} };
export const revoked: AnyNewEvent = {
  type: 'KeyRevoked',
  data: { reason: null },
  personal: { note: null },
  private: {},
};
export const deleted: AnyNewEvent = {
  type: 'KeyDeleted',
  data: { destroyedDataKey: null },
  personal: { note: null },
  private: {},
};
export const forgotten: AnyNewEvent = {
  type: 'KeyForgotten',
  data: { destroyedDataKey: dataKeyId(KEY_ID, 1) },
  personal: {},
  private: {},
};
export const retired: AnyNewEvent = { type: 'PreviousSecretRetired', data: {}, personal: {}, private: {} };
export const regenerated = (retiresAt: string, seed = 'second secret'): AnyNewEvent => ({
  type: 'KeyRegenerated',
  data: { preview: 'kf_...efgh', retiresAt },
  personal: {},
  private: hashSecret(generateSecret('kf', seededBytes(seed)), PEPPER),
});

// PROTOCOL's rules of events, of the fold and of the deciding side of writers, each with the trace that it prevents.
import { describe, expect, test } from 'vitest';
import type { AnyEvent, AnyNewEvent, KeyEvent, KeyspaceEvent } from '../../events/catalogue.ts';
import { canonical, sha256 } from '../../events/canonical.ts';
import { GENESIS } from '../../events/chain.ts';
import { foldKey, foldKeyspaces } from '../../events/fold.ts';
import { KEYSPACES, keyIdFor } from '../../events/ids.ts';
import type { KeyCommandName } from '../../events/key/commands.ts';
import type { KeyState } from '../../events/key/state.ts';
import { decodeRecord, encodeRecord, genesis, recordEvent } from '../../events/record.ts';
import { given } from './given.ts';
import { seededBytes } from './seeded.ts';
import {
  at,
  circumstances,
  created,
  dataKeyOf,
  deleted,
  disabled,
  enabled,
  KEY_ID,
  keyspacesWith,
  NOTHING,
  NOW,
  placeOf,
  profileOf,
  recordAll,
  recordOn,
  regenerated,
  revoked,
  WORKSPACE,
} from './world.ts';
import { named } from '../fakes/named.ts';

const key = (event: AnyEvent | undefined): KeyEvent => event as KeyEvent;
/** A reader: folds what it is handed, in that order, and says what became of each. */
function reader() {
  let state: KeyState | null = null;
  return {
    read: (...events: AnyEvent[]) =>
      events.map((event) => {
        const verdict = foldKey(state, key(event));
        if (verdict.kind === 'applied') state = verdict.state;
        return verdict.kind;
      }),
    state: () => state,
  };
}

describe('events', () => {
  test('protocol E1: a command is decided as one event of one aggregate, so a lost race loses all of it', () => {
    // Two events in one command, of which only the second loses, would leave a chain that is broken without corruption.
    const profile = profileOf({ edit: { name: { how: 'SUCCESSOR' } } });
    const came = given([created()], { profile }).when('updateKey', { name: 'Renamed', tags: ['x'] });
    came.then({ successor: {} });
    expect(came.recorded?.attributes).toMatchObject({ version: 1, prev: GENESIS });
    const mine = recordOn(recordAll([created()]).key, disabled);
    const theirs = recordOn(recordAll([created()]).key, revoked);
    const { read, state } = reader();
    expect(read(...recordAll([created()]).events)).toEqual(['applied']);
    expect(read(theirs, mine)).toEqual(['applied', 'ignored']);
    expect(state()).toMatchObject({ version: 2, status: 'REVOKED' });
  });

  test('protocol E2: an event is named, numbered and chained, and the chain is checked from the public form alone', () => {
    const { events } = recordAll([created(), disabled, enabled]);
    let head = GENESIS;
    for (const [index, event] of events.entries()) {
      const { hash, ...covered } = event.attributes;
      expect(covered).toMatchObject({ id: `${KEY_ID}@${index + 1}`, version: index + 1, subject: KEY_ID, prev: head });
      expect(encodeRecord(event).key).toBe(KEY_ID);
      // Neither the personal nor the private part is needed: their commitments are among the attributes.
      expect(hash).toBe(sha256(canonical({ ...covered, data: event.data })));
      head = hash;
    }
  });

  test('protocol E2: equal personal parts have different commitments, so nothing can be guessed from them', () => {
    const [one, other] = ['a', 'b'].map((seed) => recordOn(NOTHING, created(), {}, seededBytes(seed)));
    expect(one?.attributes.personaldigest).not.toBe(other?.attributes.personaldigest);
    expect(one?.attributes.privatedigest).not.toBe(other?.attributes.privatedigest);
  });

  test('protocol E2: an owner’s id with an @ is refused by every command that takes one', () => {
    for (const id of ['anna@example.com', '@', 'a@b']) {
      const input = { workspaceId: WORKSPACE, keyspace: 'default', name: 'n', owner: { id } };
      given([])
        .when('createKey', input)
        .then({ refused: 'InvalidInput', path: ['owner', 'id'] });
      given([created()])
        .when('updateKey', { owner: { id } })
        .then({ refused: 'InvalidInput', path: ['owner', 'id'] });
    }
  });

  test('protocol E3: a retried create meets its own aggregate, so it can never make a second key', () => {
    expect(keyIdFor(WORKSPACE, 'c-1')).toBe(keyIdFor(WORKSPACE, 'c-1'));
    expect(new Set([keyIdFor('a', 'b'), keyIdFor('ab', ''), keyIdFor('a', 'c'), keyIdFor('b', 'b')]).size).toBe(4);
    const aggregateId = keyIdFor(WORKSPACE, 'c-1');
    const attempt = (seed: string) =>
      recordEvent(
        created(),
        genesis(aggregateId),
        circumstances({ commandId: 'c-1' }),
        dataKeyOf(aggregateId),
        seededBytes(seed),
      );
    const { read, state } = reader();
    expect(read(attempt('first'), attempt('second'))).toEqual(['applied', 'ignored']);
    expect(state()?.head).toBe(attempt('first').attributes.hash);
  });

  test('protocol E4: what was decided from a profile is in the event; a reader without any profile folds the same key', () => {
    const profile = profileOf({
      rateLimit: { min: 1, max: 600, default: 60 },
      expiry: { defaultDays: 1 },
      environments: named('live'),
    });
    const input = { workspaceId: WORKSPACE, keyspace: 'default', name: 'n' };
    const { recorded, key: folded } = given([], { profile }).when('createKey', input);
    const { read, state } = reader();
    expect(recorded && read(recorded)).toEqual(['applied']);
    expect(state()).toEqual(folded.state);
    expect(state()).toMatchObject({
      rateLimit: { limit: 60, windowSeconds: 60 },
      expiresAt: at(86_400),
      environment: 'live',
      keyspaceVersion: 1,
    });
  });

  test('protocol E5: time never runs backwards within a key, whichever writer’s clock is behind', () => {
    const first = recordAll([created()], { now: at(100) }).key;
    const behind = recordOn(first, disabled, { now: at(40) });
    expect(behind.attributes.time).toBe(at(100));
    expect(recordOn(first, disabled, { now: at(101) }).attributes.time).toBe(at(101));
    // Only the event's own time is lifted: what ends by the clock is counted by the clock.
    const { key: after } = given([created()], { since: at(100), now: at(40) }).when('regenerateKey', {
      overlapSeconds: 1,
    });
    expect(after.state).toMatchObject({ time: at(100), previousSecret: { retiresAt: at(41) } });
  });
});

describe('the fold', () => {
  const { events } = recordAll([created(), disabled]);
  const [first, second] = events as [AnyEvent, AnyEvent];
  const before = recordAll([created()]).key;

  test('protocol F1: the first event that extends a head wins, for every reader, whatever they meet again', () => {
    const mine = recordOn(before, disabled, { commandId: 'mine' });
    const theirs = recordOn(before, revoked, { commandId: 'theirs' });
    const log = [first, mine, theirs, mine, first, theirs];
    const readers = [reader(), reader()];
    expect(readers[0]?.read(...log)).toEqual(['applied', 'applied', 'ignored', 'ignored', 'ignored', 'ignored']);
    expect(readers[1]?.read(...log.flatMap((event) => [event, event]))).toContain('applied');
    expect(readers.map((each) => each.state()?.head)).toEqual([mine.attributes.hash, mine.attributes.hash]);
    expect(readers[0]?.state()).toEqual(readers[1]?.state());
  });

  test('protocol F1: a gap and another head are broken, and later events that extend the head still apply', () => {
    const foreign = recordOn({ ...before, state: before.state && { ...before.state, head: 'e'.repeat(64) } }, revoked);
    const third = recordOn(recordAll([created(), disabled]).key, enabled);
    const { read, state } = reader();
    expect(read(second)).toEqual(['broken']);
    expect(read(first, foreign, third, second, third)).toEqual(['applied', 'broken', 'broken', 'applied', 'applied']);
    expect(state()).toMatchObject({ version: 3, status: 'ACTIVE' });
  });

  test('protocol F1: what cannot follow is broken: any event before KeyCreated, and a second KeyCreated', () => {
    const orphan = recordEvent(disabled, genesis(KEY_ID), circumstances(), dataKeyOf(KEY_ID), seededBytes('x'));
    expect(reader().read(orphan)).toEqual(['broken']);
    const { read, state } = reader();
    expect(read(first, recordOn(before, created()))).toEqual(['applied', 'broken']);
    expect(state()?.version).toBe(1);
  });

  test('protocol F1: the way out is an event: RecordDiscarded extends the head and changes nothing else', () => {
    const discard: AnyNewEvent = {
      type: 'RecordDiscarded',
      data: { position: 'p1_0-3', reason: 'by hand' },
      personal: {},
      private: {},
    };
    const after = recordAll([created(), discard]).key.state;
    expect(after).toEqual({ ...before.state, version: 2, head: after?.head, time: NOW });
  });

  test('protocol F1: profiles follow the same rule: defined once, then changed, counted one by one', () => {
    const state = keyspacesWith(profileOf());
    const next = (type: 'KeyspaceDefined' | 'KeyspaceChanged', version: number, slug = 'default') => {
      const place = { aggregateId: KEYSPACES, version: state.version, head: state.head, time: state.time };
      const event: AnyNewEvent = { type, data: { version, profile: profileOf({ slug }) }, personal: {}, private: {} };
      const recorded = recordEvent(
        event,
        place,
        circumstances({ workspaceId: null }),
        dataKeyOf(KEYSPACES),
        seededBytes('k'),
      );
      return foldKeyspaces(state, recorded as KeyspaceEvent).kind;
    };
    expect(next('KeyspaceChanged', 2)).toBe('applied');
    expect(next('KeyspaceDefined', 1, 'other')).toBe('applied');
    expect(next('KeyspaceDefined', 1, 'constructor')).toBe('applied');
    expect(next('KeyspaceDefined', 1)).toBe('broken');
    expect(next('KeyspaceChanged', 3)).toBe('broken');
    expect(next('KeyspaceChanged', 1, 'other')).toBe('broken');
  });
});

describe('writers', () => {
  const REMOVING: [KeyCommandName, object][] = [
    ['disableKey', {}],
    ['revokeKey', {}],
    ['deleteKey', {}],
    ['retirePreviousSecret', {}],
    ['regenerateKey', {}],
    ['changeScopes', { scopes: ['orders:read', 'orders:write'] }],
    ['changeRestrictions', { origins: [] }],
    ['changeExpiry', { expiresAt: null }],
  ];

  test.each(REMOVING)('protocol W4: %s appends also where it seems to be so already', (name, input) => {
    for (const history of [[created()], [created(), disabled]])
      expect(given(history).when(name, input).decision.kind).toBe('event');
  });

  test.each(REMOVING)('protocol W4: %s appends nothing once the key is revoked or deleted', (name, input) => {
    given([created(), revoked]).when(name, input).then({ refused: 'InvalidState', status: 'REVOKED' });
    given([created(), deleted]).when(name, input).then({ refused: 'InvalidState', status: 'DELETED' });
  });

  test('protocol W4: an old enable that lands late cannot undo a disable that found the key disabled already', () => {
    // The old enable was decided on version 2 and is still on its way when the second disable is decided.
    const before = recordAll([created(), disabled]).key;
    const oldEnable = recordOn(before, enabled);
    const { recorded } = given([created(), disabled]).when('disableKey', {});
    if (!recorded) throw new Error('the second disable appended nothing');
    const { read, state } = reader();
    read(...recordAll([created(), disabled]).events);
    expect(read(recorded, oldEnable)).toEqual(['applied', 'ignored']);
    expect(state()?.status).toBe('DISABLED');
  });

  test('protocol W4: only updateKey and enableKey answer that it is so already', () => {
    given([created()]).when('updateKey', { name: 'Nightly export' }).then('unchanged');
    given([created()]).when('enableKey', {}).then('unchanged');
  });
});

describe('terminal', () => {
  const AFTER: AnyNewEvent[] = [
    enabled,
    disabled,
    regenerated(at(60)),
    { type: 'ExpiryChanged', data: { before: null, after: null }, personal: {}, private: {} },
  ];

  test.each(AFTER)('a revoked or deleted key stays so, whatever record extends its head: $type', (event) => {
    for (const [end, status] of [
      [revoked, 'REVOKED'],
      [deleted, 'DELETED'],
    ] as const) {
      const { key: ended } = recordAll([created(), end]);
      const forged = recordOn(ended, event);
      expect(decodeRecord(encodeRecord(forged)).ok).toBe(true);
      const verdict = foldKey(ended.state, key(forged));
      expect(verdict).toMatchObject({ kind: 'applied', state: { status, version: 3 } });
    }
    expect(recordAll([created(), deleted, revoked]).key.state?.status).toBe('DELETED');
  });

  test('a place is the head of what was folded', () => {
    const { state } = recordAll([created()]).key;
    expect(state && placeOf(state)).toEqual({ aggregateId: KEY_ID, version: 1, head: state?.head, time: NOW });
  });
});

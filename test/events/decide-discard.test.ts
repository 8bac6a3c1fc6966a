// discardRecord and the seed, decided: by operators only, for records that are parked.
import { describe, expect, test } from 'vitest';
import type { KeyspaceEvent } from '../../events/catalogue.ts';
import { foldKeyspaces } from '../../events/fold.ts';
import { KEYSPACES } from '../../events/ids.ts';
import { decideKeyspaces } from '../../events/keyspaces/decide.ts';
import { NO_KEYSPACES } from '../../events/keyspaces/state.ts';
import { recordEvent } from '../../events/record.ts';
import { given } from './given.ts';
import { seededBytes } from './seeded.ts';
import {
  ADMIN,
  circumstances,
  created,
  dataKeyOf,
  deleted,
  keyspacesWith,
  OPERATOR,
  profileOf,
  revoked,
} from './world.ts';

const position = 'p1_0-17';
const input = { position, reason: 'written by hand' };
const nothing = { refused: 'NotFound', message: 'there is no such key' } as const;

describe('discardRecord on a key', () => {
  test('extends its head, in any status', () => {
    for (const history of [[created()], [created(), revoked], [created(), deleted]])
      given(history, { caller: OPERATOR, parked: [position] })
        .when('discardRecord', input)
        .then({ event: 'RecordDiscarded', data: input });
  });

  test('finds no key for anybody but operators, admins included', () => {
    given([created()], { caller: ADMIN, parked: [position] })
      .when('discardRecord', input)
      .then(nothing);
    given([], { caller: OPERATOR, parked: [position] })
      .when('discardRecord', input)
      .then(nothing);
  });

  test('takes the position of a parked record only', () => {
    const wrong = { refused: 'InvalidInput', path: ['position'] } as const;
    given([created()], { caller: OPERATOR, parked: ['p1_0-18'] })
      .when('discardRecord', input)
      .then(wrong);
    for (const other of ['', 'p1', 'p1_0-1_1-1', 'p1_0-01', '17'])
      given([created()], { caller: OPERATOR, parked: [position] })
        .when('discardRecord', { ...input, position: other })
        .then(wrong);
  });

  test('needs a reason, and the version that was expected', () => {
    const asked = given([created()], { caller: OPERATOR, parked: [position], ifVersion: 3 });
    asked.when('discardRecord', { position, reason: ' ' }).then({ refused: 'InvalidInput', path: ['reason'] });
    asked.when('discardRecord', input).then({ refused: 'VersionConflict' });
  });
});

const SEED = { name: 'seedKeyspace', profile: profileOf() } as const;

describe('the aggregate keyspaces', () => {
  const command = { name: 'discardRecord', input } as const;
  const facts = { keyspaces: keyspacesWith(profileOf()), parked: [position] };
  const asked = { caller: OPERATOR, ifVersion: undefined };

  test('is seeded with the default profile once', () => {
    const decision = decideKeyspaces(SEED, { keyspaces: NO_KEYSPACES, parked: [] });
    expect(decision).toMatchObject({
      event: { type: 'KeyspaceDefined', data: { version: 1, profile: { slug: 'default' } } },
    });
    if (decision.kind !== 'event') throw new Error('nothing was decided');
    const place = { aggregateId: KEYSPACES, version: 0, head: NO_KEYSPACES.head, time: null };
    const event = recordEvent(
      decision.event,
      place,
      circumstances({ workspaceId: null }),
      dataKeyOf(KEYSPACES),
      seededBytes('s'),
    );
    const verdict = foldKeyspaces(NO_KEYSPACES, event as KeyspaceEvent);
    if (verdict.kind !== 'applied') throw new Error(verdict.kind);
    expect(decideKeyspaces(SEED, { keyspaces: verdict.state, parked: [] })).toEqual({
      kind: 'unchanged',
    });
  });

  test('is seeded beside other profiles', () => {
    const keyspaces = keyspacesWith(profileOf({ slug: 'other' }));
    expect(decideKeyspaces(SEED, { keyspaces, parked: [] }).kind).toBe('event');
  });

  test('discards parked records for operators, and has none for others', () => {
    expect(decideKeyspaces(command, facts, asked)).toMatchObject({ event: { type: 'RecordDiscarded', data: input } });
    expect(decideKeyspaces(command, facts, { ...asked, caller: ADMIN })).toMatchObject({
      refusal: { type: 'NotFound' },
    });
    expect(decideKeyspaces(command, facts)).toMatchObject({ refusal: { type: 'NotFound' } });
    expect(decideKeyspaces(command, { ...facts, parked: [] }, asked)).toMatchObject({
      refusal: { path: ['position'] },
    });
    expect(decideKeyspaces(command, facts, { ...asked, ifVersion: 9 })).toMatchObject({
      refusal: { type: 'VersionConflict' },
    });
  });
});

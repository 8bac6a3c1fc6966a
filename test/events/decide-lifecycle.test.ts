// disable, enable, revoke, delete, regenerate, retire, decided: in every status, under every policy.
import { describe, expect, test } from 'vitest';
import type { AnyNewEvent } from '../../events/catalogue.ts';
import { dataKeyId } from '../../events/ids.ts';
import { previewOf } from '../../events/key/preview.ts';
import { FORGOTTEN } from '../../events/key/state.ts';
import { tokenFormat } from '../../events/keyspaces/token-format.ts';
import { secret } from '../../events/secret.ts';
import { given } from './given.ts';
import {
  at,
  caller,
  created,
  deleted,
  disabled,
  enabled,
  forgotten,
  KEY_ID,
  NOW,
  profileOf,
  recordAll,
  regenerated,
  retired,
  revoked,
} from './world.ts';

const renamed: AnyNewEvent = {
  type: 'KeyDetailsChanged',
  data: { ownerId: null },
  personal: { name: 'Again' },
  private: {},
};

const HISTORIES = {
  ACTIVE: [created()],
  DISABLED: [created(), disabled],
  EXPIRED: [created({ expiresAt: NOW })],
  REVOKED: [created(), revoked],
  DELETED: [created(), deleted],
};
type Status = keyof typeof HISTORIES;
type Commands = 'disableKey' | 'enableKey' | 'regenerateKey' | 'retirePreviousSecret' | 'revokeKey' | 'deleteKey';

/** What each command comes to in each status: an event, `unchanged`, or refused for the status. */
const TABLE: Record<Commands, Partial<Record<Status, string>>> = {
  disableKey: { ACTIVE: 'KeyDisabled', DISABLED: 'KeyDisabled', EXPIRED: 'KeyDisabled' },
  enableKey: { ACTIVE: 'unchanged', DISABLED: 'KeyEnabled' },
  regenerateKey: { ACTIVE: 'KeyRegenerated', DISABLED: 'KeyRegenerated' },
  retirePreviousSecret: {
    ACTIVE: 'PreviousSecretRetired',
    DISABLED: 'PreviousSecretRetired',
    EXPIRED: 'PreviousSecretRetired',
  },
  revokeKey: { ACTIVE: 'KeyRevoked', DISABLED: 'KeyRevoked', EXPIRED: 'KeyRevoked' },
  deleteKey: { ACTIVE: 'KeyDeleted', DISABLED: 'KeyDeleted', EXPIRED: 'KeyDeleted' },
};

describe('the lifecycle, command by status', () => {
  const cells = Object.entries(TABLE).flatMap(([name, row]) =>
    Object.keys(HISTORIES).map(
      (status) => [name as Commands, status as Status, row[status as Status] ?? 'InvalidState'] as const,
    ),
  );
  test.each(cells)('%s on an %s key: %s', (name, status, outcome) => {
    const came = given(HISTORIES[status]).when(name, {});
    if (outcome === 'unchanged') came.then('unchanged');
    else if (outcome === 'InvalidState') came.then({ refused: 'InvalidState', status });
    else came.then({ event: outcome as never });
  });

  test.each(Object.keys(TABLE) as Commands[])('%s finds no deleted key for whoever may not see history', (name) => {
    given(HISTORIES.DELETED, { caller: caller('member') })
      .when(name, {})
      .then({ refused: 'NotFound', message: 'there is no such key' });
  });

  test.each(Object.keys(TABLE) as Commands[])('%s is refused for another version than the expected one', (name) => {
    given([created(), disabled], { ifVersion: 1 }).when(name, {}).then({ refused: 'VersionConflict' });
  });

  test('a key is as its last event says', () => {
    expect(recordAll([created(), disabled]).key.state?.status).toBe('DISABLED');
    expect(recordAll([created(), disabled, enabled]).key.state?.status).toBe('ACTIVE');
    expect(recordAll([created(), revoked]).key.state).toMatchObject({
      status: 'REVOKED',
      revocation: { reason: null, at: NOW },
    });
    expect(recordAll([created(), deleted]).key.state?.status).toBe('DELETED');
  });

  test('notes are personal data', () => {
    given([created()])
      .when('disableKey', { note: 'on leave' })
      .then({ event: 'KeyDisabled', data: {}, personal: { note: 'on leave' } });
    const { key } = given([created()]).when('revokeKey', { note: 'leaked' });
    expect(key.details.revocationNote).toBe('leaked');
  });
});

describe('what the keyspace does not do', () => {
  test('disable and enable', () => {
    const profile = profileOf({ disable: false });
    given([created()], { profile }).when('disableKey', {}).then({ refused: 'NotEnabled' });
    given([created(), disabled], { profile }).when('enableKey', {}).then({ refused: 'NotEnabled' });
  });

  test('regenerate; an overlap that is there can be ended all the same', () => {
    const profile = profileOf({ rotation: { enabled: false } });
    given([created()], { profile }).when('regenerateKey', {}).then({ refused: 'NotEnabled' });
    given([created(), regenerated(at(60))], { profile })
      .when('retirePreviousSecret', {})
      .then({ event: 'PreviousSecretRetired' });
  });

  test('regenerate, and tell whom it takes a promised time from: during an overlap, and only then', () => {
    const warned = (...events: Parameters<typeof given>[0]) => {
      const { decision } = given(events)
        .when('regenerateKey', { overlapSeconds: 60 })
        .then({ event: 'KeyRegenerated' });
      return decision.kind === 'event' ? decision.warnings : null;
    };
    expect(warned(created())).toEqual([]);
    expect(warned(created(), regenerated(at(0)))).toEqual([]);
    expect(warned(created(), regenerated(at(60)), retired)).toEqual([]);
    const message = `the previous secret, which was to work until ${at(60)}, ends with this: there are never more than two`;
    expect(warned(created(), regenerated(at(60)))).toEqual([{ code: 'PREVIOUS_SECRET_ENDS', message }]);
  });

  test('regenerate a key of a type that is no longer made', () => {
    given([created({ type: 'legacy' })])
      .when('regenerateKey', {})
      .then({ refused: 'NotEnabled' });
  });

  test('status stands before the keyspace', () => {
    given([created(), revoked], { profile: profileOf({ disable: false }) })
      .when('disableKey', {})
      .then({ refused: 'InvalidState' });
  });
});

describe('removal', () => {
  const reasons = ['Compromised', 'Replaced'];

  test('delete means revoke where the keyspace says so', () => {
    const profile = profileOf({ removal: { mode: 'DELETE_IS_REVOKE', revoke: false, reasons } });
    given([created()], { profile })
      .when('deleteKey', { note: 'n' })
      .then({ event: 'KeyRevoked', data: { reason: null }, personal: { note: 'n' } });
    given([created()], { profile }).when('revokeKey', {}).then({ refused: 'NotEnabled' });
  });

  test('revoke with a reason of the keyspace’s, and no delete', () => {
    const profile = profileOf({ removal: { mode: 'REVOKE', reasons } });
    given([created()], { profile }).when('deleteKey', {}).then({ refused: 'NotEnabled' });
    given([created()], { profile })
      .when('revokeKey', { reason: 'Replaced' })
      .then({ event: 'KeyRevoked', data: { reason: 'Replaced' } });
    for (const reason of [undefined, null, 'replaced', 'Other'])
      given([created()], { profile })
        .when('revokeKey', { reason })
        .then({ refused: 'InvalidInput', path: ['reason'] });
  });

  test('takes no reason where the keyspace has none: it would be public for ever', () => {
    const { decision } = given([created()])
      .when('revokeKey', { reason: 'canary' })
      .then({ refused: 'InvalidInput', path: ['reason'] });
    expect(JSON.stringify(decision)).not.toContain('canary');
  });

  const erasing = profileOf({ removal: { revoke: false, erase: true } });

  test('is hard where the keyspace deletes only', () => {
    given([created()], { profile: erasing }).when('revokeKey', {}).then({ refused: 'NotEnabled' });
    const profile = profileOf({ removal: { revoke: false, erase: false } });
    given([created()], { profile })
      .when('deleteKey', { note: 'n' })
      .then({ event: 'KeyDeleted', data: { destroyedDataKey: null }, personal: { note: 'n' } });
  });

  test('where the keyspace erases names the data key that goes with the key, the current one', () => {
    for (const [history, number] of [
      [[created()], 1],
      [[created(), forgotten], 2],
    ] as const) {
      const { key } = given([...history], { profile: erasing })
        .when('deleteKey', {})
        .then({ event: 'KeyDeleted', data: { destroyedDataKey: dataKeyId(KEY_ID, number) } });
      expect(key.state).toMatchObject({ status: 'DELETED', dataKeyNumber: number + 1 });
      expect(key.details).toEqual(FORGOTTEN);
    }
  });

  test('where the keyspace erases keeps no note, and says so to whoever gave one', () => {
    const { decision } = given([created()], { profile: erasing })
      .when('deleteKey', { note: 'canary' })
      .then({ event: 'KeyDeleted', personal: { note: null } });
    expect(JSON.stringify(decision)).not.toContain('canary');
    expect(decision).toMatchObject({ warnings: [{ code: 'NOTE_NOT_KEPT' }] });
    const bare = given([created()], { profile: erasing }).when('deleteKey', {});
    expect(bare.decision).not.toHaveProperty('warnings');
  });
});

describe('forgetKey', () => {
  test('blanks the details and goes on under a new data key, in every status', () => {
    const histories = [[], [disabled], [revoked], [deleted], [disabled, revoked]];
    for (const events of histories) {
      const before = recordAll([created(), ...events]).key.state;
      const { key } = given([created(), ...events])
        .when('forgetKey', {})
        .then({ event: 'KeyForgotten', data: { destroyedDataKey: dataKeyId(KEY_ID, 1) }, personal: {} });
      expect(key.details).toEqual(FORGOTTEN);
      expect(key.state).toMatchObject({ status: before?.status, secret: before?.secret, dataKeyNumber: 2 });
    }
  });

  test('protocol W4: erases again what came since, and appends though nothing did', () => {
    for (const since of [[], [renamed]])
      given([created(), forgotten, ...since])
        .when('forgetKey', {})
        .then({ event: 'KeyForgotten', data: { destroyedDataKey: dataKeyId(KEY_ID, 2) } });
  });

  test('is for the version that was expected', () => {
    given([created(), renamed], { ifVersion: 1 }).when('forgetKey', {}).then({ refused: 'VersionConflict' });
  });
});

describe('regenerateKey', () => {
  test('gives the same key a new secret; without an overlap the old one is gone at once', () => {
    const { decision, key } = given([created()])
      .when('regenerateKey', {})
      .then({ event: 'KeyRegenerated', data: { retiresAt: NOW } });
    if (decision.kind !== 'event' || !decision.secret) throw new Error('no secret');
    expect(key.state).toMatchObject({
      previousSecret: null,
      lastRotatedAt: NOW,
      preview: `kf_...${decision.secret.reveal().slice(-4)}`,
    });
    expect(key.state?.secret.hash).not.toBe(recordAll([created()]).key.state?.secret.hash);
  });

  test('keeps the old one for the overlap, the keyspace’s own where none is asked for', () => {
    const first = recordAll([created()]).key.state?.secret;
    const { key } = given([created()]).when('regenerateKey', { overlapSeconds: 60 });
    expect(key.state?.previousSecret).toEqual({ ...first, retiresAt: at(60) });
    const profile = profileOf({ rotation: { defaultOverlapSeconds: 30, maxOverlapSeconds: 60 } });
    for (const input of [{}, { overlapSeconds: null }])
      given([created()], { profile })
        .when('regenerateKey', input)
        .then({ event: 'KeyRegenerated', data: { retiresAt: at(30) } });
  });

  test('takes an overlap up to the keyspace’s and the contract’s maximum', () => {
    const profile = profileOf({ rotation: { maxOverlapSeconds: 60 } });
    const tooLong = { refused: 'InvalidInput', path: ['overlapSeconds'] } as const;
    given([created()], { profile }).when('regenerateKey', { overlapSeconds: 60 }).then({ event: 'KeyRegenerated' });
    given([created()], { profile }).when('regenerateKey', { overlapSeconds: 61 }).then(tooLong);
    given([created()]).when('regenerateKey', { overlapSeconds: 691_200 }).then({ event: 'KeyRegenerated' });
    for (const overlapSeconds of [691_201, -1, 1.5])
      given([created()]).when('regenerateKey', { overlapSeconds }).then(tooLong);
  });

  test('replaces the previous secret when it comes again during an overlap: there are never more than two', () => {
    const second = recordAll([created(), regenerated(at(600))]).key.state?.secret;
    const { key } = given([created(), regenerated(at(600))], { now: at(60) }).when('regenerateKey', {
      overlapSeconds: 60,
    });
    expect(key.state?.previousSecret).toEqual({ ...second, retiresAt: at(120) });
    const none = given([created(), regenerated(at(600))], { now: at(60) }).when('regenerateKey', {});
    expect(none.key.state?.previousSecret).toBeNull();
  });

  test('counts the overlap by the clock, also after an event of a clock that ran fast', () => {
    const weeks = 21 * 86_400;
    const before = recordAll([created()]).key.state?.secret;
    const { key } = given([created()], { since: at(weeks) })
      .when('regenerateKey', { overlapSeconds: 5 })
      .then({ event: 'KeyRegenerated', data: { retiresAt: at(5) } });
    expect(key.state).toMatchObject({ time: at(weeks), previousSecret: { ...before, retiresAt: at(5) } });
    const none = given([created()], { since: at(weeks) }).when('regenerateKey', { overlapSeconds: 0 });
    expect(none.key.state?.previousSecret).toBeNull();
  });
});

describe('the previous secret', () => {
  test('ends by hand and by removal', () => {
    for (const end of [retired, revoked, deleted])
      expect(recordAll([created(), regenerated(at(600)), end]).key.state?.previousSecret).toBeNull();
  });
});

describe('the preview', () => {
  const text = secret('sk_live_abc123456789012345678901234567890GHIJ');
  test.each([
    [{ first: 0, last: 0 }, 'sk_live_...'],
    [{ first: 4, last: 0 }, 'sk_live_abc1...'],
    [{ first: 0, last: 4 }, 'sk_live_...GHIJ'],
    [{ first: 6, last: 4 }, 'sk_live_abc123...GHIJ'],
    [{ last: 0, mask: '…' }, 'sk_live_…'],
    [{ prefix: false, last: 4, mask: '••••••••' }, '••••••••GHIJ'],
    [{ prefix: false, last: 0, mask: '' }, ''],
    [{ prefix: false, last: 0, mask: '••••••••', keyId: true }, '•••••••• key_0123456789abcdefghijAB'],
  ])('%o shows %s', (preview, shown) => {
    const format = tokenFormat(profileOf({ credential: { preview } }));
    expect(previewOf(format, text, 'key_0123456789abcdefghijAB')).toBe(shown);
  });
});

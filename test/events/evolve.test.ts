// evolve: what each event changes of a key's state and details, and what it leaves alone.
import { describe, expect, test } from 'vitest';
import type { AnyNewEvent, KeyEvent } from '../../events/catalogue.ts';
import { dataKeyId } from '../../events/ids.ts';
import { evolveDetails } from '../../events/key/evolve.ts';
import { FORGOTTEN, statusAt, type KeyState } from '../../events/key/state.ts';
import {
  ANNA,
  at,
  created,
  deleted,
  disabled,
  enabled,
  foldOne,
  forgotten,
  KEY_ID,
  NOTHING,
  NOW,
  recordAll,
  recordOn,
  regenerated,
  retired,
  revoked,
} from './world.ts';

const BEFORE = recordAll([created(), disabled, regenerated(at(600))]).key;
const access = { scopes: ['x'], unrestricted: true, resources: { all: false, ids: ['r'] }, flags: ['f'] };
const restrictions = {
  origins: ['https://a.example'],
  ipRanges: ['10.0.0.0/8'],
  rateLimit: { limit: 1, windowSeconds: 1 },
};
const erased: AnyNewEvent = { ...deleted, data: { destroyedDataKey: dataKeyId(KEY_ID, 1) } } as AnyNewEvent;

/** What each event changes of the state, besides version, head and time. */
const CHANGES: [AnyNewEvent, Partial<KeyState>][] = [
  [{ type: 'KeyDetailsChanged', data: { ownerId: null }, personal: { name: 'x' }, private: {} }, { ownerId: null }],
  [{ type: 'ScopesChanged', data: { before: access, after: access }, personal: {}, private: {} }, access],
  [
    { type: 'RestrictionsChanged', data: { before: restrictions, after: restrictions }, personal: {}, private: {} },
    restrictions,
  ],
  [{ type: 'ExpiryChanged', data: { before: null, after: at(9) }, personal: {}, private: {} }, { expiresAt: at(9) }],
  [disabled, {}],
  [enabled, { status: 'ACTIVE' }],
  [retired, { previousSecret: null }],
  [revoked, { status: 'REVOKED', previousSecret: null, revocation: { reason: null, at: NOW, by: ANNA } }],
  [deleted, { status: 'DELETED', previousSecret: null }],
  [erased, { status: 'DELETED', previousSecret: null, dataKeyNumber: 2 }],
  [forgotten, { dataKeyNumber: 2 }],
  [{ type: 'RecordDiscarded', data: { position: 'p1_0-1', reason: 'r' }, personal: {}, private: {} }, {}],
];

describe('the state', () => {
  test.each(CHANGES)('$type changes what it says and nothing else', (event, changes) => {
    const recorded = recordOn(BEFORE, event);
    const after = recordAll([created(), disabled, regenerated(at(600)), event]).key.state;
    expect(after).toEqual({ ...BEFORE.state, ...changes, version: 4, head: recorded.attributes.hash, time: NOW });
  });

  test('a secret that is replaced stays for its overlap, one whose time has come does not', () => {
    const first = recordAll([created()]).key.state?.secret;
    expect(BEFORE.state?.previousSecret).toEqual({ ...first, retiresAt: at(600) });
    expect(recordAll([created(), regenerated(NOW)]).key.state?.previousSecret).toBeNull();
    const { key } = recordAll([created()]);
    const late = foldOne(key, recordOn(key, regenerated(at(1)), { now: at(2) }));
    expect(late.state.previousSecret).toBeNull();
  });

  test('an overlap that was counted by a clock behind the key’s time lasts until its own end', () => {
    const { key } = recordAll([created()], { now: at(100) });
    const lifted = foldOne(key, recordOn(key, regenerated(at(45)), { now: at(40) }));
    expect(lifted.state).toMatchObject({ time: at(100), previousSecret: { ...key.state?.secret, retiresAt: at(45) } });
  });

  test('EXPIRED is judged by the clock, of what would have been active or disabled', () => {
    expect(statusAt({ status: 'ACTIVE', expiresAt: at(1) }, at(0.999))).toBe('ACTIVE');
    expect(statusAt({ status: 'ACTIVE', expiresAt: at(1) }, at(1))).toBe('EXPIRED');
    expect(statusAt({ status: 'DISABLED', expiresAt: at(1) }, at(2))).toBe('EXPIRED');
    expect(statusAt({ status: 'REVOKED', expiresAt: at(1) }, at(2))).toBe('REVOKED');
    expect(statusAt({ status: 'DELETED', expiresAt: at(1) }, at(2))).toBe('DELETED');
    expect(statusAt({ status: 'ACTIVE', expiresAt: null }, '9999-12-31T23:59:59.999Z')).toBe('ACTIVE');
  });
});

describe('the details', () => {
  test('are changed member by member; what is absent stays, what is null is cleared', () => {
    const change: AnyNewEvent = {
      type: 'KeyDetailsChanged',
      data: { ownerId: null },
      personal: { email: null, tags: [] },
      private: {},
    };
    expect(recordAll([created(), change]).key.details).toEqual({
      ...recordAll([created()]).key.details,
      email: null,
      tags: [],
    });
  });

  test('keep the note of a revocation and no other', () => {
    const withNote = (event: AnyNewEvent) =>
      recordAll([created(), { ...event, personal: { note: 'n' } } as AnyNewEvent]).key.details;
    expect(withNote(revoked).revocationNote).toBe('n');
    expect(withNote(disabled)).toEqual(recordAll([created()]).key.details);
    expect(withNote(deleted).revocationNote).toBeNull();
  });

  test('are blank once they are forgotten, by either event, and can be written again', () => {
    expect(recordAll([created(), forgotten]).key.details).toEqual(FORGOTTEN);
    expect(recordAll([created(), erased]).key.details).toEqual(FORGOTTEN);
    const again: AnyNewEvent = {
      type: 'KeyDetailsChanged',
      data: { ownerId: null },
      personal: { name: 'Again' },
      private: {},
    };
    expect(recordAll([created(), forgotten, again]).key.details).toEqual({ ...FORGOTTEN, name: 'Again' });
  });

  test('of parts that cannot be opened any more stay as they are', () => {
    expect(evolveDetails(FORGOTTEN, recordOn(NOTHING, created()) as KeyEvent, null)).toEqual(FORGOTTEN);
  });
});

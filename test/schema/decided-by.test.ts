// Why a check was refused: the event behind it, and the verdict decided again from history, for those who may see history.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEYSPACES } from '../../events/ids.ts';
import { encodeRecord } from '../../events/record.ts';
import type { AnyNewEvent } from '../../events/catalogue.ts';
import type { LoggedRequest } from '../../events/usage.ts';
import { NOTHING_FOLDED, reduceUsage } from '../../projections/usage-reduce.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { at, defined, noted } from '../fakes/author.ts';
import { batchOf, partitionOf, type Decision } from '../support/usage.ts';
import { ADMIN, caller, createInstallation, STRANGER, type Installation } from './installation.ts';

const AUDITOR = caller({ acme: 'auditor' });
const OPERATING = caller({ acme: 'auditor' }, { operator: true });
const BEFORE = {
  ...DEFAULT_PROFILE,
  permissions: { freeForm: true, implications: [{ scope: 'a:read', implies: ['b:read'] }] },
};
let on: Installation;
let key = '';

beforeAll(async () => {
  on = await createInstallation({ profiles: [BEFORE] });
  [key = ''] = await on.plant(['one']);
  const append = async (id: string, event: AnyNewEvent) =>
    on.log.append([encodeRecord(await on.author.next(id, event, id === KEYSPACES ? {} : { workspaceId: 'acme' }))]);
  await append(key, noted('KeyDisabled', 'stolen laptop'));
  await append(key, noted('KeyEnabled'));
  await append(KEYSPACES, defined(DEFAULT_PROFILE, 2));
  const destroyed = {
    type: 'KeyForgotten',
    data: { destroyedDataKey: `${key}.1` },
    personal: {},
    private: {},
  } as const;
  await append(key, { ...restricted, data: { before: NONE, after: { ...NONE, ipRanges: ['192.0.2.1'] } } });
  await append(key, destroyed);
  await on.settle();
  const position = await on.log.end();
  const seen = `p1_${Object.entries(position)
    .map(([partition, offset]) => `${partition}-${offset}`)
    .join('_')}`;
  const check = (n: number, code: Decision['code'], request: Partial<LoggedRequest>): Decision => ({
    ...{ keyId: key, time: at(1000 + n), ...(code ? { code } : {}) },
    ...(request.keyVersion === undefined ? {} : { keyVersion: request.keyVersion }),
    request: { keyspaceVersion: 2, position: seen, ip: null, ...request },
  });
  const batch = batchOf('v1', 1, [
    check(0, 'DISABLED', { keyVersion: 2 }),
    check(1, 'INSUFFICIENT_SCOPE', { keyVersion: 3, asked: { scopes: ['b:read'] } }),
    check(2, 'INSUFFICIENT_SCOPE', { keyVersion: 3, asked: { scopes: ['c'] } }),
    check(3, 'VALID', { keyVersion: 2 }), // what a verifier never said
    check(4, 'VALID', { keyVersion: 4, ip: null }), // from an address that was erased
    check(5, 'RATE_LIMITED', { keyVersion: 1 }),
    check(6, 'VALID', { keyVersion: 99 }), // of events that nobody has
    check(7, 'VALID', { keyVersion: 1, keyspaceVersion: 1, asked: { scopes: ['b:read'] } }),
    check(8, 'RESOURCE_NOT_ALLOWED', { keyVersion: 1, asked: { resource: { type: 't', id: '[redacted]' } } }),
  ]);
  const loaded = { checkpoint: NOTHING_FOLDED, logDays: () => 30, forgetAfterMs: 1e12, now: at(2000) };
  await on.memory.usage.apply(reduceUsage(loaded, partitionOf([batch])).writes);
});
afterAll(() => on.stop());

const NONE = { origins: [], ipRanges: [], rateLimit: null };
const restricted = { type: 'RestrictionsChanged', personal: {}, private: {} } as const;

interface Why {
  recomputed: string | null;
  decidedBy: Record<string, unknown> | null;
}

async function why(n: number, as = AUDITOR): Promise<Why | null> {
  const { result } = await on.ask(
    `{ workspace(id: "acme") { request(id: "r-${n}") { recomputed
      decidedBy { id type time actor { kind id } commandId requestId ip data hash prev } } } }`,
    null,
    as,
  );
  expect(result.errors).toBeUndefined();
  return (result.data as { workspace: { request: Why } | null }).workspace?.request ?? null;
}

describe('a refused request', () => {
  test('leads to who did it, when and with which note', async () => {
    expect(await why(0)).toMatchObject({
      recomputed: 'DISABLED',
      decidedBy: { id: `${key}@2`, type: 'KEY_DISABLED', actor: { kind: 'USER', id: 'ada' } },
    });
  });

  test('protocol D2: leads to the creation of a key that never could, and to the change of the profile of one that could', async () => {
    expect(await why(2)).toMatchObject({ recomputed: 'INSUFFICIENT_SCOPE', decidedBy: { type: 'KEY_CREATED' } });
    expect(await why(1)).toMatchObject({ decidedBy: { id: `${KEYSPACES}@2`, type: 'KEYSPACE_CHANGED' } });
  });

  test('tells of a profile’s change who made it and what is in it to operators alone', async () => {
    const hidden = { actor: null, commandId: null, requestId: null, ip: null, hash: null, prev: null };
    expect((await why(1))?.decidedBy).toMatchObject({ ...hidden, data: { slug: 'default', version: 2 } });
    expect((await why(1, OPERATING))?.decidedBy).toMatchObject({
      ...{ actor: { kind: 'USER', id: 'ada' }, ip: '192.0.2.7' },
      data: { version: 2, profile: { slug: 'default' } },
    });
  });

  test('tells nothing to those who see usage and no history, and is not there for strangers', async () => {
    for (const role of ['member', 'viewer'] as const)
      expect(await why(0, caller({ acme: role }))).toEqual({ recomputed: null, decidedBy: null });
    expect(await why(0, ADMIN)).toMatchObject({ recomputed: 'DISABLED' });
    expect(await why(0, STRANGER)).toBeNull();
  });
});

describe('a recomputed verdict', () => {
  test('protocol D1: differs from a logged one that history does not bear', async () => {
    expect(await why(3)).toEqual({ recomputed: 'DISABLED', decidedBy: null });
  });

  test('is judged by the profile that was in force', async () => {
    expect(await why(7)).toEqual({ recomputed: 'VALID', decidedBy: null });
  });

  test('protocol D1: is null where history does not tell: counts of calls, erased addresses, events that are not there', async () => {
    for (const n of [4, 5, 6]) expect([n, await why(n)]).toEqual([n, { recomputed: null, decidedBy: null }]);
  });

  test('is told where what was taken out of the log makes no difference', async () => {
    expect(await why(8)).toEqual({ recomputed: 'VALID', decidedBy: null });
  });
});

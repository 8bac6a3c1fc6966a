// Mutations: what each does, what its payload shows, and how its input is read.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { checksum } from '../../events/secret.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import * as documents from '../generated/graphql.ts';
import { until } from '../fakes/running.ts';
import { ADMIN, caller, createInstallation, OPERATOR, SUCCEEDING, type Installation } from './installation.ts';

let on: Installation;
beforeAll(async () => {
  on = await createInstallation({ profiles: [DEFAULT_PROFILE, SUCCEEDING] });
});
afterAll(() => on.stop());

/** The payload of a mutation; throws where it answers an error. */
function payload<T extends { readonly __typename: string }>(
  result: T,
): Extract<T, { readonly __typename: `${string}Payload` }> {
  if (!result.__typename.endsWith('Payload')) throw new Error(JSON.stringify(result));
  return result as Extract<T, { readonly __typename: `${string}Payload` }>;
}

let count = 0;
async function createKey(input: Partial<documents.CreateKeyInput> = {}) {
  count += 1;
  const variables = { input: { workspaceId: 'acme', keyspace: 'default', name: `key ${count}`, ...input } };
  return payload((await on.run(documents.CreateKeyDocument, variables)).createKey);
}

describe('createKey', () => {
  test('makes the key that was asked for and shows its secret', async () => {
    const made = await createKey({
      ...{ name: 'deploy', scopes: ['a:read'], unrestricted: false, resources: { ids: ['r1'] }, flags: [] },
      ...{ origins: ['https://example.com'], ipRanges: ['192.0.2.0/24'], rateLimit: { limit: 10 } },
      ...{
        owner: { id: 'u-1', email: 'o@example.com' },
        description: 'for CI',
        tags: ['ci'],
        metadata: { team: { size: 3 } },
      },
      expiresAt: '2030-06-01T14:00:00.1239+02:00',
    });
    expect(made.secret).toMatch(/^kf_[0-9A-Za-z]{36}$/);
    expect(made.secret!.slice(-6)).toBe(checksum(made.secret!.slice(3, -6)));
    expect(made.key).toMatchObject({
      ...{
        name: 'deploy',
        scopes: ['a:read'],
        resources: { all: false, ids: ['r1'] },
        origins: ['https://example.com'],
      },
      ...{
        ipRanges: ['192.0.2.0/24'],
        rateLimit: { limit: 10, windowSeconds: 60 },
        owner: { id: 'u-1', email: 'o@example.com' },
      },
      ...{ description: 'for CI', tags: ['ci'], metadata: { team: { size: 3 } }, status: 'ACTIVE', version: 1 },
      // Any RFC 3339 time is taken and brought to the one form that is stored.
      expiresAt: '2030-06-01T12:00:00.123Z',
    });
    expect(made.position).toMatch(/^p1_\d-\d+$/);
  });

  test('its secret is in the answer of that mutation and in no other', async () => {
    const { secret, key } = await createKey();
    const random = secret!.slice(3, -4);
    const told: unknown[] = [
      await on.run(documents.KeyDocument, { id: key!.id }),
      await on.run(documents.KeyHistoryDocument, { id: key!.id, first: 10 }),
      await on.run(documents.KeyTableDocument, { workspace: 'acme' }),
      on.memory.contents(),
      on.log.records().map(({ value }) => Buffer.from(value).toString()),
      on.lines,
    ];
    for (let start = 0; start + 12 <= random.length; start++)
      expect(JSON.stringify(told)).not.toContain(random.slice(start, start + 12));
  });

  test('under the same commandId gives the first outcome without the secret, and another input is refused', async () => {
    const first = await createKey({ commandId: 'again-1', name: 'again' });
    const input = { workspaceId: 'acme', keyspace: 'default', commandId: 'again-1' };
    const { createKey: second } = await on.run(documents.CreateKeyDocument, { input: { ...input, name: 'again' } });
    expect(second).toMatchObject({
      __typename: 'SecretAlreadyRevealed',
      code: 'SECRET_ALREADY_REVEALED',
      key: { id: first.key!.id },
      position: first.position,
    });
    const { createKey: other } = await on.run(documents.CreateKeyDocument, { input: { ...input, name: 'another' } });
    expect(other).toMatchObject({ __typename: 'InvalidInput', code: 'INVALID_INPUT', path: ['commandId'] });
  });
});

describe('edits', () => {
  test('an omitted member is unchanged, null clears, a list replaces', async () => {
    const { key } = await createKey({ description: 'old', tags: ['a', 'b'], metadata: { a: 1 }, owner: { id: 'u-1' } });
    const update = async (input: Omit<documents.UpdateKeyInput, 'id'>) =>
      payload((await on.run(documents.UpdateKeyDocument, { input: { id: key!.id, ...input } })).updateKey).key;
    expect(await update({ name: 'new' })).toMatchObject({
      name: 'new',
      description: 'old',
      tags: ['a', 'b'],
      metadata: { a: 1 },
    });
    expect(await update({ description: null, tags: ['c'] })).toMatchObject({
      name: 'new',
      description: null,
      tags: ['c'],
      metadata: { a: 1 },
    });
    expect(await update({ metadata: null, owner: null })).toMatchObject({ metadata: null, owner: null, tags: ['c'] });
  });

  test('changeScopes, changeRestrictions and changeExpiry change what they say', async () => {
    const { key } = await createKey({ scopes: ['a:read'] });
    const { id } = key!;
    const scopes = payload(
      (
        await on.run(documents.ChangeScopesDocument, {
          input: { id, scopes: ['b:read', 'c:read'], resources: { all: true } },
        })
      ).changeScopes,
    );
    expect(scopes.key).toMatchObject({ scopes: ['b:read', 'c:read'], version: 2 });
    const limits = payload(
      (
        await on.run(documents.ChangeRestrictionsDocument, {
          input: { id, ipRanges: ['2001:db8::/32'], rateLimit: { limit: 3, windowSeconds: 60 } },
        })
      ).changeRestrictions,
    );
    expect(limits.key).toMatchObject({ ipRanges: ['2001:db8::/32'], rateLimit: { limit: 3, windowSeconds: 60 } });
    const cleared = payload(
      (await on.run(documents.ChangeRestrictionsDocument, { input: { id, rateLimit: null } })).changeRestrictions,
    );
    expect(cleared.key).toMatchObject({ ipRanges: ['2001:db8::/32'], rateLimit: null });
    const expires = payload(
      (await on.run(documents.ChangeExpiryDocument, { input: { id, expiresAt: '2031-01-01T00:00:00Z' } })).changeExpiry,
    );
    expect(expires.key!.expiresAt).toBe('2031-01-01T00:00:00.000Z');
    const never = payload(
      (await on.run(documents.ChangeExpiryDocument, { input: { id, expiresAt: null } })).changeExpiry,
    );
    expect(never.key!.expiresAt).toBeNull();
    for (const { secret, predecessor } of [scopes, limits, expires])
      expect([secret, predecessor]).toEqual([null, null]);
  });

  test('where the keyspace says so, an edit makes a successor with a secret and leaves the old key as it is', async () => {
    const { key } = await createKey({ keyspace: 'succeeding', environment: 'live', scopes: ['a:read'] });
    const made = payload(
      (await on.run(documents.ChangeScopesDocument, { input: { id: key!.id, scopes: ['a:write'] } })).changeScopes,
    );
    expect(made.secret).toMatch(/^sc_live_/);
    expect(made.key).toMatchObject({ scopes: ['a:write'], version: 1, name: key!.name, environment: 'live' });
    expect(made.predecessor).toMatchObject({ id: key!.id, scopes: ['a:read'], version: 1, status: 'ACTIVE' });
    expect((await on.run(documents.KeyDocument, { id: key!.id })).key!.successors).toEqual([{ id: made.key!.id }]);
  });

  test('a commandId that made a key may change another one, and only a successor shares the workspace’s scope', async () => {
    const commandId = 'scope-1';
    const { key } = await createKey({ keyspace: 'succeeding', environment: 'live', scopes: ['a:read'] });
    const { id } = key!;
    await createKey({ commandId });
    const reused = { __typename: 'InvalidInput', path: ['commandId'] };
    const rename = async (name: string) =>
      (await on.run(documents.UpdateKeyDocument, { input: { id, name, commandId } })).updateKey;
    expect(await rename('would be a successor')).toMatchObject(reused);
    const update = async (tags: string[]) =>
      (await on.run(documents.UpdateKeyDocument, { input: { id, tags, commandId } })).updateKey;
    const first = payload(await update(['in place']));
    expect(first.key).toMatchObject({ tags: ['in place'], version: 2 });
    expect(payload(await update(['in place'])).position).toBe(first.position);
    expect(await update(['another'])).toMatchObject(reused);

    const make = { input: { id, scopes: ['a:write'], commandId: 'scope-2' } };
    const made = payload((await on.run(documents.ChangeScopesDocument, make)).changeScopes);
    expect((await on.run(documents.ChangeScopesDocument, make)).changeScopes).toMatchObject({
      __typename: 'SecretAlreadyRevealed',
    });
    expect(await update(['in place'])).toMatchObject({ key: { id } });
    expect(made.predecessor).toMatchObject({ id });
  });

  test('ifVersion guards against what happened meanwhile', async () => {
    const { key } = await createKey();
    const update = async (ifVersion: number) =>
      (await on.run(documents.UpdateKeyDocument, { input: { id: key!.id, name: `at ${ifVersion}`, ifVersion } }))
        .updateKey;
    expect(payload(await update(1)).key!.version).toBe(2);
    expect(await update(1)).toMatchObject({
      __typename: 'VersionConflict',
      code: 'VERSION_CONFLICT',
      expected: 1,
      actual: 2,
      path: null,
    });
  });
});

describe('the life of a key', () => {
  test('disable, enable, regenerate with an overlap, retire, revoke', async () => {
    const { key, secret } = await createKey();
    const { id } = key!;
    expect(
      payload((await on.run(documents.DisableKeyDocument, { input: { id, note: 'holiday' } })).disableKey).key!.status,
    ).toBe('DISABLED');
    expect(
      payload((await on.run(documents.EnableKeyDocument, { input: { id, note: null } })).enableKey).key!.status,
    ).toBe('ACTIVE');
    const rotated = payload(
      (await on.run(documents.RegenerateKeyDocument, { input: { id, overlapSeconds: 600 } })).regenerateKey,
    );
    expect(rotated.secret).toMatch(/^kf_/);
    expect(rotated.secret).not.toBe(secret);
    expect(rotated.key!.previousSecret).not.toBeNull();
    const retired = payload(
      (await on.run(documents.RetirePreviousSecretDocument, { input: { id } })).retirePreviousSecret,
    );
    expect(retired.key!.previousSecret).toBeNull();
    const revoked = payload((await on.run(documents.RevokeKeyDocument, { input: { id, note: 'lost' } })).revokeKey);
    expect(revoked.key).toMatchObject({
      status: 'REVOKED',
      revocation: { reason: null, note: 'lost', by: { id: 'ada' } },
    });
    const { enableKey } = await on.run(documents.EnableKeyDocument, { input: { id } });
    expect(enableKey).toMatchObject({ __typename: 'InvalidState', code: 'INVALID_STATE', status: 'REVOKED' });
  });

  test('who deletes a key sees it deleted, also without the history', async () => {
    const { key } = await createKey();
    const member = caller({ acme: 'member' });
    const deleted = payload((await on.run(documents.DeleteKeyDocument, { input: { id: key!.id } }, member)).deleteKey);
    expect(deleted.key).toMatchObject({ id: key!.id, status: 'DELETED' });
    expect((await on.run(documents.KeyDocument, { id: key!.id }, member)).key).toBeNull();
  });

  test('what the keyspace forbids is NotEnabled', async () => {
    const { key } = await createKey({ keyspace: 'succeeding', environment: 'test', scopes: ['a:read'] });
    const { deleteKey } = await on.run(documents.DeleteKeyDocument, { input: { id: key!.id } });
    expect(deleteKey).toMatchObject({ __typename: 'NotEnabled', code: 'NOT_ENABLED' });
  });
});

describe('operators’ mutations', () => {
  test('discardRecord brings a quarantined key back; its payload shows the key only to those who may see it', async () => {
    for (const as of [OPERATOR, { ...ADMIN, operator: true }]) {
      const { key } = await createKey();
      const at = on.log.put({ key: key!.keyId, value: Buffer.from('broken') });
      await on.settle();
      const position = `p1_${at.partition}-${at.offset}`;
      const discarded = payload(
        (await on.run(documents.DiscardRecordDocument, { input: { position, reason: 'by hand' } }, as)).discardRecord,
      );
      if (as === OPERATOR) expect(discarded.key).toBeNull();
      else expect(discarded.key).toMatchObject({ id: key!.id, quarantined: false });
      expect((await on.run(documents.KeyDocument, { id: key!.id })).key!.quarantined).toBe(false);
    }
  });

  test('a discarded record of no key has no key', async () => {
    const at = on.log.put({ key: 'nobody', value: Buffer.from('broken') });
    await on.settle();
    const position = `p1_${at.partition}-${at.offset}`;
    const discarded = payload(
      (await on.run(documents.DiscardRecordDocument, { input: { position, reason: 'by hand' } }, OPERATOR))
        .discardRecord,
    );
    expect(discarded.key).toBeNull();
  });

  test('retryParked answers what still cannot be folded', async () => {
    const { key } = await createKey();
    const at = on.log.put({ key: key!.keyId, value: Buffer.from('broken') });
    await on.settle();
    const position = `p1_${at.partition}-${at.offset}`;
    const retried = payload(
      (await on.run(documents.RetryParkedDocument, { input: { position } }, OPERATOR)).retryParked,
    );
    expect(retried.warnings).toEqual([]);
    expect(retried.parked).toEqual([
      { aggregateId: key!.keyId, position, reason: 'not JSON', time: expect.any(String) as string },
    ]);
    const { retryParked } = await on.run(
      documents.RetryParkedDocument,
      { input: { position: 'p1_0-1_1-1' } },
      OPERATOR,
    );
    expect(retryParked).toMatchObject({ __typename: 'InvalidInput', path: ['position'] });
  });

  test('rebuildProjections answers the generation that is being filled', async () => {
    const { generation, warnings } = payload(
      (await on.run(documents.RebuildProjectionsDocument, { input: {} }, OPERATOR)).rebuildProjections,
    );
    expect([generation, warnings]).toEqual(['g2', []]);
  });

  test('retryParked and rebuildProjections keep to their commandId and ifVersion', async () => {
    const retry = async (input: object) =>
      (await on.run(documents.RetryParkedDocument, { input }, OPERATOR)).retryParked;
    const rebuild = async (input: object) =>
      (await on.run(documents.RebuildProjectionsDocument, { input }, OPERATOR)).rebuildProjections;
    const { key } = await createKey();
    const at = on.log.put({ key: key!.keyId, value: Buffer.from('broken') });
    await on.settle();
    const position = `p1_${at.partition}-${at.offset}`;
    expect(await retry({ position, ifVersion: 2 })).toMatchObject({ __typename: 'VersionConflict', actual: 1 });
    expect(await retry({ ifVersion: 1 })).toMatchObject({ __typename: 'InvalidInput', path: ['ifVersion'] });
    const first = await retry({ position, ifVersion: 1, commandId: 'c-1' });
    expect(first).toMatchObject({ __typename: 'RetryParkedPayload' });
    expect(await retry({ position, commandId: 'c-1' })).toEqual(first);
    expect(await rebuild({ commandId: 'c-1' })).toMatchObject({ __typename: 'InvalidInput', path: ['commandId'] });
    expect(await rebuild({ ifVersion: 7 })).toMatchObject({ __typename: 'VersionConflict', expected: 7 });
    const { generation } = payload(await rebuild({ commandId: 'c-2' }));
    await until(async () => (await on.memory.control()).live === generation, 'the switch');
    expect(payload(await rebuild({ commandId: 'c-2' })).generation).toBe(generation);
  });
});

test('every mutation is told of once, by name and outcome, whoever refuses it', async () => {
  const told: [string, string, boolean][] = [];
  const own = await createInstallation({
    context: () => ({ onMutation: (name, outcome, seconds) => void told.push([name, outcome, seconds > 0]) }),
  });
  const tell = async (name: string, input: string, as = ADMIN) => {
    told.length = 0;
    await own.ask(`mutation { ${name}(input: ${input}) { __typename } }`, null, as);
    return told;
  };
  const [id] = await own.plant(['told']);
  const good = `id: "${encodeGlobalId('ApiKey', id!)}"`;
  for (const [name, input, outcome, as] of [
    ['createKey', '{ workspaceId: "acme", keyspace: "default", name: "n" }', 'ok', ADMIN],
    ['createKey', '{ workspaceId: "acme", keyspace: "default", name: "" }', 'InvalidInput', ADMIN],
    ['createKey', '{ workspaceId: "acme", keyspace: "none", name: "n" }', 'NotFound', ADMIN],
    ['disableKey', '{ id: "nonsense" }', 'NotFound', ADMIN],
    ['disableKey', `{ ${good}, ifVersion: 7 }`, 'VersionConflict', ADMIN],
    ['discardRecord', '{ position: "p1_0-1", reason: "r" }', 'NotAllowed', ADMIN],
    ['retryParked', '{}', 'NotAllowed', ADMIN],
    ['retryParked', '{}', 'ok', OPERATOR],
    ['rebuildProjections', '{ ifVersion: 9 }', 'VersionConflict', OPERATOR],
    ['rebuildProjections', '{}', 'ok', OPERATOR],
  ] as const) {
    expect(await tell(name, input, as)).toEqual([[name, outcome, true]]);
  }
  told.length = 0;
  await own.ask('{ viewer { operator } }');
  expect(told).toEqual([]);
  await own.stop();
});

test('literals are read like variables', async () => {
  const { result } = await on.ask(
    `mutation ($team: JSON) { createKey(input: { workspaceId: "acme", keyspace: "default", name: "literal", expiresAt: "2030-01-01T00:00:00Z",
      metadata: { a: [1, 2.5, true, null, "x", LIVE], b: { c: $team } }, resources: { ids: "r1" } }) {
      ... on CreateKeyPayload { key { metadata expiresAt resources { all ids } } } ... on Error { message path } } }`,
    { team: { size: 3 } },
  );
  expect(result.data).toEqual({
    createKey: {
      key: {
        metadata: { a: [1, 2.5, true, null, 'x', 'LIVE'], b: { c: { size: 3 } } },
        expiresAt: '2030-01-01T00:00:00.000Z',
        resources: { all: false, ids: ['r1'] },
      },
    },
  });
});

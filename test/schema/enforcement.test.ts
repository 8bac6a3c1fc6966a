// Receipts in GraphQL: `waitFor: VERIFIERS` on every mutation, and `enforcement` of what was changed before.
import { isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LeaseRow } from '../../projections/leases.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import { schema } from '../../schema/index.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { ADMIN, createInstallation, OPERATOR, type Installation } from './installation.ts';

const FAR = { 0: 1_000_000, 1: 1_000_000, 2: 1_000_000 };
const AT = '2026-01-01T00:00:00.000Z';
const lease = (id: string, position: LeaseRow['position']): LeaseRow => ({
  ...{ id, n: 1, position, asOf: AT, reportedAt: AT, lengthMs: 30_000 },
});
const RECEIPT = 'enforcement { confirmed total confirmedAt verifiers { id position confirmedAt } }';

let on: Installation;
beforeAll(async () => {
  on = await createInstallation({ profiles: [DEFAULT_PROFILE] });
  await on.memory.leases.join(lease('v1', FAR));
});
afterAll(() => on.stop());

async function ask(document: string, as = { ...ADMIN, operator: true }): Promise<Record<string, unknown>> {
  const { result } = await on.ask(document, null, as);
  expect(result.errors).toBeUndefined();
  return result.data as Record<string, unknown>;
}

async function makeKey(): Promise<string> {
  const { createKey } = await ask(
    'mutation { createKey(input: { workspaceId: "acme", keyspace: "default", name: "k" }) { ... on CreateKeyPayload { key { id } } } }',
  );
  return (createKey as { key: { id: string } }).key.id;
}

test('every mutation takes waitFor, and every payload has the receipt', () => {
  const mutations = Object.keys(schema.getMutationType()!.getFields());
  expect(mutations.length).toBeGreaterThan(14);
  for (const name of mutations) {
    const payload = schema.getType(`${name.charAt(0).toUpperCase()}${name.slice(1)}Payload`);
    if (!isObjectType(payload)) throw new Error(`${name} has no payload`);
    expect(String(payload.getFields().enforcement?.type), name).toBe('Enforcement');
  }
});

describe('waitFor: VERIFIERS', () => {
  const whole = { confirmed: 1, total: 1, verifiers: [{ id: 'v1' }] };

  test('answers with the receipt of a change, and of one that changed nothing', async () => {
    const id = await makeKey();
    const update = `mutation { updateKey(input: { id: "${id}", name: "other", waitFor: VERIFIERS }) {
      ... on UpdateKeyPayload { position ${RECEIPT} } } }`;
    const first = await ask(update);
    expect(first.updateKey).toMatchObject({ enforcement: whole });
    const { position } = first.updateKey as { position: string };
    expect(await ask(update)).toMatchObject({ updateKey: { position, enforcement: whole } });
  });

  test('is answered by operators’ mutations and by keyspaces too; a dry run has nothing to wait for', async () => {
    const retry = 'mutation { retryParked(input: { waitFor: VERIFIERS }) { ... on RetryParkedPayload { RECEIPT } } }';
    const rebuild =
      'mutation { rebuildProjections(input: { waitFor: VERIFIERS }) { ... on RebuildProjectionsPayload { RECEIPT } } }';
    expect(await ask(retry.replace('RECEIPT', RECEIPT), OPERATOR)).toMatchObject({
      retryParked: { enforcement: whole },
    });
    expect(await ask(rebuild.replace('RECEIPT', RECEIPT), OPERATOR)).toMatchObject({
      rebuildProjections: { enforcement: whole },
    });
    const source = JSON.stringify(JSON.stringify({ ...DEFAULT_PROFILE, name: 'Renamed' }));
    const define = (dryRun: boolean) => `mutation {
      defineKeyspace(input: { source: ${source}, waitFor: VERIFIERS, dryRun: ${String(dryRun)} }) {
        ... on DefineKeyspacePayload { keyspace { version } ${RECEIPT} } ... on Error { message } } }`;
    expect(await ask(define(true), OPERATOR)).toMatchObject({ defineKeyspace: { enforcement: null } });
    expect(await ask(define(false), OPERATOR)).toMatchObject({
      defineKeyspace: { keyspace: { version: 2 }, enforcement: whole },
    });
    expect(
      await ask(
        `{ keyspaces { now: enforcement(version: 2) { confirmed total } none: enforcement(version: 3) { total } } }`,
      ),
    ).toEqual({ keyspaces: [{ now: { confirmed: 1, total: 1 }, none: null }] });
  });

  test('PROJECTED has no receipt; a refusal waits for nobody', async () => {
    const id = await makeKey();
    expect(
      await ask(`mutation { disableKey(input: { id: "${id}" }) { ... on DisableKeyPayload { ${RECEIPT} } } }`),
    ).toEqual({ disableKey: { enforcement: null } });
    const unknown = encodeGlobalId('ApiKey', 'key_0000000000000000000000');
    expect(
      await ask(`mutation { disableKey(input: { id: "${unknown}", waitFor: VERIFIERS }) { __typename } }`),
    ).toEqual({ disableKey: { __typename: 'NotFound' } });
  });

  test('one that has not is named, and the receipt is not whole; told of the version later', async () => {
    const id = await makeKey();
    await on.memory.leases.join(lease('slow', {}));
    const { key } = await ask(
      `{ key(id: "${id}") { enforcement(version: 1) { confirmed total confirmedAt verifiers { id confirmedAt } } } }`,
    );
    expect(key).toEqual({
      enforcement: {
        ...{ confirmed: 1, total: 2, confirmedAt: null },
        verifiers: [
          { id: 'v1', confirmedAt: AT },
          { id: 'slow', confirmedAt: null },
        ],
      },
    });
    await on.memory.leases.leave('slow');
    expect(await ask(`{ key(id: "${id}") { enforcement(version: 1) { confirmedAt } } }`)).toEqual({
      key: { enforcement: { confirmedAt: AT } },
    });
  });
});

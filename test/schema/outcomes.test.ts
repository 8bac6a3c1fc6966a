// Outcomes: what the write path answers besides a decision, and what a payload shows of several mutations in one request.
import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_KEYSPACES } from '../../events/keyspaces/state.ts';
import type { Outcome } from '../../schema/context.ts';
import { encodeGlobalId } from '../../schema/global-ids.ts';
import * as documents from '../generated/graphql.ts';
import { ADMIN, createInstallation, type Installation } from './installation.ts';

let on: Installation;
beforeAll(async () => {
  on = await createInstallation();
});
afterAll(() => on.stop());

const keyNode = (id: string): string => encodeGlobalId('ApiKey', id);

async function createKey() {
  const input = { workspaceId: 'acme', keyspace: 'default', name: 'a key' };
  const made = (await on.run(documents.CreateKeyDocument, { input })).createKey;
  if (made.__typename !== 'CreateKeyPayload') throw new Error(made.__typename);
  return made;
}

describe('outcomes that are not the decision’s', () => {
  const answering = async (outcome: Outcome) => {
    const own = await createInstallation({ context: () => ({ execute: () => Promise.resolve(outcome) }) });
    const { result } = await own.ask(print(documents.DisableKeyDocument), {
      input: { id: keyNode(`key_${'a'.repeat(22)}`) },
    });
    await own.stop();
    expect(result.errors).toBeUndefined();
    return (result.data as unknown as documents.DisableKeyMutation).disableKey;
  };
  test.each<[Extract<Outcome, { ok: false }>['error'], object]>([
    [
      { type: 'OutcomeUnknown', message: 'unknown', commandId: 'c-1' },
      { code: 'OUTCOME_UNKNOWN', commandId: 'c-1' },
    ],
    [{ type: 'StorageFull', message: 'full' }, { code: 'STORAGE_FULL' }],
    [
      { type: 'Unavailable', message: 'away', retryAfterSeconds: 3 },
      { code: 'UNAVAILABLE', retryAfterSeconds: 3 },
    ],
    [{ type: 'NotAllowed', message: 'no' }, { code: 'NOT_ALLOWED' }],
    [{ type: 'NotFound', message: 'no such thing' }, { code: 'NOT_FOUND' }],
    [
      { type: 'InvalidInput', message: 'note is bad', path: ['note'] },
      { code: 'INVALID_INPUT', path: ['note'], issues: [{ path: ['note'], message: 'note is bad' }] },
    ],
    [
      { type: 'SecretAlreadyRevealed', message: 'shown', keyId: `key_${'a'.repeat(22)}`, position: { 2: 7 } },
      { code: 'SECRET_ALREADY_REVEALED', key: null, position: 'p1_2-7' },
    ],
  ])('$type', async (error, expected) => {
    expect(await answering({ ok: false, error })).toMatchObject({ __typename: error.type, ...expected });
  });

  test('a secret reaches its caller also when the store is away by then', async () => {
    const { key } = await createKey();
    const own = await createInstallation({
      context: (context) => ({
        execute: () =>
          Promise.resolve({
            ok: true,
            position: { 0: 1 },
            changed: { key: null, predecessor: null, keyspaces: NO_KEYSPACES },
            secret: { reveal: () => 'kf_the-secret' } as never,
            warnings: [{ code: 'DISCOURAGED_NAME', message: 'Name it.' }],
          }),
        read: () => Promise.reject(new Error(`the store is away ${context.now}`)),
      }),
    });
    const { result } = await own.ask(print(documents.RegenerateKeyDocument), { input: { id: key!.id } });
    await own.stop();
    expect(result.data).toEqual({
      regenerateKey: {
        __typename: 'RegenerateKeyPayload',
        key: null,
        position: 'p1_0-1',
        secret: 'kf_the-secret',
        warnings: [{ code: 'DISCOURAGED_NAME', message: 'Name it.' }],
      },
    });
    expect(result.errors).toBeUndefined();
  });

  test('what a mutation of the same request changed is read anew', async () => {
    const { key } = await createKey();
    const broken = on.log.put({ key: key!.keyId, value: Buffer.from('broken') });
    await on.settle();
    const { result } = await on.ask(
      `mutation ($input: UpdateKeyInput!, $discard: DiscardRecordInput!) {
        updateKey(input: $input) { ... on UpdateKeyPayload { key { quarantined } } }
        discardRecord(input: $discard) { ... on DiscardRecordPayload { key { quarantined } } }
      }`,
      {
        input: { id: key!.id, name: 'still broken' },
        discard: { position: `p1_${broken.partition}-${broken.offset}`, reason: 'by hand' },
      },
      { ...ADMIN, operator: true },
    );
    expect(result).toEqual({
      data: { updateKey: { key: { quarantined: true } }, discardRecord: { key: { quarantined: false } } },
    });
  });

  test('two mutations of one request each show what they made of the key', async () => {
    const { key } = await createKey();
    const { result } = await on.ask(
      `mutation ($input: DisableKeyInput!, $back: EnableKeyInput!) {
        disableKey(input: $input) { ... on DisableKeyPayload { key { status quarantined } } }
        enableKey(input: $back) { ... on EnableKeyPayload { key { status quarantined } } }
      }`,
      { input: { id: key!.id }, back: { id: key!.id } },
    );
    expect(result).toEqual({
      data: {
        disableKey: { key: { status: 'DISABLED', quarantined: false } },
        enableKey: { key: { status: 'ACTIVE', quarantined: false } },
      },
    });
  });
});

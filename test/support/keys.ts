// Keys for tests: made, changed and asked about through the API and the verifiers, each check at the change's position.
import { randomUUID } from 'node:crypto';
import {
  payload,
  globalId,
  type Api,
  type MutationName,
  type Result,
  type Verdict,
  type VerifierClient,
} from './api.ts';
import { WORKSPACE } from './system.ts';

export interface MadeKey {
  readonly keyId: string;
  readonly secret: string;
  readonly position: string;
}

type Input = Readonly<Record<string, unknown>>;

/** Creates a key; again under a new commandId where the outcome, and with it the secret, did not come back. */
export async function createKey(api: Api, input: Input = {}): Promise<MadeKey> {
  for (;;) {
    const result = await api.settle('createKey', {
      workspaceId: WORKSPACE,
      keyspace: 'default',
      name: 'Orders',
      scopes: ['orders:read'],
      ...input,
    });
    if (result.__typename === 'SecretAlreadyRevealed' && input.commandId === undefined) continue;
    const { position, key, secret } = payload(result);
    if (!key || !secret) throw new Error('a created key has an id and a secret');
    return { keyId: key.keyId, secret, position };
  }
}

/** Changes a key; the payload. */
export async function change(
  api: Api,
  name: MutationName,
  keyId: string,
  input: Input = {},
): Promise<Result & { readonly position: string }> {
  return payload(await api.settle(name, { id: globalId(keyId), commandId: randomUUID(), ...input }));
}

/** Gives a key a new secret; again where it did not come back. */
export async function regenerate(api: Api, keyId: string, input: Input = {}): Promise<MadeKey> {
  for (;;) {
    const result = await api.settle('regenerateKey', { id: globalId(keyId), ...input });
    if (result.__typename === 'SecretAlreadyRevealed') continue;
    const { position, secret } = payload(result);
    if (!secret) throw new Error('a regenerated key has a secret');
    return { keyId, secret, position };
  }
}

/** What every verifier says; they must say the same. */
export async function verdict(
  verifiers: readonly VerifierClient[],
  key: string,
  request: Input = {},
): Promise<Verdict> {
  const verdicts = await Promise.all(verifiers.map((verifier) => verifier.verify(key, request)));
  const codes = new Set(verdicts.map(({ code }) => code));
  const [first] = verdicts;
  if (codes.size !== 1 || !first) throw new Error(`the verifiers disagree: ${[...codes].join(', ')}`);
  return first;
}

/** The code of {@link verdict}. */
export async function codeOf(verifiers: readonly VerifierClient[], key: string, request: Input = {}): Promise<string> {
  return (await verdict(verifiers, key, request)).code;
}

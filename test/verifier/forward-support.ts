// A keyspace and a key of it behind the verifier's forward-auth, asked as gateways ask.
import { expect } from 'vitest';
import type { ProfileInput } from '../../events/keyspaces/profile.ts';
import { GATEWAYS, type GatewayName } from '../../services/verifier/gateways.ts';
import { start, type Answer } from './http-support.ts';
import type { Created } from './support.ts';

export const FLAVOURS = Object.keys(GATEWAYS) as GatewayName[];

export const IDENTITY = ['key-id', 'workspace', 'scopes', 'owner', 'environment', 'request-id'].map(
  (name) => `x-keyfold-${name}`,
);

/** Headers of an answer that tell who has called. */
export const identityOf = ({ headers }: Answer): Record<string, unknown> =>
  Object.fromEntries(IDENTITY.filter((name) => name in headers).map((name) => [name, headers[name]]));

export type Headers = Record<string, string | string[]>;

export interface Ask {
  readonly flavour?: GatewayName;
  /** Behind `keyspace=shop`. */
  readonly query?: string;
  readonly headers?: Headers;
  readonly method?: string;
  readonly body?: string | Buffer;
}

/** The keyspace `shop`, whose keys are sent in `api-key` unless the profile says otherwise, and one key of it. */
export async function shop(
  profile: Partial<ProfileInput> = {},
  data: Partial<Created> = {},
  options: Parameters<typeof start>[1] = {},
) {
  const of = await start({}, options);
  const keyId = of.writer.keyId('shop');
  const whole: ProfileInput = {
    ...{ slug: 'shop', name: 'Shop', permissions: { freeForm: true } },
    types: [{ id: 'secret', label: 'Secret', prefix: 'sk' }],
    credential: { headers: [{ name: 'Api-Key' }] },
    ...profile,
  };
  const append = async (...records: Parameters<typeof of.log.append>[0]): Promise<void> => {
    await of.log.append(records);
    expect(await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000))).toBe(true);
  };
  await append(of.writer.keyspace(whole), of.writer.create('shop', { keyspace: 'shop', ...data }, { prefix: 'sk' }));
  const key = () => of.writer.secretOf(keyId);
  let asked = 0;
  const ask = ({ flavour = 'caddy', query = '', headers, method = 'GET', body }: Ask = {}) =>
    of.send({
      method,
      path: `/v1/forward-auth/${flavour}?keyspace=shop${query}`,
      headers: { 'x-request-id': `call-${++asked}`, ...(headers ?? { 'api-key': key() }) },
      ...(body === undefined ? {} : { body }),
    });
  /** The outcome of a question. */
  const code = async (question: Ask = {}): Promise<unknown> => {
    const { status, headers } = await ask(question);
    return status === 200 ? 'VALID' : headers['x-keyfold-code'];
  };
  return { ...of, keyId, key, ask, code, append, profile: whole };
}

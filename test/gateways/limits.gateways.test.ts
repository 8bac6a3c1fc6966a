// The rate limit of a key behind nginx and Caddy, as docs/gateways/ configures them: what passes is counted, what is over
// is 429 with Retry-After, and the client learns on each answer how much is left.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { change, regenerate } from '../support/keys.ts';
import { RUN, type Given } from './gateways.ts';
import { startInstallation, type Installation } from './installation.ts';

let of: Installation;
beforeAll(async () => {
  of = await startInstallation();
});
afterAll(() => of.stop());

const PATH = '/api/v1/agent/chat';
const agentKey = (limit: number) =>
  of.key({ keyspace: 'dagen', scopes: ['agents'], rateLimit: { limit, windowSeconds: 60 } });

/** IETF draft "RateLimit header fields for HTTP": what is left, and in how many seconds there is more. */
function leftOf({ headers }: Given): { readonly remaining: number; readonly seconds: number } {
  const read = /;r=(\d+);t=(\d+)/.exec(String(headers.ratelimit).replaceAll(' ', ''));
  return { remaining: Number(read?.[1]), seconds: Number(read?.[2]) };
}

describe.each(RUN)('%s', (name) => {
  test('as many pass as the limit says, at once or one by one, and the next one is told when to come again', async () => {
    const { secret } = await agentKey(30);
    const headers = { 'X-API-Key': secret };
    const before = of.upstream.count();
    const all = await Promise.all(Array.from({ length: 100 }, () => of.gateways[name].ask({ path: PATH, headers })));
    const passed = all.filter(({ status }) => status === 200);
    const refused = all.filter(({ status }) => status === 429);
    expect([passed.length, refused.length, of.upstream.count() - before]).toEqual([30, 70, 30]);
    for (const given of [...passed, ...refused]) {
      expect(String(given.headers['ratelimit-policy']).replaceAll(' ', '')).toMatch(/;q=30;w=60/);
      expect(leftOf(given).remaining).toBeLessThan(30);
      // A token counts from its grant, which lives for a second, to a window after its use.
      expect(leftOf(given).seconds).toBeLessThanOrEqual(61);
    }
    expect(new Set(passed.map((given) => leftOf(given).remaining))).toEqual(
      new Set(Array.from({ length: 30 }, (_, i) => i)),
    );
    for (const given of refused) {
      expect(given.headers).toMatchObject({ 'x-keyfold-code': 'RATE_LIMITED', 'content-type': 'application/json' });
      expect(given.body).toMatchObject({ code: 'RATE_LIMITED', requestId: given.headers['x-request-id'] });
      expect(Number(given.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(Number(given.headers['retry-after'])).toBeLessThanOrEqual(61);
      expect(leftOf(given).remaining).toBe(0);
    }
  });

  test('the limit is the key’s own: a new secret has what the old one left, another key its own', async () => {
    const { keyId, secret } = await agentKey(3);
    const status = async (key: string) =>
      (await of.gateways[name].ask({ path: PATH, headers: { 'X-API-Key': key } })).status;
    expect([await status(secret), await status(secret)]).toEqual([200, 200]);
    const next = await regenerate(of.api, keyId);
    await of.seen(next.position);
    expect([await status(next.secret), await status(next.secret)]).toEqual([200, 429]);
    expect(await status((await agentKey(3)).secret)).toBe(200);
  });

  test('what is refused for another reason takes nothing of the limit', async () => {
    const { keyId, secret } = await agentKey(2);
    const ask = (path: string) => of.gateways[name].ask({ path, headers: { 'X-API-Key': secret } });
    for (let i = 0; i < 5; i++) expect((await ask('/orders/1')).headers['x-keyfold-code']).toBe('WRONG_KEYSPACE');
    await of.seen((await change(of.api, 'disableKey', keyId)).position);
    for (let i = 0; i < 5; i++) expect((await ask(PATH)).headers['x-keyfold-code']).toBe('DISABLED');
    await of.seen((await change(of.api, 'enableKey', keyId)).position);
    expect([(await ask(PATH)).status, (await ask(PATH)).status, (await ask(PATH)).status]).toEqual([200, 200, 429]);
  });

  test('a key without a limit has no such headers', async () => {
    const { secret } = await of.key();
    const given = await of.gateways[name].ask({ path: '/orders/1', headers: { 'X-API-Key': secret } });
    expect(given.status).toBe(200);
    for (const header of ['ratelimit', 'ratelimit-policy', 'retry-after'])
      expect(given.headers).not.toHaveProperty(header);
  });
});

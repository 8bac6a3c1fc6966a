// Rate limits behind the port: how many checks pass, what their answers tell, and what changes nothing about it.
import { afterEach, describe, expect, test } from 'vitest';
import { createMetrics } from '../../services/shared/metrics.ts';
import { createVerifier, type Verifier } from '../../services/verifier/verifier.ts';
import { FLAVOURS, shop } from './forward-support.ts';
import { start, type Answer } from './http-support.ts';
import { PEPPER, silent } from './support.ts';

const PER_MINUTE = { limit: 60, windowSeconds: 60 };
const limited = (limit: number, windowSeconds = 60) => ({ rateLimit: { limit, windowSeconds } });

const more: Verifier[] = [];
afterEach(async () => {
  await Promise.all(more.splice(0).map((verifier) => verifier.stop(1000)));
});

/** Another verifier on the same log and store; how to ask it. */
async function another({ log, store }: Awaited<ReturnType<typeof start>>) {
  const verifier = createVerifier({
    ...{ log, store: store.connect(), peppers: [PEPPER], maxStalenessMs: 60_000, logger: silent },
    ...{ host: '127.0.0.1', port: 0, token: null, trustedProxies: [], metrics: createMetrics({ defaults: false }) },
  });
  more.push(verifier);
  const { url } = await verifier.start();
  expect(await verifier.whenReady(AbortSignal.timeout(5000))).toBe(true);
  return async (key: string): Promise<Record<string, unknown>> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/v1/verify`, { method: 'POST', headers, body: JSON.stringify({ key }) });
    return (await response.json()) as Record<string, unknown>;
  };
}

const inSeconds = (from: unknown): number => (Date.parse(String(from)) - Date.now()) / 1000;
const headersOf = ({ headers }: Answer) => [headers['ratelimit-policy'], headers.ratelimit, headers['retry-after']];

describe('how many checks pass', () => {
  test.each([1, 3])('600 offered at 50 at once under 60 a minute, to %i verifiers: exactly 60', async (count) => {
    const of = await start({ rateLimit: PER_MINUTE });
    const verifiers = [async (key: string) => (await of.verify({ key })).body];
    while (verifiers.length < count) verifiers.push(await another(of));
    const codes: unknown[] = [];
    let offered = 0;
    const client = async (): Promise<void> => {
      while (offered < 600) {
        const { code, rateLimit } = await verifiers[offered++ % count]!(of.key());
        expect(rateLimit).toMatchObject({ limit: 60, degraded: false });
        codes.push(code);
      }
    };
    await Promise.all(Array.from({ length: 50 }, client));
    expect(codes.filter((code) => code === 'VALID')).toHaveLength(60);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(540);
  });

  test('a new secret resets nothing, and while both work they share the limit', async () => {
    const of = await start(limited(4));
    const code = async (back = 0) => (await of.verify({ key: of.writer.secretOf(of.keyId, back) })).body.code;
    expect([await code(), await code()]).toEqual(['VALID', 'VALID']);
    await of.log.append([of.writer.regenerate(of.keyId, Date.now() + 60_000)]);
    await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
    expect([await code(1), await code(), await code(1), await code()]).toEqual([
      ...['VALID', 'VALID', 'RATE_LIMITED', 'RATE_LIMITED'],
    ]);
  });

  test('a limit that is changed counts from the next check on', async () => {
    const of = await start(limited(2));
    const change = async (before: number | null, after: number | null) => {
      const limit = (of: number | null) => (of === null ? null : { limit: of, windowSeconds: 60 });
      const parts = { origins: [], ipRanges: [] };
      const data = { before: { ...parts, rateLimit: limit(before) }, after: { ...parts, rateLimit: limit(after) } };
      await of.log.append([of.writer.event(of.keyId, 'RestrictionsChanged', data)]);
      await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
    };
    const code = async () => (await of.verify({ key: of.key() })).body.code;
    expect([await code(), await code(), await code()]).toEqual(['VALID', 'VALID', 'RATE_LIMITED']);
    await change(2, 3);
    expect([await code(), await code()]).toEqual(['VALID', 'RATE_LIMITED']);
    await change(3, null);
    expect(await code()).toBe('VALID');
    await change(null, 1);
    expect(await code()).toBe('RATE_LIMITED');
  });

  test('a check may cost more than one; one that is refused for another reason costs nothing', async () => {
    const of = await start({ ...limited(5), scopes: ['a'] });
    const ask = async (check: object) => (await of.verify({ key: of.key(), ...check })).body;
    for (let i = 0; i < 9; i++) expect(await ask({ scopes: ['b'] })).toMatchObject({ rateLimit: null });
    expect(await ask({ cost: 6 })).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await ask({ cost: 4 })).toMatchObject({ code: 'VALID', rateLimit: { remaining: 1 } });
    expect(await ask({ cost: 2 })).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await ask({})).toMatchObject({ code: 'VALID', rateLimit: { remaining: 0 } });
  });

  test('of a batch as many pass as are left, and each answer tells', async () => {
    const of = await start(limited(3));
    const answer = await of.send({
      path: '/v1/verify/batch',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(Array.from({ length: 5 }, () => ({ key: of.key() }))),
    });
    const answers = JSON.parse(answer.text) as { code: string; rateLimit: { limit: number } }[];
    expect(answers.map(({ code }) => code)).toEqual(['VALID', 'VALID', 'VALID', 'RATE_LIMITED', 'RATE_LIMITED']);
    for (const { rateLimit } of answers) expect(rateLimit.limit).toBe(3);
    expect(headersOf(answer)).toEqual([undefined, undefined, undefined]);
  });

  test('a verifier that stops hands back what it has not used', async () => {
    const of = await start(limited(640));
    const other = await another(of);
    for (let i = 0; i < 40; i++) await of.verify({ key: of.key() });
    await of.verifier.stop(1000);
    expect(await other(of.key())).toMatchObject({ code: 'VALID', rateLimit: { remaining: 599 } });
  });

  test('a key without a limit asks the store nothing', async () => {
    const of = await start();
    const answer = await of.verify({ key: of.key() });
    expect(answer.body).toMatchObject({ code: 'VALID', rateLimit: null });
    expect(headersOf(answer)).toEqual([undefined, undefined, undefined]);
    expect(of.store.calls.get('limits.take')).toBeUndefined();
  });
});

describe('what answers tell', () => {
  test('POST /v1/verify: 200, with what is left; once it is refused, with when to come back', async () => {
    const of = await start(limited(2, 30));
    const first = await of.verify({ key: of.key() });
    expect(first).toMatchObject({ status: 200, body: { valid: true, rateLimit: { limit: 2, remaining: 1 } } });
    expect(headersOf(first)).toEqual(['"default";q=2;w=30', '"default";r=1;t=30', undefined]);
    await of.verify({ key: of.key() });
    const refused = await of.verify({ key: of.key() });
    const { rateLimit } = refused.body as { rateLimit: { resetAt: string } };
    expect(refused).toMatchObject({ status: 200, body: { valid: false, code: 'RATE_LIMITED' } });
    expect(rateLimit).toEqual({ limit: 2, remaining: 0, resetAt: rateLimit.resetAt, degraded: false });
    expect(rateLimit.resetAt).toBe(new Date(rateLimit.resetAt).toISOString());
    expect(inSeconds(rateLimit.resetAt)).toBeGreaterThan(25);
    expect(inSeconds(rateLimit.resetAt)).toBeLessThanOrEqual(30.1);
    const [policy, left, retryAfter] = headersOf(refused);
    expect(policy).toBe('"default";q=2;w=30');
    expect(left).toBe(`"default";r=0;t=${String(retryAfter)}`);
    expect(Number(retryAfter)).toBeGreaterThanOrEqual(26);
    expect(Number(retryAfter)).toBeLessThanOrEqual(31);
  });

  test.each(FLAVOURS)('forward-auth of %s: 200 with what is left; refused, with when to come back', async (flavour) => {
    const of = await shop({}, limited(1, 30));
    const passed = await of.ask({ flavour });
    expect(passed.status, passed.text).toBe(200);
    expect(headersOf(passed)).toEqual(['"default";q=1;w=30', '"default";r=0;t=30', undefined]);
    const refused = await of.ask({ flavour });
    expect(refused).toMatchObject({
      status: flavour === 'nginx' ? 403 : 429,
      headers: { 'x-keyfold-code': 'RATE_LIMITED' },
      body: { code: 'RATE_LIMITED', message: 'too many requests: try again later' },
    });
    const [policy, left, retryAfter] = headersOf(refused);
    expect([policy, left]).toEqual(['"default";q=1;w=30', `"default";r=0;t=${String(retryAfter)}`]);
    expect(Number(retryAfter)).toBeGreaterThanOrEqual(26);
    const unknown = await of.ask({ flavour, query: '&scope=x' });
    expect(headersOf(unknown)).toEqual([undefined, undefined, undefined]);
  });

  test('a keyspace may say it otherwise; when to come back is told all the same', async () => {
    const of = await shop({ errors: { RATE_LIMITED: { status: 403, body: { error: 'slow down' } } } }, limited(1));
    await of.ask();
    const refused = await of.ask();
    expect(refused).toMatchObject({ status: 403, body: { error: 'slow down' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
  });
});

describe('while the store is away', () => {
  test('protocol R7: a tenth of the limit is granted and flagged; once it is back that was counted', async () => {
    const of = await start(limited(20));
    const ask = async () => (await of.verify({ key: of.key() })).body;
    expect(await ask()).toMatchObject({ code: 'VALID', rateLimit: { degraded: false, remaining: 19 } });
    of.store.setDown(true);
    expect(await ask()).toMatchObject({ code: 'VALID', rateLimit: { limit: 20, degraded: true, remaining: 1 } });
    expect(await ask()).toMatchObject({ code: 'VALID', rateLimit: { degraded: true, remaining: 0 } });
    expect(await ask()).toMatchObject({ code: 'RATE_LIMITED', rateLimit: { degraded: true } });
    of.store.setDown(false);
    const other = await another(of);
    const reported = () => of.store.calls.get('limits.report') ?? 0;
    const before = reported();
    await expect.poll(reported, { timeout: 10_000 }).toBeGreaterThan(before);
    await expect.poll(ask, { timeout: 10_000 }).toMatchObject({ code: 'VALID', rateLimit: { degraded: false } });
    const left = async () => (await other(of.key())).rateLimit;
    expect(await left()).toMatchObject({ limit: 20, remaining: 20 - 5, degraded: false });
  });

  test('protocol R7: a store that does not answer holds up a check for a quarter of a second, and the next ones not at all', async () => {
    const of = await start(limited(100));
    let hangs = 0;
    of.store.beforeCall = (name) =>
      name.startsWith('limits') && hangs++ >= 0 ? new Promise(() => undefined) : undefined;
    const answers = await Promise.all(Array.from({ length: 10 }, () => of.verify({ key: of.key() })));
    for (const { body } of answers) expect(body).toMatchObject({ code: 'VALID', rateLimit: { degraded: true } });
    expect(hangs).toBe(1);
    expect((await of.verify({ key: of.key() })).body).toMatchObject({ code: 'RATE_LIMITED' });
    expect(hangs).toBe(1);
  });
});

// The invalid-key limiter: exact per client's address, bounded, off where the address is not known, silent about keys.
import { describe, expect, test } from 'vitest';
import { createInvalidKeys, INVALID_KEYS } from '../../services/verifier/invalid-keys.ts';
import { createMetrics } from '../../services/shared/metrics.ts';
import { createRandom } from './random.ts';
import { FLAVOURS, identityOf, shop } from './forward-support.ts';
import { start } from './http-support.ts';

const MINUTE = 60_000;
const SEED = Number(process.env.SEED ?? 20);

function given(options: { addresses?: number } = {}) {
  const clock = { now: 5 };
  const limiter = createInvalidKeys({ clock: { monotonic: () => clock.now }, ...options });
  /** How many of so many keys are told what they are. */
  const pass = (ip: string | undefined, keys: number): number =>
    Array.from({ length: keys }, () => limiter.count(ip)).filter((wait) => wait === null).length;
  return { clock, limiter, pass };
}

describe('an address', () => {
  test('is told of 20 invalid keys in a minute, and of the next one when the first of them is a minute old', () => {
    const { clock, limiter, pass } = given();
    expect(INVALID_KEYS).toEqual({ limit: 20, windowSeconds: 60 });
    expect(pass('203.0.113.1', 100)).toBe(20);
    expect(limiter.count('203.0.113.1')).toBe(MINUTE);
    clock.now += MINUTE - 1;
    expect(limiter.count('203.0.113.1')).toBe(1);
    clock.now += 1;
    expect(pass('203.0.113.1', 100)).toBe(20);
  });

  test('has its own 20, whatever others send; one of IPv6 has them with its /64', () => {
    const { pass } = given();
    expect(pass('203.0.113.1', 21)).toBe(20);
    expect(pass('203.0.113.2', 21)).toBe(20);
    expect(pass('::ffff:203.0.113.1', 1)).toBe(0);
    expect(pass('::ffff:cb00:7102', 1)).toBe(0);
    expect(pass('2001:db8:0:1::1', 20)).toBe(20);
    expect(pass('2001:db8:0:1:ffff:ffff:ffff:ffff', 1)).toBe(0);
    expect(pass('2001:DB8::1:0:0:0:9', 1)).toBe(0);
    expect(pass('2001:db8:0:2::1', 21)).toBe(20);
    expect(pass('::203.0.113.1', 1)).toBe(1);
  });

  test('is over its limit from its 21st key on, until one is a minute old; asking for that counts nothing', () => {
    const { clock, limiter, pass } = given();
    const ip = '203.0.113.1';
    expect(limiter.isOver(ip)).toBe(false);
    expect(pass(ip, 19)).toBe(19);
    for (let asked = 0; asked < 100; asked++) expect(limiter.isOver(ip)).toBe(false);
    expect(pass(ip, 1)).toBe(1);
    expect(limiter.isOver(ip)).toBe(true);
    expect(limiter.isOver('::ffff:203.0.113.1')).toBe(true);
    expect(limiter.isOver('203.0.113.2')).toBe(false);
    expect(limiter.isOver(undefined)).toBe(false);
    clock.now += MINUTE;
    expect(limiter.isOver(ip)).toBe(false);
  });

  test('that is not known has no limit', () => {
    const { pass } = given();
    expect(pass(undefined, 1000)).toBe(1000);
    expect(pass('fe80::1%eth0', 1000)).toBe(1000);
  });

  test(`is never told of more than 20 in any window, and of 20 in each that is full (SEED=${SEED})`, () => {
    const { clock, limiter } = given();
    const random = createRandom(SEED);
    const told: number[] = [];
    for (let i = 0; i < 20_000; i++) {
      clock.now += random.below(4000);
      const wait = limiter.count('203.0.113.1');
      const within = told.filter((time) => time > clock.now - MINUTE);
      expect(wait === null).toBe(within.length < 20);
      if (wait === null) told.push(clock.now);
      else expect(wait).toBe((told.at(-20) ?? 0) + MINUTE - clock.now);
      if (told.length > 40) told.splice(0, 20);
    }
  });
});

test('a million addresses: no more memory than for those that are remembered, and the newest are', () => {
  const { limiter, pass } = given({ addresses: 1000 });
  const address = (i: number): string => `10.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}`;
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 1_000_000; i++) limiter.count(address(i));
  expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 2 ** 20);
  expect(pass(address(999_999), 20)).toBe(19);
  expect(pass(address(999_000), 20)).toBe(19);
  expect(pass(address(998_000), 20)).toBe(20);
});

const HOUR = 3_600_000;
const UNTOLD = { keyId: null, workspaceId: null, keyspace: null, scopes: [], version: null, rateLimit: null };

describe('POST /v1/verify', () => {
  test('20 pass as what they are, the next ones are RATE_LIMITED in the shape of NOT_FOUND; good keys pass', async () => {
    const of = await start();
    of.writer.create('never appended');
    const unknown = of.writer.secretOf(of.writer.keyId('never appended'));
    const ip = '203.0.113.1';
    const shapes = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const key = i % 2 === 0 ? unknown : 'junk';
      const { body } = await of.verify({ key, ip });
      expect(body.code).toBe(i % 2 === 0 ? 'NOT_FOUND' : 'MALFORMED');
      shapes.add(JSON.stringify({ ...body, code: '', asOf: '', requestId: '' }));
    }
    for (const key of [unknown, 'junk']) {
      const { status, body, headers } = await of.verify({ key, ip, include: ['name'] });
      // A policy of its own: no key's limit.
      expect(headers['ratelimit-policy']).toBe('"invalid-keys";q=20;w=60');
      expect(headers.ratelimit).toMatch(/^"invalid-keys";r=0;t=\d+$/);
      expect([status, body]).toMatchObject([200, { valid: false, code: 'RATE_LIMITED', name: null, ...UNTOLD }]);
    }
    // No key at all is nobody's guess.
    expect((await of.verify({ key: '', ip })).body).toMatchObject({ code: 'MALFORMED' });
    const { body } = await of.verify({ key: unknown, ip });
    shapes.add(JSON.stringify({ ...body, code: '', asOf: '', requestId: '' }));
    expect([...shapes]).toHaveLength(1);
    expect((await of.verify({ key: of.key(), ip })).body.code).toBe('VALID');
    expect((await of.verify({ key: of.key(), ip, scopes: ['nobody:has'] })).body.code).toBe('INSUFFICIENT_SCOPE');
    expect((await of.verify({ key: unknown, ip: '203.0.113.2' })).body.code).toBe('NOT_FOUND');
    expect(await of.metrics.invalidKeysRefused.get()).toMatchObject({ values: [{ value: 3 }] });
  });

  test('a deleted key and a retired secret count, and are not told apart from junk', async () => {
    const of = await start();
    const retired = of.key();
    await of.log.append([
      of.writer.regenerate(of.keyId, 0),
      of.writer.create('gone'),
      of.writer.event(of.writer.keyId('gone'), 'KeyDeleted', { destroyedDataKey: null }),
    ]);
    await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
    const keys = [retired, of.writer.secretOf(of.writer.keyId('gone'))];
    const ip = '2001:db8::1';
    for (let i = 0; i < 20; i++) expect((await of.verify({ key: keys[i % 2], ip })).body.code).toBe('NOT_FOUND');
    const bodies = await Promise.all([...keys, 'junk'].map(async (key) => (await of.verify({ key, ip })).body));
    for (const body of bodies)
      expect({ ...body, asOf: '', requestId: '' }).toEqual({ ...bodies[2], asOf: '', requestId: '' });
    expect(bodies[0]).toMatchObject({ code: 'RATE_LIMITED', ...UNTOLD });
  });

  test('is off without an address, whoever asks; and counts in a batch one by one', async () => {
    const of = await start();
    for (let i = 0; i < 30; i++) expect((await of.verify({ key: 'junk' })).body.code).toBe('MALFORMED');
    const all = Array.from({ length: 25 }, () => ({ key: 'junk', ip: '203.0.113.9' }));
    const answer = await of.send({
      path: '/v1/verify/batch',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([...all, { key: of.key(), ip: '203.0.113.9' }, { key: 'junk' }]),
    });
    const codes = (JSON.parse(answer.text) as { code: string }[]).map(({ code }) => code);
    expect(codes).toEqual([
      ...Array<string>(20).fill('MALFORMED'),
      ...Array<string>(5).fill('RATE_LIMITED'),
      'VALID',
      'MALFORMED',
    ]);
  });

  test('a wall clock that is set an hour on or back opens no window and closes none', async () => {
    const of = await start({}, { maxStalenessMs: 2 * HOUR });
    const code = async () => (await of.verify({ key: 'junk', ip: '203.0.113.1' })).body.code;
    for (let i = 0; i < 20; i++) expect(await code()).toBe('MALFORMED');
    for (const step of [HOUR, -HOUR, 0]) {
      of.clock.wall = step;
      expect(await code()).toBe('RATE_LIMITED');
    }
    of.clock.monotonic += MINUTE;
    of.clock.wall = -HOUR;
    expect(await code()).toBe('MALFORMED');
  });
});

describe('forward-auth', () => {
  test.each(FLAVOURS)(
    '%s: counts by the client behind trusted proxies, and says when to come again',
    async (flavour) => {
      const of = await shop({}, {}, { trustedProxies: ['127.0.0.0/8'] });
      const ask = (key: string, client: string) =>
        of.ask({ flavour, headers: { 'api-key': key, 'x-forwarded-for': client, 'x-request-id': 'r' } });
      for (let i = 0; i < 20; i++) expect((await ask('junk', '198.51.100.1')).status).toBe(401);
      const over = await ask('junk', '198.51.100.1');
      expect([over.status, over.headers['x-keyfold-code']]).toEqual([flavour === 'nginx' ? 403 : 429, 'RATE_LIMITED']);
      expect(over.body).toEqual({
        code: 'RATE_LIMITED',
        message: 'too many requests: try again later',
        requestId: 'r',
      });
      expect(Number(over.headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(over.headers['retry-after'])).toBeLessThanOrEqual(60);
      expect(identityOf(over)).toEqual({});
      expect((await ask(of.key(), '198.51.100.1')).status).toBe(200);
      expect((await ask('junk', '198.51.100.2')).status).toBe(401);
      // Without an address nobody could be told from anybody.
      for (let i = 0; i < 25; i++) expect((await ask('junk', 'garbage')).status).toBe(401);
    },
  );
});

test('what is counted is scraped', async () => {
  const { registry, invalidKeysRefused } = createMetrics({ defaults: false });
  invalidKeysRefused.inc();
  expect(await registry.metrics()).toContain('keyfold_invalid_keys_refused_total 1');
});

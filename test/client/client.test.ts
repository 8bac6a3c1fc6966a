// The client beside the real verifier, and beside what answers in its place: every question has an outcome in time.
import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { createVerifierClient, type Outcome, type VerifyRequest } from '../../services/client/index.ts';
import type { VerifyRequest as Contract } from '../../services/verifier/request.ts';
import { start, tokenAfter } from '../verifier/http-support.ts';
import { answering, impostor, nowhere, verdict } from './support.ts';

const KEY = 'kf_0123456789012345678901234567890mLq17';
/** These tests are not about time, and the machine may be busy. */
const patient = { timeoutMs: 20_000 };
const TOKEN = 'a-token-of-at-least-32-characters';

describe('the real verifier', () => {
  it('says VALID with everything that the contract names', async () => {
    const of = await start({ scopes: ['orders:read'], ownerId: 'u1', environment: 'live' });
    const client = createVerifierClient({ ...patient, url: of.url });
    const outcome = await client.verify({ key: of.key(), scopes: ['orders:read'], include: ['name', 'metadata'] });
    const { body } = await of.verify({ key: of.key(), include: ['name', 'metadata'] });
    expect(outcome).toEqual({ ...body, asOf: expect.any(String) as string, requestId: expect.any(String) as string });
    expect(outcome).toMatchObject({ valid: true, code: 'VALID', keyId: of.keyId, owner: 'u1' });
  });

  it('says why not, and of an unknown key nothing', async () => {
    const of = await start({ scopes: ['orders:read'] });
    const client = createVerifierClient({ ...patient, url: `${of.url}/` });
    const lacking = await client.verify({ key: of.key(), permission: 'orders:write or orders:delete' });
    expect(lacking).toMatchObject({
      valid: false,
      code: 'INSUFFICIENT_SCOPE',
      keyId: of.keyId,
      scopes: ['orders:read'],
    });
    for (const [key, code] of [
      ['', 'MALFORMED'],
      ['no key', 'MALFORMED'],
      [KEY, 'MALFORMED'],
    ] as const) {
      expect(await client.verify({ key })).toMatchObject({ valid: false, code, keyId: null, workspaceId: null });
    }
  });

  it('asks for the keyspace that the client is for, unless a request names another', async () => {
    const of = await start();
    const client = createVerifierClient({ ...patient, url: of.url, keyspace: 'other' });
    expect(await client.verify({ key: of.key() })).toMatchObject({ code: 'WRONG_KEYSPACE' });
    expect(await client.verify({ key: of.key(), keyspace: 'default' })).toMatchObject({ code: 'VALID' });
  });

  it('waits for a position: what was revoked before it is refused', async () => {
    const of = await start();
    const client = createVerifierClient({ ...patient, url: of.url });
    expect(await client.verify({ key: of.key() })).toMatchObject({ code: 'VALID' });
    const [position] = await of.log.append([of.writer.event(of.keyId, 'KeyRevoked', { reason: null })]);
    expect(await client.verify({ key: of.key(), atLeast: tokenAfter(position!) })).toMatchObject({ code: 'REVOKED' });
  });

  it('takes the token where one is set; without it nothing is known', async () => {
    const of = await start({}, { token: TOKEN });
    const ask = (token?: string) => createVerifierClient({ ...patient, url: of.url, token }).verify({ key: of.key() });
    expect(await ask(TOKEN)).toMatchObject({ code: 'VALID' });
    expect(await ask()).toMatchObject({ code: 'UNAVAILABLE', reason: 'UNAUTHENTICATED' });
    expect(await ask(`${TOKEN}x`)).toMatchObject({ code: 'UNAVAILABLE', reason: 'UNAUTHENTICATED' });
  });

  it('a request that it does not take is told with its member, and is no outage', async () => {
    const of = await start();
    const client = createVerifierClient({ ...patient, url: of.url });
    const ask = (more: Partial<VerifyRequest>) => client.verify({ key: of.key(), ...more });
    expect(await ask({ scopes: ['no scope'] })).toMatchObject({
      ...{ valid: false, code: 'INVALID_INPUT', path: ['scopes', '0'] },
      message: expect.stringContaining('1–64 letters') as string,
    });
    expect(await ask({ resource: { type: 'order', id: 'x'.repeat(200) } })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await ask({ key: 'x'.repeat(70_000) })).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('STALE is no answer about a key', async () => {
    const of = await start({}, {}, { down: true });
    const client = createVerifierClient({ ...patient, url: of.url });
    expect(await client.verify({ key: of.key() })).toMatchObject({
      ...{ valid: false, code: 'UNAVAILABLE', reason: 'STALE', retryAfterSeconds: 10 },
    });
  });

  it('a verifier that is stopped is not reachable, and one that is back answers', async () => {
    const of = await start();
    const client = createVerifierClient({ ...patient, url: of.url });
    expect(await client.verify({ key: of.key() })).toMatchObject({ code: 'VALID' });
    await of.verifier.stop(1000);
    expect(await client.verify({ key: of.key() })).toMatchObject({ code: 'UNAVAILABLE', reason: 'CONNECTION' });
  });
});

describe('what answers in its place', () => {
  const ask = (url: string, options = {}) => createVerifierClient({ ...patient, url, ...options }).verify({ key: KEY });
  const since = (from: number) => performance.now() - from;

  it('one that never answers costs the time-out and no more', async () => {
    const url = await impostor(() => undefined);
    const from = performance.now();
    expect(await ask(url, { timeoutMs: 100 })).toMatchObject({ code: 'UNAVAILABLE', reason: 'TIMEOUT' });
    expect(since(from)).toBeGreaterThan(90);
    expect(since(from)).toBeLessThan(5000);
  });

  it('one that stops in the midst of its answer costs the time-out and no more', async () => {
    const url = await impostor((_, response) => void response.writeHead(200).write('{"valid":'));
    expect(await ask(url, { timeoutMs: 100 })).toMatchObject({ code: 'UNAVAILABLE', reason: 'TIMEOUT' });
  });

  const nonsense = {
    'no JSON': 'hello',
    'an empty body': '',
    'a list': '[true]',
    null: 'null',
    'true alone': '{"valid":true}',
    'a code alone': '{"code":"VALID"}',
    'VALID without its members': '{"valid":true,"code":"VALID"}',
    'VALID without a moment': verdict({ asOf: undefined }),
    'VALID with scopes that are none': verdict({ scopes: 'orders:read' }),
    'VALID with a resource list that is none': verdict({ resources: null }),
    'a refusal that is valid': verdict({ code: 'DISABLED' }),
    'a permission that is not valid': verdict({ valid: false }),
    'a valid that is a word': verdict({ valid: 'true' }),
    'a code that is none': verdict({ valid: false, code: 'disabled!' }),
  };
  it.each(Object.entries(nonsense))('%s is no answer', async (_, body) => {
    expect(await ask(await answering(200, body))).toMatchObject({ code: 'UNAVAILABLE', reason: 'UNREADABLE' });
  });

  it.each([
    [201, 'UNREADABLE'],
    [302, 'UNREADABLE'],
    [403, 'UNREADABLE'],
    [404, 'UNREADABLE'],
    [500, 'FAILED'],
    [502, 'FAILED'],
    [503, 'FAILED'],
  ])('status %d is no answer, whatever its body says', async (status, reason) => {
    const url = await answering(status, verdict({}), { location: 'http://127.0.0.1:1/' });
    expect(await ask(url)).toMatchObject({ valid: false, code: 'UNAVAILABLE', reason });
  });

  it('an answer of 1 MB is not read to its end', async () => {
    let sent = 0;
    const url = await impostor((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && sent < 64 * 2 ** 20) {
          sent += 65_536;
          if (!response.write(' '.repeat(65_536))) return void response.once('drain', more);
        }
      };
      more();
    });
    expect(await ask(url, { timeoutMs: 10_000 })).toMatchObject({ code: 'UNAVAILABLE', reason: 'UNREADABLE' });
    expect(sent).toBeLessThan(32 * 2 ** 20);
    const longest = verdict({ owner: ' '.repeat(2 ** 20) });
    expect(await ask(await answering(200, longest))).toMatchObject({ code: 'UNAVAILABLE', reason: 'UNREADABLE' });
  });

  it('a key with the longest lists is read', async () => {
    const ids = Array.from({ length: 500 }, (_, i) => `${i}`.padEnd(128, '漢'));
    const outcome = await ask(await answering(200, verdict({ resources: { all: false, ids } })));
    expect(outcome).toMatchObject({ code: 'VALID', resources: { ids } });
  });

  it('a code of a later verifier is a refusal', async () => {
    const url = await answering(200, verdict({ valid: false, code: 'ASLEEP' }));
    expect(await ask(url)).toMatchObject({ valid: false, code: 'ASLEEP', keyId: 'key_1' });
  });

  it('RATE_LIMITED says when to come back: as the verifier says, else when the limit is reset', async () => {
    const rateLimit = {
      limit: 60,
      remaining: 0,
      degraded: false,
      resetAt: new Date(Date.now() + 30_500).toISOString(),
    };
    const body = verdict({ valid: false, code: 'RATE_LIMITED', rateLimit });
    const after = async (text: string, headers = {}) => {
      const outcome = await ask(await answering(200, text, headers));
      return outcome.code === 'RATE_LIMITED' ? outcome.retryAfterSeconds : outcome;
    };
    expect([30, 31]).toContain(await after(body));
    expect(await after(body, { 'retry-after': '7' })).toBe(7);
    expect(await after(verdict({ valid: false, code: 'RATE_LIMITED' }))).toBe(1);
  });
});

describe('another try', () => {
  const counting = async (
    answer: (count: number, response: ServerResponse) => void,
  ): Promise<{ readonly url: string; readonly count: () => number }> => {
    let count = 0;
    const url = await impostor((request, response) => {
      request.resume().on('end', () => answer(++count, response));
    });
    return { url, count: () => count };
  };
  const stale = (response: ServerResponse, after: string): void => {
    response.writeHead(503, { 'retry-after': after }).end('{"code":"STALE","valid":false}');
  };

  it('follows a connection that broke, as often as allowed', async () => {
    const of = await counting((count, response) => {
      if (count === 1) response.destroy();
      else response.end(verdict({}));
    });
    expect(await createVerifierClient({ ...patient, url: of.url }).verify({ key: KEY })).toMatchObject({
      code: 'VALID',
    });
    expect(of.count()).toBe(2);
    const broken = await counting((_, response) => void response.destroy());
    for (const [retries, tries] of [
      [0, 1],
      [1, 2],
      [3, 4],
    ] as const) {
      const before = broken.count();
      const client = createVerifierClient({ ...patient, url: broken.url, retries });
      expect(await client.verify({ key: KEY })).toMatchObject({ code: 'UNAVAILABLE', reason: 'CONNECTION' });
      expect(broken.count() - before).toBe(tries);
    }
  });

  it('follows STALE after the pause that was asked for, where that fits into the time', async () => {
    const of = await counting((count, response) => {
      if (count === 1) stale(response, '1');
      else response.end(verdict({}));
    });
    const from = performance.now();
    const client = createVerifierClient({ ...patient, url: of.url });
    expect(await client.verify({ key: KEY })).toMatchObject({ code: 'VALID' });
    expect(performance.now() - from).toBeGreaterThan(990);
    expect(of.count()).toBe(2);
  });

  it('does not follow STALE where it does not fit, nor any other answer', async () => {
    const of = await counting((_, response) => stale(response, '5'));
    const from = performance.now();
    expect(await createVerifierClient({ url: of.url, timeoutMs: 4000 }).verify({ key: KEY })).toMatchObject({
      ...{ code: 'UNAVAILABLE', reason: 'STALE', retryAfterSeconds: 5 },
    });
    expect(performance.now() - from).toBeLessThan(4000);
    expect(of.count()).toBe(1);
    const failing = await counting((_, response) => void response.writeHead(500, { 'retry-after': '0' }).end());
    expect(await createVerifierClient({ ...patient, url: failing.url }).verify({ key: KEY })).toMatchObject({
      reason: 'FAILED',
    });
    expect(failing.count()).toBe(1);
  });
});

describe('a signal', () => {
  it('ends the question at once, also in a pause, and leaves no listener', async () => {
    const silent = await impostor(() => undefined);
    const staleUrl = await answering(503, '{"code":"STALE"}', { 'retry-after': '5' });
    for (const url of [silent, staleUrl]) {
      const controller = new AbortController();
      const asked = createVerifierClient({ url, timeoutMs: 20_000 }).verify(
        { key: KEY },
        { signal: controller.signal },
      );
      setTimeout(() => controller.abort(), 100);
      const from = performance.now();
      expect(await asked).toMatchObject({ valid: false, code: 'UNAVAILABLE' });
      expect(performance.now() - from).toBeLessThan(3000);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    }
  });

  it('that has fired asks nothing', async () => {
    let asked = 0;
    const url = await impostor((_, response) => void response.end(`${++asked}`));
    const outcome = await createVerifierClient({ ...patient, url }).verify(
      { key: KEY },
      { signal: AbortSignal.abort() },
    );
    expect(outcome).toMatchObject({ code: 'UNAVAILABLE', reason: 'ABORTED' });
    expect(asked).toBe(0);
  });
});

describe('mistakes of the program', () => {
  it.each([
    ['no URL', { url: 'verifier' }],
    ['another scheme', { url: 'ftp://127.0.0.1' }],
    ['a password in the URL', { url: 'http://me:secret-word@127.0.0.1' }],
    ['a query in the URL', { url: 'http://127.0.0.1/?key=secret-word' }],
    ['no time', { url: 'http://127.0.0.1', timeoutMs: 0 }],
    ['time that never ends', { url: 'http://127.0.0.1', timeoutMs: Infinity }],
    ['half a try', { url: 'http://127.0.0.1', retries: 0.5 }],
    ['a token that no header takes', { url: 'http://127.0.0.1', token: 'secret-word\r\nx: y' }],
  ])('%s is a TypeError that quotes nothing', (_, options) => {
    expect(() => createVerifierClient(options)).toThrow(TypeError);
    expect(() => createVerifierClient(options)).not.toThrow(/secret-word/);
  });

  it('a request without a key, or with what is no data, is one, too', async () => {
    const client = createVerifierClient({ ...patient, url: await nowhere() });
    const circular: { key: string; self?: unknown } = { key: KEY };
    circular.self = circular;
    for (const request of [undefined, null, {}, { key: 7 }, circular, { key: KEY, cost: 1n }]) {
      await expect(client.verify(request as VerifyRequest)).rejects.toThrow(TypeError);
    }
  });
});

it('the types are those of the contract', () => {
  expectTypeOf<Contract>().toExtend<VerifyRequest>();
  expectTypeOf<keyof VerifyRequest>().toEqualTypeOf<keyof Contract>();
  expectTypeOf<keyof NonNullable<VerifyRequest['request']>>().toEqualTypeOf<keyof NonNullable<Contract['request']>>();
  expectTypeOf<Extract<Outcome, { valid: true }>['code']>().toEqualTypeOf<'VALID'>();
});

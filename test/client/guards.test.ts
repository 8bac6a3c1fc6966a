// The guards, each in its framework and before the real verifier: the same requests pass and fail in all of them, and
// whatever is not proven does not pass.
import { describe, expect, it, test } from 'vitest';
import { createVerifierClient, keyOf, type Verified } from '../../services/client/index.ts';
import { start } from '../verifier/http-support.ts';
import {
  answering,
  ask,
  bearer,
  FRAMEWORKS,
  impostor,
  nowhere,
  verdict,
  type Answer,
  type Options,
} from './support.ts';

const KEY = 'kf_0123456789012345678901234567890mLq17';
const needs = { scopes: ['orders:read'] };
const ADVICE = 'send the key once, as Authorization: Bearer <key> or X-API-Key: <key>';

const json = expect.stringMatching(/^application\/json/) as string;
const anyId = expect.stringMatching(/^req_[0-9a-f]{32}$/) as string;

/** A refusal as clients see it. */
function refused(status: number, code: string, headers: object = {}) {
  return {
    status,
    headers: { 'cache-control': 'no-store', 'content-type': json, ...headers },
    body: { code, message: expect.any(String) as string, requestId: anyId },
  };
}
const challenged = { 'www-authenticate': 'Bearer realm="default"' };

describe.each(Object.entries(FRAMEWORKS))('%s', (_, serve) => {
  /** Before the real verifier with one key. */
  async function guarded(data: Parameters<typeof start>[0] = {}, options: Options = { needs }, more = {}) {
    const of = await start({ scopes: ['orders:read'], ...data }, more);
    const port = await serve(createVerifierClient({ url: of.url, timeoutMs: 20_000 }), options);
    const call = (headers: Record<string, string | string[]> = {}, path?: string): Promise<Answer> =>
      ask(port, { headers, ...(path === undefined ? {} : { path }) });
    const append = async (type: 'KeyRevoked' | 'KeyDisabled', event: object): Promise<void> => {
      await of.log.append([of.writer.event(of.keyId, type, event as never)]);
      expect(await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000))).toBe(true);
    };
    return { ...of, call, append };
  }
  /** Before a server in the verifier's place. */
  const before = async (url: string, options: Options = { needs }, timeoutMs = 20_000) => {
    const port = await serve(createVerifierClient({ url, timeoutMs }), options);
    return () => ask(port, bearer(KEY));
  };

  it('a valid key passes, in either header, and the handler knows whose it is', async () => {
    const of = await guarded();
    const passed = { status: 200, body: { reached: true, keyId: of.keyId, scopes: ['orders:read'] } };
    expect(await of.call({ authorization: `Bearer ${of.key()}` })).toMatchObject(passed);
    expect(await of.call({ authorization: `bearer ${of.key()}` })).toMatchObject(passed);
    expect(await of.call({ 'x-api-key': of.key() })).toMatchObject(passed);
    expect(await of.call({ 'x-api-key': of.key() }, '/orders?page=2')).toMatchObject(passed);
  });

  it('no key, two keys, one twice, one in the wrong form or also in the URL: 401 with what to do', async () => {
    const of = await guarded();
    const key = of.key();
    const authorization = `Bearer ${key}`;
    const hostile: [Record<string, string | string[]>, string?][] = [
      [{}],
      [{ authorization: '' }],
      [{ authorization: key }],
      [{ authorization: `Basic ${key}` }],
      [{ authorization: [authorization, authorization] }],
      [{ authorization: [authorization, `Bearer ${KEY}`] }],
      [{ authorization: `${authorization}, ${authorization}` }],
      [{ authorization, 'x-api-key': key }],
      [{ authorization, 'x-api-key': KEY }],
      [{ authorization, 'x-api-key': '' }],
      [{ 'x-api-key': [key, key] }],
      [{ 'x-api-key': `${key},${key}` }],
      [{ 'x-api-key': `Bearer ${key}` }],
      [{ 'x-api-key': key.padEnd(300, '0') }],
      [{ 'x-api-key': `${key}é` }],
      [{ 'api-key': key }],
      [{ cookie: `key=${key}` }],
      [{}, `/orders?api_key=${key}`],
      [{ authorization }, `/orders?api_key=${key}`],
      [{ authorization }, `/orders?a=b&${encodeURIComponent(key)}`],
    ];
    for (const [headers, path] of hostile) {
      const answer = await of.call(headers, path);
      expect(answer, `${Object.keys(headers).join()} ${path === undefined ? '' : 'and URL'}`).toMatchObject(
        refused(401, 'MALFORMED', challenged),
      );
      expect(answer.body.message).toBe(ADVICE);
    }
  });

  it('a random key and one with a mistake in it: 401', async () => {
    const of = await guarded();
    const key = of.key();
    const mistyped = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;
    expect(await of.call({ 'x-api-key': mistyped })).toMatchObject(refused(401, 'MALFORMED', challenged));
    of.writer.create('never recorded');
    const unknown = of.writer.secretOf(of.writer.keyId('never recorded'));
    expect(await of.call({ 'x-api-key': unknown })).toMatchObject(refused(401, 'NOT_FOUND', challenged));
  });

  it('a key without the scope: 403, and without a challenge', async () => {
    const of = await guarded({ scopes: ['orders:write'] });
    const answer = await of.call({ 'x-api-key': of.key() });
    expect(answer).toMatchObject(refused(403, 'INSUFFICIENT_SCOPE'));
    expect(answer.headers).not.toHaveProperty('www-authenticate');
  });

  it('a key that has expired: 401', async () => {
    const of = await guarded({ expiresAt: new Date(Date.now() - 1000).toISOString() });
    expect(await of.call({ 'x-api-key': of.key() })).toMatchObject(refused(401, 'EXPIRED', challenged));
  });

  it('a key is refused once the verifier has reached the position at which it was disabled or revoked', async () => {
    const of = await guarded();
    expect(await of.call({ 'x-api-key': of.key() })).toMatchObject({ status: 200 });
    await of.append('KeyDisabled', {});
    expect(await of.call({ 'x-api-key': of.key() })).toMatchObject(refused(403, 'DISABLED'));
    await of.append('KeyRevoked', { reason: null });
    expect(await of.call({ 'x-api-key': of.key() })).toMatchObject(refused(401, 'REVOKED', challenged));
  });

  it('a key of another keyspace: 403', async () => {
    const of = await guarded({}, { keyspace: 'payments' });
    expect(await of.call({ 'x-api-key': of.key() })).toMatchObject(refused(403, 'WRONG_KEYSPACE'));
  });

  it('a key that is restricted by address sees the socket, not what a header says', async () => {
    const here = await guarded({ ipRanges: ['127.0.0.0/8'] });
    const spoofed = { 'x-forwarded-for': '10.0.0.1', 'x-real-ip': '10.0.0.1', forwarded: 'for=10.0.0.1' };
    expect(await here.call({ 'x-api-key': here.key(), ...spoofed })).toMatchObject({ status: 200 });
    const there = await guarded({ ipRanges: ['10.0.0.0/8'] });
    const refusal = refused(403, 'IP_NOT_ALLOWED');
    expect(await there.call({ 'x-api-key': there.key(), ...spoofed })).toMatchObject(refusal);
    const told = await guarded({ ipRanges: ['10.0.0.0/8'] }, { ip: () => '10.0.0.1' });
    expect(await told.call({ 'x-api-key': told.key() })).toMatchObject({ status: 200 });
    for (const ip of [undefined, '', 'unknown', '10.0.0.1, 127.0.0.1', '10.0.0.1:80', 'fe80::1%eth0']) {
      const unknown = await guarded({ ipRanges: ['0.0.0.0/0', '::/0'] }, { ip: () => ip });
      expect(await unknown.call({ 'x-api-key': unknown.key() }), String(ip)).toMatchObject(refusal);
    }
  });

  it('a key that is restricted by origin sees the header, once', async () => {
    const of = await guarded({ origins: ['https://app.example.com'] });
    const from = (origin: string[]) => of.call({ 'x-api-key': of.key(), ...(origin.length === 0 ? {} : { origin }) });
    expect(await from(['https://app.example.com'])).toMatchObject({ status: 200 });
    const refusal = refused(403, 'ORIGIN_NOT_ALLOWED');
    for (const origin of [[], ['https://evil.com'], ['https://app.example.com', 'https://evil.com'], ['null']]) {
      expect(await from(origin), origin.join()).toMatchObject(refusal);
    }
  });

  it('a request with the longest headers and path is judged, not taken for an outage', async () => {
    const of = await guarded({}, { needs, failOpen: () => true });
    const long = { origin: `https://${'a'.repeat(4000)}`, 'user-agent': 'b'.repeat(4000) };
    expect(await of.call({ 'x-api-key': of.key(), ...long }, `/orders?${'c'.repeat(4000)}`)).toMatchObject({
      status: 200,
    });
    const mistyped = KEY;
    expect(await of.call({ 'x-api-key': mistyped, ...long })).toMatchObject(refused(401, 'MALFORMED'));
  });

  it('the verifier is down: 503, and nobody passes', async () => {
    const call = await before(await nowhere());
    expect(await call()).toMatchObject(refused(503, 'UNAVAILABLE', { 'retry-after': '1' }));
  });

  it('the verifier never answers: 503 within the time-out', async () => {
    const call = await before(await impostor(() => undefined), { needs }, 200);
    const from = performance.now();
    expect(await call()).toMatchObject(refused(503, 'UNAVAILABLE', { 'retry-after': '1' }));
    expect(performance.now() - from).toBeLessThan(10_000);
  });

  it('the verifier talks nonsense, or without end, or wants another token: 503', async () => {
    for (const url of [
      await answering(200, 'hello'),
      await answering(200, '{"valid":true}'),
      await answering(200, ' '.repeat(2 ** 20)),
      await answering(401, '{"code":"UNAUTHENTICATED"}'),
      await answering(500, verdict({})),
    ]) {
      const call = await before(url);
      expect(await call()).toMatchObject(refused(503, 'UNAVAILABLE', { 'retry-after': '1' }));
    }
  });

  it('STALE: 503 with the pause that the verifier asks for', async () => {
    const of = await start({}, {}, { down: true });
    const port = await serve(createVerifierClient({ url: of.url, timeoutMs: 8000 }), { needs });
    expect(await ask(port, bearer(of.key()))).toMatchObject(refused(503, 'UNAVAILABLE', { 'retry-after': '10' }));
  });

  it('RATE_LIMITED: 429 with Retry-After', async () => {
    const limited = verdict({ valid: false, code: 'RATE_LIMITED' });
    const call = await before(await answering(200, limited, { 'retry-after': '7' }));
    expect(await call()).toMatchObject(refused(429, 'RATE_LIMITED', { 'retry-after': '7' }));
  });

  it('a code that is not known here: 403', async () => {
    const call = await before(await answering(200, verdict({ valid: false, code: 'ASLEEP' })));
    expect(await call()).toMatchObject(refused(403, 'ASLEEP'));
  });

  it('failOpen lets pass without a key during an outage only, and by nothing but true', async () => {
    const open = await before(await nowhere(), { needs, failOpen: () => true });
    expect(await open()).toMatchObject({ status: 200, body: { reached: true, keyId: null } });
    for (const answer of [false, Promise.resolve(true), 1, undefined]) {
      const closed = await before(await nowhere(), { needs, failOpen: () => answer as boolean });
      expect(await closed()).toMatchObject(refused(503, 'UNAVAILABLE'));
    }
    const of = await guarded({ scopes: [] }, { needs, failOpen: () => true });
    expect(await of.call({ 'x-api-key': of.key() })).toMatchObject(refused(403, 'INSUFFICIENT_SCOPE'));
    expect(await of.call({})).toMatchObject(refused(401, 'MALFORMED'));
    const taken = await guarded({}, { needs: { scopes: ['no scope'] }, failOpen: () => true });
    expect(await taken.call({ 'x-api-key': taken.key() })).toMatchObject(refused(400, 'INVALID_INPUT'));
    await of.verifier.stop(1000);
    expect(await of.call({}), 'nobody passes without a key').toMatchObject(refused(401, 'MALFORMED'));
  });

  it('needs and resource may be functions; one that answers nothing, or fails, lets nobody pass', async () => {
    const data = { resources: { all: false, ids: ['o1'] } };
    const about = (id: string): Options => ({
      needs: () => Promise.resolve(needs),
      resource: () => ({ type: 'order', id }),
    });
    const may = await guarded(data, about('o1'));
    expect(await may.call({ 'x-api-key': may.key() })).toMatchObject({ status: 200 });
    const mayNot = await guarded(data, about('o2'));
    expect(await mayNot.call({ 'x-api-key': mayNot.key() })).toMatchObject(refused(403, 'RESOURCE_NOT_ALLOWED'));
    const nothing = (): never => undefined as never;
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what untyped programs do
    const rejecting = (reason: unknown) => () => Promise.reject(reason);
    const failing: Options[] = [
      { needs: nothing },
      { resource: nothing },
      // Left out of the question it would mean that any key will do.
      { needs: { scopes: undefined as never } },
      { needs: () => ({ permission: undefined as never }) },
      { needs: () => Promise.reject(new Error('no database')) },
      // What these frameworks would take for no error at all, or for a word to themselves.
      { needs: rejecting(undefined) },
      { needs: rejecting('route') },
      { needs: rejecting('router') },
    ];
    for (const options of failing) {
      const errors: unknown[] = [];
      const of = await guarded({}, { ...options, onError: (error) => errors.push(error) });
      expect(await of.call({ 'x-api-key': of.key() })).toMatchObject({ status: 500, body: { code: 'INTERNAL' } });
      expect(errors).toEqual([expect.any(Error)]);
    }
  });

  it('onRefused shapes the answer, which is stored nowhere all the same', async () => {
    const of = await guarded(
      {},
      {
        needs,
        onRefused: (answer, refusal) => ({
          status: 404,
          headers: { ...answer.headers, 'x-code': refusal.code, 'cache-control': 'public' },
          body: { error: { was: answer.status } },
        }),
      },
    );
    const { status, headers, body } = await of.call({});
    expect({ status, body }).toEqual({ status: 404, body: { error: { was: 401 } } });
    expect(headers).toMatchObject({ 'x-code': 'MALFORMED', 'cache-control': 'no-store', ...challenged });
  });

  it('the verifier and the client are told the same request id, the given one if it is one', async () => {
    let asked: Record<string, unknown> = {};
    const url = await impostor((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        asked = JSON.parse(text) as Record<string, unknown>;
        response.end(verdict({ valid: false, code: 'DISABLED', requestId: null }));
      });
    });
    for (const [given, id] of [
      ['call-7', 'call-7'],
      ['no id!', anyId],
      [undefined, anyId],
    ] as const) {
      const port = await serve(createVerifierClient({ url, timeoutMs: 20_000 }), { needs, requestId: () => given });
      const headers = { 'x-api-key': KEY, 'user-agent': 'curl/8', origin: 'https://a.example' };
      const { body } = await ask(port, { path: '/orders?page=2', method: 'POST', headers });
      expect(body.requestId).toEqual(id);
      expect(asked).toEqual({
        ...{ key: KEY, keyspace: 'default', scopes: ['orders:read'], origin: 'https://a.example', ip: '127.0.0.1' },
        request: { id: body.requestId, method: 'POST', path: '/orders', userAgent: 'curl/8' },
      });
    }
  });

  it('requests at once are told apart', async () => {
    const of = await guarded();
    const other = of.writer.keyId('b');
    await of.log.append([of.writer.create('b', { scopes: ['orders:read'] })]);
    await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
    const ids = [of.keyId, other];
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => of.call({ 'x-api-key': of.writer.secretOf(ids[i % 2]!) })),
    );
    expect(answers.map(({ body }) => body.keyId)).toEqual(Array.from({ length: 40 }, (_, i) => ids[i % 2]));
  });

  test('options that cannot be meant are refused when the guard is made', async () => {
    const client = createVerifierClient({ url: await nowhere() });
    for (const headers of [[], [{ name: '', bearer: false }], [{ name: 'X Key', bearer: false }]]) {
      await expect((async () => serve(client, { headers }))()).rejects.toThrow(TypeError);
    }
    await expect((async () => serve(client, { keyspace: 'a"b' }))()).rejects.toThrow(TypeError);
  });
});

it('keyOf throws where no key was proven', () => {
  expect(() => keyOf({})).toThrow(TypeError);
  const pretending: { keyfold: Partial<Verified> } = { keyfold: { valid: true } };
  expect(() => keyOf(pretending)).toThrow(TypeError);
});

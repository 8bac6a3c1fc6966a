// The verifier behind its port: the contract's bodies, waiting, details, counting, stopping.
import { describe, expect, test } from 'vitest';
import { start, tokenAfter } from './http-support.ts';

describe('POST /v1/verify', () => {
  test('VALID: the contract’s body, exactly', async () => {
    const of = await start({
      environment: 'live',
      scopes: ['a:read'],
      resources: { all: false, ids: ['r "1"'] },
      flags: ['beta'],
      expiresAt: '2999-01-01T00:00:00.000Z',
      ownerId: 'u\u2028"7',
    });
    const { status, headers, body } = await of.verify(
      { key: of.key(), scopes: ['a:read'] },
      { 'x-request-id': 'call-7' },
    );
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    const { asOf, ...rest } = body;
    expect(rest).toEqual({
      ...{ valid: true, code: 'VALID', keyId: of.keyId, workspaceId: 'acme', keyspace: 'default', keyspaceVersion: 1 },
      ...{ type: 'secret', environment: 'live', scopes: ['a:read'], unrestricted: false },
      ...{ resources: { all: false, ids: ['r "1"'] }, flags: ['beta'], owner: 'u\u2028"7' },
      ...{ expiresAt: '2999-01-01T00:00:00.000Z', rateLimit: null, version: 1, requestId: 'call-7' },
    });
    expect(Math.abs(Date.parse(asOf as string) - Date.now())).toBeLessThan(10_000);
  });

  test('every character comes back as it was given, whatever the answer, and its length is right', async () => {
    const texts = { ownerId: 'ü💥\u2028"\\', resources: { all: false, ids: ['é ñ', '漢字'] } };
    const of = await start(texts);
    const answers = [
      await of.verify({ key: of.key(), resource: { type: 't', id: '漢字' }, include: ['name', 'metadata'] }),
      await of.verify({ key: of.key(), scopes: ['ü'] }),
      await of.verify({ key: of.key(), origin: 'ü', include: ['name'] }),
    ];
    for (const { text, headers } of answers) expect(Number(headers['content-length'])).toBe(Buffer.byteLength(text));
    expect(answers[0]!.body).toMatchObject({ code: 'VALID', owner: texts.ownerId, resources: texts.resources });
    expect(answers[1]!.body).toMatchObject({ message: expect.stringContaining('1–64 letters') as string });
  });

  test('a refusal says what the key is, with the same members', async () => {
    const of = await start();
    const valid = await of.verify({ key: of.key() });
    const refused = await of.verify({ key: of.key(), scopes: ['x'] });
    expect(refused.body).toMatchObject({ valid: false, code: 'INSUFFICIENT_SCOPE', keyId: of.keyId });
    expect(Object.keys(refused.body)).toEqual(Object.keys(valid.body));
  });

  test('MALFORMED and NOT_FOUND tell nothing: unknown, deleted and retired answer alike', async () => {
    const of = await start();
    const old = of.key();
    await of.log.append([
      of.writer.create('b'),
      of.writer.event(of.writer.keyId('b'), 'KeyDeleted', { destroyedDataKey: null }),
    ]);
    await of.log.append([of.writer.regenerate(of.keyId, 0)]);
    of.writer.create('nobody');
    await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
    const secrets = [of.writer.secretOf(of.writer.keyId('nobody')), of.writer.secretOf(of.writer.keyId('b')), old];
    const bodies = [];
    for (const key of secrets) bodies.push((await of.verify({ key, include: ['name'] }, { 'x-request-id': 'r' })).body);
    const { asOf, ...expected } = bodies[0]!;
    expect(asOf).toEqual(expect.any(String));
    for (const body of bodies) expect({ ...body, asOf }).toEqual(bodies[0]);
    expect(expected).toMatchObject({
      valid: false,
      code: 'NOT_FOUND',
      keyId: null,
      workspaceId: null,
      scopes: [],
      name: null,
    });
    const malformed = await of.verify({ key: 'nonsense', include: ['name'] }, { 'x-request-id': 'r' });
    expect({ ...malformed.body, asOf: 0 }).toEqual({ ...expected, code: 'MALFORMED', asOf: 0 });
    expect(JSON.stringify(bodies)).not.toContain(of.keyId);
  });

  test('a key that was unknown is known once its event is followed; atLeast waits for exactly that', async () => {
    const of = await start();
    const record = of.writer.create('b');
    const key = of.writer.secretOf(of.writer.keyId('b'));
    expect((await of.verify({ key })).body.code).toBe('NOT_FOUND');
    of.log.hold();
    const [position] = await of.log.append([record]);
    const waiting = of.verify({ key, atLeast: tokenAfter(position!) });
    expect((await of.verify({ key })).body.code).toBe('NOT_FOUND');
    of.log.release();
    expect((await waiting).body.code).toBe('VALID');
  });

  test('atLeast that is not reached in time: 503, STALE, Retry-After', async () => {
    const of = await start();
    of.log.hold();
    const [position] = await of.log.append([of.writer.event(of.keyId, 'KeyDisabled', {})]);
    const answer = await of.verify({ key: of.key(), atLeast: tokenAfter(position!) });
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(answer.body).toMatchObject({ valid: false, code: 'STALE' });
  });

  test('atLeast must be a position of this log', async () => {
    const of = await start();
    for (const atLeast of ['nonsense', 'p1_3-0', '']) {
      const { status, body } = await of.verify({ key: of.key(), atLeast });
      expect([status, body.code, body.path]).toEqual([400, 'INVALID_INPUT', ['atLeast']]);
    }
  });

  test('include: name and metadata on request, renewed with the key, null while the store is away', async () => {
    const of = await start();
    expect((await of.verify({ key: of.key() })).body).not.toHaveProperty('name');
    // The projector of these tests holds no data keys: personal parts read as erased.
    expect((await of.verify({ key: of.key(), include: ['name', 'metadata'] })).body).toMatchObject({
      name: '',
      metadata: null,
    });
    const row = of.store.contents().keys[0]!;
    await of.store.writer('g1').apply(
      {
        ...{ history: [], secrets: [], keyspaces: null },
        keys: [
          {
            from: 1,
            row: {
              ...row,
              state: { ...row.state, version: 2 },
              details: { ...row.details, name: 'Zoë', metadata: { a: 1 } },
            },
          },
        ],
      },
      {},
    );
    const [position] = await of.log.append([of.writer.event(of.keyId, 'KeyEnabled', {})]);
    const atLeast = tokenAfter(position!);
    const renewed = await of.verify({ key: of.key(), include: ['metadata', 'name', 'name'].slice(0, 2), atLeast });
    expect(renewed.body).toMatchObject({ name: 'Zoë', metadata: { a: 1 } });
    of.store.setDown(true);
    expect((await of.verify({ key: of.key(), include: ['name'] })).body).toMatchObject({ code: 'VALID', name: 'Zoë' });
    await of.log.append([of.writer.event(of.keyId, 'KeyDisabled', {})]);
    await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
    expect((await of.verify({ key: of.key(), include: ['name'] })).body).toMatchObject({
      code: 'DISABLED',
      name: null,
    });
  });

  test('the request id: the body’s, else the header’s if it is a plain one, else a new one each time', async () => {
    const of = await start();
    const id = async (body: object, headers = {}) => (await of.verify({ key: 'x', ...body }, headers)).body.requestId;
    expect(await id({ request: { id: 'from-body' } }, { 'x-request-id': 'from-header' })).toBe('from-body');
    expect(await id({}, { 'x-request-id': 'from-header' })).toBe('from-header');
    const made = [
      await id({}),
      await id({}),
      await id({}, { 'x-request-id': 'a"b' }),
      await id({}, { 'x-request-id': 'x'.repeat(65) }),
    ];
    expect(new Set(made).size).toBe(4);
    for (const each of made) expect(each).toMatch(/^req_[0-9a-f]{18}_[0-9a-z]+$/);
  });
});

describe('the process', () => {
  test('counts its answers, and its metrics hold no key', async () => {
    const of = await start();
    await of.verify({ key: of.key() });
    await of.verify({ key: 'x' });
    const { text, headers } = await of.send({ method: 'GET', path: '/metrics' });
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toContain('keyfold_verifications_total{code="VALID",keyspace="default"} 1');
    expect(text).toContain('keyfold_verifications_total{code="MALFORMED",keyspace=""} 1');
    expect(text).toContain('keyfold_verifier_keys 1');
    expect(text).not.toContain(of.key().slice(4, 16));
  });

  test('counts under the keyspace that was asked for, else the key’s, and under none that a caller made up', async () => {
    const of = await start();
    await of.verify({ key: of.key(), keyspace: 'default' });
    await of.verify({ key: of.key(), keyspace: 'made-up' });
    await of.verify({ key: 'x', keyspace: 'default' });
    for (const keyspace of ['made-up', 'constructor', '__proto__', of.key().slice(0, 40)])
      await of.verify({ key: 'x', keyspace });
    const { text } = await of.send({ method: 'GET', path: '/metrics' });
    const counted = [...text.matchAll(/^keyfold_verifications_total\{(.*)\} (\d+)$/gm)].map(([, labels, n]) => [
      labels,
      n,
    ]);
    expect(Object.fromEntries(counted)).toEqual({
      'code="VALID",keyspace="default"': '1',
      'code="WRONG_KEYSPACE",keyspace="default"': '1',
      'code="MALFORMED",keyspace="default"': '1',
      'code="MALFORMED",keyspace=""': '4',
    });
  });

  test('tells how long its answers took, by status, once each', async () => {
    const of = await start();
    for (const key of [of.key(), of.key(), 'x']) await of.verify({ key });
    await of.verify({ key: of.key(), include: ['name'] });
    await of.verify({});
    await of.send({ body: '{}' });
    of.log.hold();
    const [last] = await of.log.append([of.writer.event(of.keyId, 'KeyDisabled', {})]);
    expect((await of.verify({ key: of.key(), atLeast: tokenAfter(last!) })).status).toBe(503);
    const { text } = await of.send({ method: 'GET', path: '/metrics' });
    const value = (name: string): number =>
      Number(new RegExp(`^keyfold_verify_seconds_${name.replace('+', '\\+')} (\\S+)$`, 'm').exec(text)?.[1]);
    expect(text).toContain('# TYPE keyfold_verify_seconds histogram');
    expect(value('count{status="200"}')).toBe(4);
    expect(value('bucket{le="+Inf",status="200"}')).toBe(4);
    expect([value('count{status="400"}'), value('count{status="415"}')]).toEqual([1, 1]);
    // A wait that was asked for is part of it.
    expect([value('bucket{le="0.1",status="503"}'), value('bucket{le="10",status="503"}')]).toEqual([0, 1]);
    expect(value('sum{status="503"}')).toBeGreaterThan(0.2);
    const bounds = [...text.matchAll(/_bucket\{le="(\S+?)",status="200"\} (\d+)/g)].map(([, , count]) => Number(count));
    expect(bounds).toHaveLength(13);
    expect(bounds.toSorted((a, b) => a - b)).toEqual(bounds);
  });

  test('a check that may have been of a key without its pepper is counted', async () => {
    const of = await start({}, { peppers: [{ id: 'other', key: new Uint8Array(32).fill(1) }] });
    expect((await of.verify({ key: of.key() })).body.code).toBe('NOT_FOUND');
    expect((await of.send({ method: 'GET', path: '/metrics' })).text).toContain('keyfold_missing_pepper_total 1');
    expect(of.verifier.readiness()).toMatchObject({
      ready: true,
      degraded: ['a pepper that keys use is not in the settings'],
    });
  });

  test('a stop answers what is in flight and lets those go that wait for a position', async () => {
    const of = await start({}, { atLeastMs: 60_000 });
    const waiting = of.verify({ key: of.key(), atLeast: 'p1_0-99' });
    const others = Array.from({ length: 50 }, () => of.verify({ key: of.key() }));
    await Promise.all(others);
    expect(await of.verifier.stop(5000)).toBe('drained');
    expect((await waiting).status).toBe(503);
    for (const other of others) expect((await other).status).toBe(200);
    await expect(of.verify({ key: of.key() })).rejects.toThrow();
    expect(of.log.readers).toBe(0);
  });
});

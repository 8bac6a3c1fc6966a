// POST /v1/verify/batch: many checks at once are answered as each would be alone, or refused together.
import { describe, expect, test } from 'vitest';
import { start, tokenAfter } from './http-support.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const PATH = '/v1/verify/batch';

async function given(...options: Parameters<typeof start>) {
  const of = await start(...options);
  const raw = (body: string | Buffer, headers: Record<string, string> = {}) =>
    of.send({ path: PATH, headers: { ...JSON_TYPE, ...headers }, body });
  const batch = async (checks: readonly object[], headers: Record<string, string> = {}) => {
    const { text, ...answer } = await raw(JSON.stringify(checks), headers);
    return { ...answer, text, answers: JSON.parse(text) as Record<string, unknown>[] };
  };
  return { ...of, raw, batch };
}

describe('POST /v1/verify/batch', () => {
  test('each answer is the one that the check would get alone, in the order of the checks', async () => {
    const of = await given({ scopes: ['a'], origins: ['https://a.example'], ownerId: 'ü💥' });
    const key = of.key();
    const origin = 'https://a.example';
    const checks = [
      { key, origin, scopes: ['a'], request: { id: 'one' } },
      { key: 'nonsense', request: { id: 'two' } },
      { key, request: { id: 'three' } },
      { key, origin, permission: 'a or b', include: ['name', 'metadata'], request: { id: 'four' } },
      { key, origin, scopes: ['b'], request: { id: 'five' } },
      { key, origin, keyspace: 'other', request: { id: 'six' } },
    ];
    const { status, headers, text, answers } = await of.batch(checks);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(Number(headers['content-length'])).toBe(Buffer.byteLength(text));
    expect(answers.map(({ code }) => code)).toEqual([
      ...['VALID', 'MALFORMED', 'ORIGIN_NOT_ALLOWED', 'VALID', 'INSUFFICIENT_SCOPE', 'WRONG_KEYSPACE'],
    ]);
    for (const [i, check] of checks.entries()) {
      const alone = (await of.verify(check)).body;
      expect({ ...answers[i], asOf: null }).toEqual({ ...alone, asOf: null });
      expect(Object.keys(answers[i]!)).toEqual(Object.keys(alone));
    }
  });

  test('a check without an id of its own has the call’s', async () => {
    const of = await given();
    const { answers } = await of.batch([{ key: 'x' }, { key: 'x', request: { id: 'own' } }, { key: 'x' }], {
      'x-request-id': 'call-7',
    });
    expect(answers.map(({ requestId }) => requestId)).toEqual(['call-7', 'own', 'call-7']);
  });

  test('100 checks are answered; none, 101 and what is no list are refused', async () => {
    const of = await given();
    const checks = (count: number) => Array.from({ length: count }, () => ({ key: of.key() }));
    const { status, answers } = await of.batch(checks(100));
    expect([status, answers.length]).toEqual([200, 100]);
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['VALID']));
    const cases = [
      ['[]', 'body: must have at least 1 entries'],
      [JSON.stringify(checks(101)), 'body: must have at most 100 entries'],
      [JSON.stringify({ key: of.key() }), 'body: must be a list'],
      ['null', 'body: must be a list'],
      ['[', 'body: must be JSON'],
      ['', 'body: must be JSON'],
    ] as const;
    for (const [body, message] of cases) {
      const answer = await of.raw(body);
      expect([answer.status, answer.body], body).toMatchObject([400, { code: 'INVALID_INPUT', path: [], message }]);
    }
  });

  test('one bad check refuses all of them, says which and why, and quotes nothing', async () => {
    const of = await given();
    const secret = 'kf_CANARYcanaryCANARYcanaryCANARY1234567';
    const good = { key: of.key() };
    const cases = [
      [[good, {}], ['1', 'key'], '1.key: must be given'],
      [[good, good, secret], ['2'], '2: must be an object'],
      [[[good]], ['0'], '0: must be an object'],
      [[good, { key: 'x', scopes: ['ok', `${secret} ü`] }], ['1', 'scopes', '1'], '1.scopes.1: must be 1–64'],
      [[{ key: 'x', [secret]: 1 }, good], ['0'], '0: must have no members but key'],
      [[good, { key: 'x', atLeast: 'p1_3-0' }], ['1', 'atLeast'], '1.atLeast: must be a position of this log'],
      [[good, { key: 'x', atLeast: secret }], ['1', 'atLeast'], '1.atLeast: must be a position'],
    ] as const;
    for (const [checks, path, message] of cases) {
      const answer = await of.raw(JSON.stringify(checks));
      expect([answer.status, answer.body.code, answer.body.path]).toEqual([400, 'INVALID_INPUT', path]);
      expect(answer.body.message).toContain(message);
      expect(answer.text).not.toContain('CANARY');
    }
    const { text } = await of.send({ method: 'GET', path: '/metrics' });
    expect(text).not.toContain('keyfold_verifications_total{');
  });

  test('a member that is given twice is refused, in whichever check', async () => {
    const of = await given();
    const key = JSON.stringify(of.key());
    for (const twice of [
      `[{"key":${key}},{"key":"x","key":${key}}]`,
      `[{"key":${key}},{"key":${key},"k\\u0065y":"x"}]`,
      `[{"key":${key},"resource":{"type":"a","id":"b","id":"c"}}]`,
    ])
      expect(await of.raw(twice)).toMatchObject({
        status: 400,
        body: { message: 'body: must not have a member twice' },
      });
    const colons = `[{"key":${key},"origin":"a:b\\":\\\\"},{"key":"::"}]`;
    expect((await of.raw(colons)).status).toBe(200);
  });

  test('the body, its type, the token and the method are judged as for one check', async () => {
    const token = 'a-token-that-nobody-guesses-0123456789';
    const of = await given({}, { token });
    const authorization = `Bearer ${token}`;
    const body = (bytes: number) => JSON.stringify([{ key: of.key() }]).padEnd(bytes, ' ');
    expect((await of.raw(body(0))).status).toBe(401);
    expect((await of.raw(body(65_536), { authorization })).status).toBe(200);
    expect((await of.raw(body(65_537), { authorization })).status).toBe(413);
    expect((await of.raw(body(0), { authorization, 'content-type': 'text/plain' })).status).toBe(415);
    expect(await of.send({ method: 'GET', path: PATH })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(
      (await of.send({ path: `${PATH}?key=x`, headers: { ...JSON_TYPE, authorization }, body: '[]' })).status,
    ).toBe(400);
  });

  test('atLeast: all wait together; what is not reached in time is STALE among the answers, with status 200', async () => {
    const of = await given();
    const record = of.writer.create('b');
    const key = of.writer.secretOf(of.writer.keyId('b'));
    of.log.hold();
    const [position] = await of.log.append([record]);
    const atLeast = tokenAfter(position!);
    const started = performance.now();
    const held = await of.batch([{ key: of.key() }, ...Array.from({ length: 98 }, () => ({ key, atLeast })), { key }]);
    // Each alone would wait for 300 ms.
    expect(performance.now() - started).toBeLessThan(3000);
    expect(held.status).toBe(200);
    expect(held.answers.map(({ code }) => code)).toEqual([
      'VALID',
      ...Array.from({ length: 98 }, () => 'STALE'),
      'NOT_FOUND',
    ]);
    expect(held.answers[1]).toMatchObject({ valid: false, requestId: held.answers[0]!.requestId });
    const waiting = of.batch([{ key, atLeast }, { key: of.key(), atLeast, include: ['name'] }, { key }]);
    of.log.release();
    // Judged together, after the last of them has waited.
    expect((await waiting).answers.map(({ code }) => code)).toEqual(['VALID', 'VALID', 'VALID']);
  });

  test('protocol L4: freshness that runs out while a batch waits makes every answer of it STALE', async () => {
    const of = await given();
    of.log.hold();
    const [position] = await of.log.append([of.writer.create('b')]);
    const waiting = of.batch([{ key: of.key() }, { key: of.key(), atLeast: tokenAfter(position!) }, { key: 'x' }]);
    expect((await of.batch([{ key: of.key() }])).answers).toMatchObject([{ code: 'VALID' }]);
    of.log.setDown(true);
    of.clock.monotonic += 60_000;
    const { status, answers } = await waiting;
    expect([status, answers.map(({ code }) => code)]).toEqual([200, ['STALE', 'STALE', 'STALE']]);
    expect(answers[0]!.message).toBe('the verifier cannot prove that its view is fresh');
  });

  test('every code is counted, and the batch is measured once', async () => {
    const of = await given();
    await of.batch([{ key: of.key() }, { key: of.key() }, { key: 'x' }, { key: of.key(), scopes: ['x'] }]);
    const { text } = await of.send({ method: 'GET', path: '/metrics' });
    for (const [code, keyspace, count] of [
      ['VALID', 'default', 2],
      ['MALFORMED', '', 1],
      ['INSUFFICIENT_SCOPE', 'default', 1],
    ])
      expect(text).toContain(`keyfold_verifications_total{code="${code}",keyspace="${keyspace}"} ${count}`);
    expect(text).toContain('keyfold_verify_seconds_count{status="200"} 1');
  });
});

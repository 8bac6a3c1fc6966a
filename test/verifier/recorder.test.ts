// The recorder and its batches: every verdict of a known key is counted once, what is logged is enough to judge it again,
// and nothing of it is a secret.
import { describe, expect, test } from 'vitest';
import { decodePosition, encodePosition, type Position } from '../../events/position.ts';
import { MAX_RECORD_BYTES } from '../../events/logs/records.ts';
import type { UsageBatch } from '../../events/usage.ts';
import { createRecorder, type Pending, type UsageRecorder } from '../../services/verifier/recorder.ts';
import { batchesOf } from '../../services/verifier/usage-batches.ts';
import type { VerifyRequest } from '../../services/verifier/request.ts';
import { verify } from '../../services/verifier/verify.ts';
import { given as givenKey, PROFILE } from './verify-support.ts';
import { iso, NOW } from './support.ts';
import { readBatch } from './usage-support.ts';

const HOUR = 3_600_000;

function given(...args: Parameters<typeof givenKey>) {
  const of = givenKey(...args);
  let dropped = 0;
  const position = (): Position => of.view.position;
  const recorder = createRecorder({
    position,
    partitions: 1,
    onDropped: (calls) => (dropped += calls),
    maxBytes: 10_000,
  });
  let calls = 0;
  const record = (asked: Partial<VerifyRequest> = {}, now = NOW, by: UsageRecorder = recorder) => {
    const request = { key: of.writer.secretOf(of.keyId), ...asked };
    const verdict = verify(request, of.view, now);
    by.record(request, { verdict, asOf: iso(now), now, allowance: null }, asked.request?.id ?? `r-${++calls}`);
    return verdict.code;
  };
  return { ...of, recorder, record, dropped: () => dropped };
}

/** Read back as whoever folds them does. */
async function batches(pending: Pending | null): Promise<UsageBatch[]> {
  let sequence = 0;
  const made: UsageBatch[] = [];
  if (pending === null) return made;
  for await (const { json } of batchesOf(pending, { verifier: 'v1', nextSequence: () => ++sequence }))
    made.push(readBatch(json));
  return made;
}
const all = async (pending: Pending | null) => {
  const made = await batches(pending);
  return { counts: made.flatMap(({ counts }) => counts), requests: made.flatMap(({ requests }) => requests) };
};

describe('counts', () => {
  test('are of each key, hour, outcome and secret, with the time of the last', async () => {
    const of = given({}, (writer, keyId) => [writer.regenerate(keyId, NOW + 10 * HOUR)]);
    const old = of.writer.secretOf(of.keyId, 1);
    for (const [key, keyspace, now] of [
      [undefined, 'default', NOW],
      [undefined, 'default', NOW + 5],
      [undefined, 'other', NOW + 6],
      [old, 'default', NOW + 7],
      [old, 'default', NOW + HOUR],
      [undefined, 'default', NOW + HOUR + 1],
    ] as const)
      of.record({ ...(key === undefined ? {} : { key }), keyspace }, now);
    const { counts } = await all(of.recorder.take());
    const row = (hour: number, code: string, secret: string, count: number, lastAt: number) => ({
      ...{ keyId: of.keyId, workspaceId: 'acme', keyspace: 'default', keyVersion: expect.any(Number) as number },
      ...{ hour: iso(hour), code, secret, count, firstAt: expect.any(String) as string, lastAt: iso(lastAt) },
    });
    expect(counts).toHaveLength(5);
    expect(counts).toEqual(
      expect.arrayContaining([
        row(NOW, 'VALID', 'CURRENT', 2, NOW + 5),
        row(NOW, 'WRONG_KEYSPACE', 'CURRENT', 1, NOW + 6),
        row(NOW, 'VALID', 'PREVIOUS', 1, NOW + 7),
        row(NOW + HOUR, 'VALID', 'PREVIOUS', 1, NOW + HOUR),
        row(NOW + HOUR, 'VALID', 'CURRENT', 1, NOW + HOUR + 1),
      ]),
    );
  });

  test('are taken once: what comes later is of the next batch', async () => {
    const of = given();
    of.record();
    expect((await all(of.recorder.take())).counts).toMatchObject([{ count: 1 }]);
    expect(of.recorder.take()).toBeNull();
    of.record();
    expect((await all(of.recorder.take())).counts).toMatchObject([{ count: 1 }]);
  });

  test('tell a retired secret, and a deleted key by the secret that was shown', async () => {
    const of = given({}, (writer, keyId) => [
      ...[writer.create('b'), writer.regenerate(keyId, NOW), writer.regenerate(keyId, NOW + HOUR)],
    ]);
    expect(of.record({ key: of.writer.secretOf(of.keyId, 2) })).toBe('NOT_FOUND');
    of.view.fold({
      ...of.put(of.writer.event(of.keyId, 'KeyDeleted', { destroyedDataKey: null })),
      ...of.log.records(0).at(-1)!,
    });
    expect(of.record()).toBe('NOT_FOUND');
    expect(of.record({ key: of.writer.secretOf(of.keyId, 1) })).toBe('NOT_FOUND');
    const { counts } = await all(of.recorder.take());
    expect(counts.map(({ code, secret, count }) => `${code} ${secret} ${count}`).toSorted()).toEqual([
      'NOT_FOUND CURRENT 1',
      ...['NOT_FOUND RETIRED 1', 'NOT_FOUND RETIRED 1'], // at two versions of the key
    ]);
  });

  test('are not of what is no key, or nobody’s', () => {
    const of = given();
    const other = given();
    other.writer.create('b');
    expect(of.record({ key: 'nothing' })).toBe('MALFORMED');
    expect(of.record({ key: other.writer.secretOf(other.writer.keyId('b')) })).toBe('NOT_FOUND');
    expect(of.recorder.take()).toBeNull();
  });
});

describe('a logged call', () => {
  test('says what was asked, by whom, of what, and on which state: the verdict can be made again', async () => {
    const of = given({ scopes: ['read'] });
    of.record(
      {
        ...{ keyspace: 'default', scopes: ['read'], permission: 'read or write', resource: { type: 'file', id: '7' } },
        ...{ flags: ['beta'], environment: 'live', cost: 3, origin: 'https://a.example', ip: '192.0.2.7' },
        request: { id: 'call-1', method: 'POST', path: '/v1/files/7?page=2#top', userAgent: 'curl/8' },
      },
      NOW + 1,
    );
    of.record({ request: { id: 'call-2' } }, NOW + 2);
    const { requests } = await all(of.recorder.take());
    const position = encodePosition(of.view.position);
    const known = {
      ...{ keyId: of.keyId, workspaceId: 'acme', keyspace: 'default', secret: 'CURRENT' },
      ...{ keyVersion: 1, keyspaceVersion: 1, position },
    };
    expect(requests).toEqual([
      {
        ...{ ...known, requestId: 'call-1', time: iso(NOW + 1), code: 'WRONG_ENVIRONMENT' },
        ...{ method: 'POST', path: '/v1/files/7', origin: 'https://a.example', ip: '192.0.2.7', userAgent: 'curl/8' },
        asked: {
          ...{
            keyspace: 'default',
            scopes: ['read'],
            permission: 'read or write',
            resource: { type: 'file', id: '7' },
          },
          ...{ flags: ['beta'], environment: 'live', cost: 3 },
        },
      },
      {
        ...{ ...known, requestId: 'call-2', time: iso(NOW + 2), code: 'VALID' },
        ...{ method: null, path: null, origin: null, ip: null, userAgent: null, asked: {} },
      },
    ]);
  });

  test('names the position of its own tick, though the view has gone on', async () => {
    const of = given();
    of.record();
    const before = { ...of.view.position };
    of.view.fold({ ...of.put(of.writer.event(of.keyId, 'KeyDisabled', {})), ...of.log.records(0).at(-1)! });
    of.record();
    const { requests } = await all(of.recorder.take());
    expect(requests.map(({ position }) => decodePosition(position))).toEqual([before, of.view.position]);
    expect(requests.map(({ code }) => code)).toEqual(['VALID', 'DISABLED']);
    expect(requests.map(({ keyVersion }) => keyVersion)).toEqual([1, 2]);
  });

  test('holds no key, wherever one was written', async () => {
    const of = given();
    const key = of.writer.secretOf(of.keyId);
    of.record({
      ...{ keyspace: key, scopes: [key], permission: key, resource: { type: key, id: key }, flags: [key] },
      ...{ environment: key, origin: `https://${key}.example` },
      request: { id: `${key}x`, method: key.slice(0, 32), path: `/${key}?key=${key}`, userAgent: `curl ${key}` },
    });
    const [batch] = await batches(of.recorder.take());
    const text = JSON.stringify(batch?.requests);
    for (let at = 3; at + 12 <= key.length; at++)
      if (!key.slice(0, 32).includes(key.slice(at, at + 12))) expect(text).not.toContain(key.slice(at, at + 12));
    expect(batch?.requests[0]).toMatchObject({ requestId: '[redacted]', path: '/[redacted]'.replace('/', '/kf_') });
  });

  test('is one of as many as the profile says, spread evenly, and all are counted', async () => {
    for (const share of [1, 0.5, 0.1, 0.01]) {
      const of = given({}, (writer) => [writer.keyspace({ ...PROFILE, requestLogSample: share }, 2)]);
      const total = 2000;
      for (let n = 0; n < total; n++) of.record();
      const { counts, requests } = await all(of.recorder.take());
      expect(counts).toMatchObject([{ count: total }]);
      expect(Math.abs(requests.length + of.dropped() - share * total)).toBeLessThan(2);
    }
  });
});

describe('bounds', () => {
  test('what repeats is written once, and what a batch comes to when it is read again is bounded', async () => {
    const of = given();
    const unbounded = createRecorder({ position: () => of.view.position, partitions: 1, onDropped: () => undefined });
    for (let n = 0; n < 3000; n++) {
      const request = {
        id: `call-${n}`,
        method: 'GET',
        path: `/${'x'.repeat(1000)}/${n % 10}`,
        userAgent: 'a'.repeat(1000),
      };
      of.record({ origin: 'https://a.example', ip: '192.0.2.7', scopes: ['read'], request }, NOW + n, unbounded);
    }
    let sequence = 0;
    const made: UsageBatch[] = [];
    for await (const { json } of batchesOf(unbounded.take()!, { verifier: 'v1', nextSequence: () => ++sequence })) {
      const batch = readBatch(json);
      expect(json.byteLength).toBeLessThan(15_000 + batch.requests.length * 60);
      expect(JSON.stringify(batch).length).toBeLessThan(1_100_000);
      made.push(batch);
    }
    const requests = made.flatMap((batch) => batch.requests);
    expect(requests.map(({ requestId, time, path }) => [requestId, time, path?.at(-1)])).toEqual(
      Array.from({ length: 3000 }, (_, n) => [`call-${n}`, iso(NOW + n), String(n % 10)]),
    );
    // Counted once, though each batch names it.
    expect(made.length).toBeGreaterThan(5);
    expect(made.flatMap(({ counts }) => counts)).toMatchObject([
      { count: 3000, firstAt: iso(NOW), lastAt: iso(NOW + 2999) },
    ]);
  });

  test('calls that ask for different things are told apart', async () => {
    const of = given();
    const asked: Partial<VerifyRequest>[] = [
      ...[{}, { scopes: [] }, { scopes: ['a'] }, { scopes: ['a', 'b'] }, { flags: ['a'] }, { permission: 'a' }],
      ...[
        { environment: 'a' },
        { cost: 2 },
        { resource: { type: 'a', id: 'b' } },
        { resource: { type: 'a', id: 'c' } },
      ],
      ...[{ keyspace: 'default' }, { keyspace: 'default' }, {}],
    ];
    for (const each of asked) of.record(each);
    expect((await all(of.recorder.take())).requests.map((request) => request.asked)).toEqual(asked);
  });

  test('past the bound of memory the oldest calls are dropped and counted, and no count is', async () => {
    const of = given();
    const total = 5000;
    for (let n = 0; n < total; n++) of.record({ request: { id: `call-${n}`, path: '/x'.repeat(n % 50) } });
    const { counts, requests } = await all(of.recorder.take());
    expect(counts).toMatchObject([{ count: total }]);
    expect(requests.length).toBeGreaterThan(30);
    expect(requests.length).toBeLessThan(300);
    expect(of.dropped()).toBe(total - requests.length);
    expect(requests.map(({ requestId }) => requestId)).toEqual(
      Array.from({ length: requests.length }, (_, n) => `call-${total - requests.length + n}`),
    );
  });

  test('what is pending becomes batches in sequence, none of them too large for a record, nothing lost or twice', async () => {
    const of = given();
    const unbounded = createRecorder({ position: () => of.view.position, partitions: 1, onDropped: () => undefined });
    const hugeTexts = (n: number) => ({
      origin: `${n}${'é'.repeat(2000)}`,
      request: { id: `call-${n}`, path: `${n}${'\u0001'.repeat(8000)}`, userAgent: `${n}${'✓'.repeat(2000)}` },
    });
    for (let n = 0; n < 300; n++) of.record(hugeTexts(n), NOW + n, unbounded);
    const pending = unbounded.take();
    const made: UsageBatch[] = [];
    let sequence = 0;
    for await (const { json, ...batch } of batchesOf(pending!, { verifier: 'v1', nextSequence: () => ++sequence })) {
      expect(json.byteLength).toBeLessThan(MAX_RECORD_BYTES);
      made.push(readBatch(json));
      expect(made.at(-1)).toMatchObject(batch);
    }
    expect(made.map((batch) => batch.sequence)).toEqual(made.map((_, index) => index + 1));
    expect(made.length).toBeGreaterThan(10);
    expect(made.flatMap(({ counts }) => counts)).toMatchObject([{ count: 300 }]);
    expect(made.flatMap(({ requests }) => requests.map(({ requestId }) => requestId))).toEqual(
      Array.from({ length: 300 }, (_, n) => `call-${n}`),
    );
  });
});

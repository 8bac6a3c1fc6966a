// Usage as a verifier records it, from the answer to the usage log: as many checks are counted as were answered.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { FLAVOURS, shop } from './forward-support.ts';
import { start } from './http-support.ts';
import { countsOf, foldBatches } from './usage-support.ts';

let folder = '';
let log: MemoryLog;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-usage-'));
  log = createMemoryLog();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const recordTo = () => ({ log, folder: join(folder, 'usage') });
const recorded = () => foldBatches(log.records());
const logged = () => recorded().flatMap(({ requests }) => requests);
/** Bounds a hang; the wait itself is for what is told. */
const until = (tell: () => void | Promise<void>) => vi.waitFor(tell, { timeout: 20_000, interval: 10 });

describe('usage', () => {
  test('equals the decisions that were made, of each answer, alone and in batches', async () => {
    const of = await start({ scopes: ['read'] }, { recordTo: recordTo() });
    const answers: unknown[] = [];
    const bodies = [
      ...[{ key: of.key() }, { key: of.key(), scopes: ['write'] }, { key: of.key(), keyspace: 'other' }],
      ...[{ key: 'nothing' }, { key: `${of.key().slice(0, -1)}x` }],
    ];
    for (let n = 0; n < 50; n++) answers.push((await of.verify(bodies[n % bodies.length]!)).body.code);
    const batch = await of.send({
      path: '/v1/verify/batch',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(bodies),
    });
    answers.push(...(JSON.parse(batch.text) as { code: string }[]).map(({ code }) => code));
    await of.verifier.stop(1000);
    const sums: Record<string, number> = {};
    for (const code of answers as string[]) if (code !== 'MALFORMED') sums[code] = (sums[code] ?? 0) + 1;
    expect(sums).toEqual({ VALID: 11, INSUFFICIENT_SCOPE: 11, WRONG_KEYSPACE: 11 });
    expect(countsOf(recorded())).toEqual(sums);
    expect(logged()).toHaveLength(33);
    expect(new Set(recorded().map(({ verifier }) => verifier))).toEqual(new Set([of.verifier.id]));
    expect(await readdir(join(folder, 'usage', '1'))).toEqual(['lock.db']);
  });

  test('is sent by itself, without an end', async () => {
    const of = await start({}, { recordTo: recordTo() });
    await of.verify({ key: of.key() });
    await until(() => expect(countsOf(recorded())).toEqual({ VALID: 1 }));
    await until(async () =>
      expect((await of.send({ method: 'GET', path: '/metrics' })).text).toMatch(/^keyfold_usage_batches_total 1$/m),
    );
    expect((await of.send({ method: 'GET', path: '/metrics' })).text).toMatch(/^keyfold_usage_spool_bytes 0$/m);
  });

  test.each(FLAVOURS)('of a gateway’s client tells its agent, path and address: %s', async (flavour) => {
    const of = await shop({}, {}, { recordTo: recordTo(), trustedProxies: ['127.0.0.1'] });
    const original = {
      nginx: { 'x-original-method': 'PUT', 'x-original-uri': '/orders/7?token=1' },
      caddy: { 'x-forwarded-method': 'PUT', 'x-forwarded-uri': '/orders/7?token=1' },
      traefik: { 'x-forwarded-method': 'PUT', 'x-forwarded-uri': '/orders/7?token=1' },
      envoy: {},
    }[flavour];
    const headers = {
      ...{ 'api-key': of.key(), 'user-agent': `shop/1 ${of.key()}`, 'x-forwarded-for': '192.0.2.9' },
      ...{ origin: 'https://a.example', 'x-request-id': 'call-x', ...original },
    };
    const asked = flavour === 'envoy' ? { query: '&path=/orders/7?token=1', method: 'PUT' } : {};
    expect(await of.code({ flavour, headers, ...asked })).toBe('VALID');
    await of.verifier.stop(1000);
    expect(logged()).toMatchObject([
      {
        ...{ requestId: 'call-x', keyId: of.keyId, keyspace: 'shop', code: 'VALID', method: 'PUT', path: '/orders/7' },
        ...{
          origin: 'https://a.example',
          ip: '192.0.2.9',
          userAgent: 'shop/1 sk_[redacted]',
          asked: { keyspace: 'shop' },
        },
      },
    ]);
  });

  test('waits while its log is away, which makes a verifier degraded, never unready; nothing is lost', async () => {
    log.setDown(true);
    const of = await start({}, { recordTo: recordTo() });
    for (let n = 0; n < 10; n++) expect((await of.verify({ key: of.key() })).body.code).toBe('VALID');
    await until(() => expect(of.verifier.readiness().degraded.join()).toMatch(/usage waits in the spool, \d+ bytes/));
    const { status, body } = await of.send({ method: 'GET', path: '/readyz' });
    expect([status, body.status]).toEqual([200, 'degraded']);
    log.setDown(false);
    await until(() => expect(countsOf(recorded())).toEqual({ VALID: 10 }));
    await until(() => expect(of.verifier.readiness().degraded).toEqual([]));
  });

  test('is on disk before it is sent only where its log does not take it', async () => {
    const spooled = async () => (await readdir(join(folder, 'usage', '1'))).filter((name) => name.includes('.usage'));
    let taken: () => void = () => undefined;
    log.script({ after: new Promise<void>((resolve) => (taken = resolve)) });
    const of = await start({}, { recordTo: recordTo() });
    await of.verify({ key: of.key() });
    await until(async () => expect(await spooled()).toHaveLength(1));
    taken();
    await until(async () => expect(await spooled()).toEqual([]));
    expect(countsOf(recorded())).toEqual({ VALID: 1 });
  });

  test('that could not be sent is sent by the next verifier on the folder, once', async () => {
    log.setDown(true);
    const first = await start({}, { recordTo: recordTo() });
    for (let n = 0; n < 7; n++) await first.verify({ key: first.key() });
    await first.verifier.stop(1000);
    expect(log.records()).toEqual([]);
    log.setDown(false);
    const second = await start({}, { recordTo: recordTo() });
    await second.verify({ key: second.key() });
    await until(() => expect(countsOf(recorded())).toEqual({ VALID: 8 }));
    expect(new Set(recorded().map(({ verifier }) => verifier)).size).toBe(2);
  });

  test('needs no disk: without one it goes to its log all the same, and a verifier says so', async () => {
    await writeFile(join(folder, 'usage'), 'in the way');
    const of = await start({}, { recordTo: recordTo() });
    await of.verify({ key: of.key() });
    await until(() => expect(countsOf(recorded())).toEqual({ VALID: 1 }));
    expect(of.verifier.readiness()).toMatchObject({ ready: true });
    expect(of.verifier.readiness().degraded.join()).toContain('the usage spool cannot be written');
  });
});

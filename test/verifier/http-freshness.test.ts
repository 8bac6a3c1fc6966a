// Proven freshness behind the port: STALE when nothing can be proven, and back by itself.
import { describe, expect, test } from 'vitest';
import { start } from './http-support.ts';

describe('freshness over HTTP', () => {
  const isStale = { status: 503, body: { code: 'STALE', valid: false } };

  test('protocol L6: a start with log and store away answers STALE, for every key, and recovers by itself', async () => {
    const of = await start({}, {}, { down: true });
    expect(await of.verify({ key: of.key() })).toMatchObject(isStale);
    expect(await of.verify({ key: 'kf_never_seen' })).toMatchObject(isStale);
    expect(await of.send({ method: 'GET', path: '/readyz' })).toMatchObject({
      status: 503,
      body: { status: 'unready' },
    });
    expect((await of.send({ method: 'GET', path: '/healthz' })).status).toBe(200);
    of.store.setDown(false);
    expect(await of.verify({ key: of.key() })).toMatchObject(isStale);
    of.log.setDown(false);
    expect(await of.verifier.whenReady(AbortSignal.timeout(10_000))).toBe(true);
    expect(await of.verify({ key: of.key() })).toMatchObject({ status: 200, body: { code: 'VALID' } });
    expect(await of.send({ method: 'GET', path: '/readyz' })).toMatchObject({ status: 200 });
  });

  test('protocol L6: a short outage of the log changes no answer; past MAX_STALENESS_MS it is STALE, and recovers', async () => {
    const of = await start();
    of.log.setDown(true);
    of.clock.monotonic += 50_000;
    expect(await of.verify({ key: of.key() })).toMatchObject({ status: 200, body: { code: 'VALID' } });
    of.clock.monotonic += 10_000;
    for (const key of [of.key(), 'kf_never_seen']) expect(await of.verify({ key })).toMatchObject(isStale);
    expect(of.verifier.ready()).toBe(false);
  });

  test('protocol L6: while the log is away the proof runs out by itself; when it is back so is the verifier', async () => {
    const of = await start({}, { maxStalenessMs: 300 });
    of.log.setDown(true);
    await expect.poll(async () => (await of.verify({ key: of.key() })).status, { timeout: 10_000 }).toBe(503);
    expect((await of.send({ method: 'GET', path: '/readyz' })).body.reasons).toEqual(['the log does not answer']);
    of.log.setDown(false);
    await expect.poll(async () => (await of.verify({ key: of.key() })).status, { timeout: 10_000 }).toBe(200);
  });

  test('protocol L6: a reader that is held back proves nothing, though the log answers', async () => {
    const of = await start({}, { maxStalenessMs: 300 });
    of.log.hold();
    await of.log.append([of.writer.event(of.keyId, 'KeyRevoked', { reason: null })]);
    await expect.poll(async () => (await of.verify({ key: of.key() })).status, { timeout: 10_000 }).toBe(503);
    of.log.release();
    const code = async () => (await of.verify({ key: of.key() })).body.code;
    await expect.poll(code, { timeout: 10_000 }).toBe('REVOKED');
  });

  test('the staleness that metrics tell is that of the moment of the scrape, and STALE begins where it reaches MAX_STALENESS_MS', async () => {
    const of = await start();
    const staleness = async (): Promise<number> => {
      const { text } = await of.send({ method: 'GET', path: '/metrics' });
      return Number(/^keyfold_verifier_staleness_seconds (\S+)$/m.exec(text)?.[1]?.replace('+Inf', 'Infinity'));
    };
    of.log.setDown(true);
    const atFirst = await staleness();
    expect(atFirst).toBeLessThan(30);
    for (const seconds of [20, 10]) of.clock.monotonic += seconds * 1000;
    expect(await staleness()).toBeGreaterThanOrEqual(atFirst + 30);
    expect(await staleness()).toBeLessThan(60);
    expect((await of.verify({ key: of.key() })).status).toBe(200);
    // The other clock says more.
    of.clock.wall += 60_000;
    expect(await staleness()).toBeGreaterThanOrEqual(60);
    expect(await of.verify({ key: of.key() })).toMatchObject(isStale);
  });

  test('before anything is proven the staleness is without bound', async () => {
    const of = await start({}, {}, { down: true });
    const { text } = await of.send({ method: 'GET', path: '/metrics' });
    expect(text).toContain('keyfold_verifier_staleness_seconds +Inf');
  });

  test('the store away: verification goes on', async () => {
    const of = await start();
    of.store.setDown(true);
    await of.log.append([of.writer.event(of.keyId, 'KeyDisabled', {})]);
    await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
    expect((await of.verify({ key: of.key() })).body.code).toBe('DISABLED');
  });

  test('protocol L4: freshness is looked at after the last await: an answer that waited too long is STALE', async () => {
    const of = await start();
    let reading = (): void => undefined;
    const asked = new Promise<void>((resolve) => (reading = resolve));
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    of.store.beforeCall = async (name) => {
      if (name !== 'read') return;
      reading();
      await held;
    };
    const waiting = of.verify({ key: of.key(), include: ['name'] });
    await asked;
    of.clock.wall += 60_000;
    goOn();
    expect(await waiting).toMatchObject(isStale);
  });

  test('a record that nobody can read: its key is QUARANTINED, all others go on, and readiness says degraded', async () => {
    const of = await start();
    await of.log.append([of.writer.create('b')]);
    of.log.put({ key: of.keyId, value: Buffer.from('{') });
    await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
    expect((await of.verify({ key: of.key() })).body.code).toBe('QUARANTINED');
    expect((await of.verify({ key: of.writer.secretOf(of.writer.keyId('b')) })).body.code).toBe('VALID');
    expect(await of.send({ method: 'GET', path: '/readyz' })).toMatchObject({
      status: 200,
      body: { status: 'degraded', reasons: ['1 parked records'] },
    });
  });

  test('a log that was truncated under the verifier: it stops and says so, it never jumps', async () => {
    const of = await start({}, { maxStalenessMs: 300 });
    const { partition } = (await of.log.append([of.writer.event(of.keyId, 'KeyDisabled', {})]))[0]!;
    await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
    of.log.truncate({ [partition]: 1000 });
    of.log.rebalance();
    await of.log.append([of.writer.event(of.keyId, 'KeyEnabled', {})]);
    await expect.poll(() => of.verifier.ready(), { timeout: 10_000 }).toBe(false);
    expect(of.verifier.readiness().reasons.join()).toContain('outside the log');
    expect((await of.verify({ key: of.key() })).status).toBe(503);
  });

  test('protocol T: a log that ends behind the view proves nothing: STALE for good, though the log grows again', async () => {
    const of = await start({}, { maxStalenessMs: 60 });
    const end = await of.log.end();
    const [partition, offset] = Object.entries(end).find(([, last]) => last > 0)!;
    of.log.end = () => Promise.resolve({ ...end, [partition]: offset - 1 });
    await expect
      .poll(() => of.verifier.readiness().reasons.join(), { timeout: 10_000 })
      .toMatch(/the log ends at p1_.* put the one back/);
    for (const key of [of.key(), 'kf_never_seen']) expect(await of.verify({ key })).toMatchObject(isStale);
    expect(await of.send({ method: 'GET', path: '/readyz' })).toMatchObject({ status: 503 });
    of.log.end = () => Promise.resolve({ ...end, [partition]: offset + 1 });
    await of.log.append([of.writer.event(of.keyId, 'KeyDisabled', {})]);
    expect(await of.verifier.whenReached({ [partition]: offset + 1 }, AbortSignal.timeout(200))).toBe(false);
    expect(of.verifier.ready()).toBe(false);
  });

  test('an end behind the view that is right again before a proof is over changes no answer', async () => {
    const of = await start({}, { maxStalenessMs: 3000 });
    const end = of.log.end.bind(of.log);
    const there = await end();
    const [partition, offset] = Object.entries(there).find(([, last]) => last > 0)!;
    let short = 0;
    of.log.end = () => {
      short += 1;
      return short > 2 ? end() : Promise.resolve({ ...there, [partition]: offset - 1 });
    };
    await expect.poll(() => short, { timeout: 10_000 }).toBeGreaterThan(3);
    expect(of.verifier.ready()).toBe(true);
    expect((await of.verify({ key: of.key() })).body.code).toBe('VALID');
  });
});

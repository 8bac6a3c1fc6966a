// A verifier that holds fewer keys than there are: every answer is right, and while the store is away only those for keys
// that are not held are missing.
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../services/shared/metrics.ts';
import { createChecker } from '../../services/verifier/checker.ts';
import { start } from './http-support.ts';
import { PEPPER, project, silent } from './support.ts';

const KEYS = 100;
const HELD = 10;

/** With 101 keys, of which every tenth is disabled. */
async function startSmall() {
  const started = await start({}, { maxKeys: HELD });
  const { log, store, writer, verifier } = started;
  const names = Array.from({ length: KEYS }, (_, i) => `k${i}`);
  await log.append(names.map((name) => writer.create(name)));
  const disabled = names.filter((_, i) => i % 10 === 0);
  await log.append(disabled.map((name) => writer.event(writer.keyId(name), 'KeyDisabled', {})));
  await project(log, store);
  expect(await verifier.whenReached(await log.end(), AbortSignal.timeout(5000))).toBe(true);
  const secretOf = (name: string): string => writer.secretOf(writer.keyId(name));
  const ask = async (key: string) => {
    const { status, body } = await started.verify({ key });
    return { status, code: body.code };
  };
  const expected = (name: string) => (disabled.includes(name) ? 'DISABLED' : 'VALID');
  return { ...started, names, secretOf, ask, expected };
}

describe('a verifier that holds 10 keys of 101', () => {
  test('answers rightly for all of them, and for keys that nobody has', async () => {
    const { writer, verifier, metrics, names, secretOf, ask, expected, verify } = await startSmall();
    for (const name of [...names, ...names.toReversed()]) expect((await ask(secretOf(name))).code).toBe(expected(name));
    expect(verifier.view()?.keys.size).toBe(HELD);
    writer.create('nobody');
    for (let i = 0; i < 2; i++) expect((await ask(secretOf('nobody'))).code).toBe('NOT_FOUND');
    // What is asked for beside the verdict waits for the key, too.
    const [first = ''] = names;
    const { body } = await verify({ key: secretOf(first), include: ['name'] });
    expect(body).toMatchObject({ code: 'DISABLED', name: '' });
    const text = await metrics.registry.metrics();
    expect(text).toContain(`keyfold_verifier_keys ${HELD}`);
    expect(text).toMatch(/keyfold_verifier_evictions [1-9]/);
    expect(text).toMatch(/keyfold_verifier_misses_total\{result="found"\} [1-9]/);
    expect(text).toContain('keyfold_verifier_misses_total{result="absent"} 1');
  }, 30_000);

  test('answers a batch rightly of keys that it does not hold', async () => {
    const { send, names, secretOf, expected } = await startSmall();
    // More of them than it holds at once, too: each as it would be alone.
    const checks = names.map((name) => ({ key: secretOf(name) }));
    const headers = { 'content-type': 'application/json' };
    const { text } = await send({ path: '/v1/verify/batch', headers, body: JSON.stringify(checks) });
    const results = JSON.parse(text) as readonly { readonly code: string }[];
    expect(results.map(({ code }) => code)).toEqual(names.map(expected));
  }, 30_000);

  test('while the store is away answers VALID for keys that it holds and STALE, 503, for the others only', async () => {
    const { store, verifier, writer, names, secretOf, ask, expected } = await startSmall();
    store.setDown(true);
    const isHeld = (name: string): boolean => verifier.view()?.keys.get(writer.keyId(name)) !== null;
    const held = names.filter(isHeld);
    expect(held.length).toBeGreaterThan(0);
    expect(held.length).toBeLessThanOrEqual(HELD);
    for (const name of names.slice(0, 5).filter((each) => !isHeld(each))) {
      expect(await ask(secretOf(name))).toEqual({ status: 503, code: 'STALE' });
    }
    for (const name of held) expect((await ask(secretOf(name))).code).toBe(expected(name));
    writer.create('nobody');
    expect(await ask(secretOf('nobody'))).toEqual({ status: 503, code: 'STALE' });
    store.setDown(false);
    for (const name of names.slice(0, 5)) expect((await ask(secretOf(name))).code).toBe(expected(name));
  }, 30_000);

  test('keeps all public keys, so that preflights are answered for every one', async () => {
    const { log, store, writer, verifier } = await start({}, { maxKeys: HELD });
    const secret = { id: 'secret', label: 'Secret', prefix: 'kf_sec' };
    const browser = { id: 'browser', label: 'Browser', prefix: 'kf_pub', public: true, unrestricted: 'NEVER' } as const;
    await log.append([writer.keyspace({ slug: 'default', name: 'Default', types: [secret, browser] }, 2)]);
    const names = Array.from({ length: 3 * HELD }, (_, i) => `p${i}`);
    const origins = (name: string) => [`https://${name}.example`];
    await log.append(names.map((name) => writer.create(name, { type: 'browser', origins: origins(name) })));
    await log.append(names.map((name) => writer.create(`s${name}`)));
    await project(log, store);
    expect(await verifier.whenReached(await log.end(), AbortSignal.timeout(5000))).toBe(true);
    // Another one, which loads what has room, and then the public keys that had none.
    const metrics = createMetrics({ defaults: false });
    const options = { log, store, peppers: [PEPPER], maxStalenessMs: 60_000, maxKeys: HELD, logger: silent, metrics };
    const loaded = createChecker(options);
    loaded.start();
    expect(await loaded.whenReady(AbortSignal.timeout(5000))).toBe(true);
    for (const checker of [verifier, loaded]) {
      await expect.poll(() => checker.allowsOrigin('default', 'https://other.example')?.allowed).toBe(false);
      for (const name of names) {
        expect(checker.allowsOrigin('default', `https://${name}.example`)).toMatchObject({ allowed: true });
      }
    }
    await loaded.stop();
    await log.append([writer.event(writer.keyId('p0'), 'KeyRevoked', { reason: null })]);
    expect(await verifier.whenReached(await log.end(), AbortSignal.timeout(5000))).toBe(true);
    expect(verifier.allowsOrigin('default', 'https://p0.example')).toMatchObject({ allowed: false });

    // Those that are gone for ever answer no preflight, and leave as others do.
    await log.append(names.slice(1).map((name) => writer.event(writer.keyId(name), 'KeyRevoked', { reason: null })));
    await log.append(Array.from({ length: 10 * HELD }, (_, i) => writer.create(`later ${i}`)));
    expect(await verifier.whenReached(await log.end(), AbortSignal.timeout(5000))).toBe(true);
    expect(verifier.view()?.keys.size).toBeLessThanOrEqual(HELD);
  }, 30_000);
});

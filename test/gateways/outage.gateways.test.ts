// nginx and Caddy, as docs/gateways/ configures them, while the verifier cannot tell: nothing passes, and soon.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { start } from '../verifier/http-support.ts';
import { RUN, startGateway, type RunningGateway } from './gateways.ts';
import { startInstallation, type Installation } from './installation.ts';
import { startUpstream } from './upstream.ts';

/** Longer than any time-out of the configurations, for a machine that is busy. */
const SOON_MS = 8000;

async function failsClosed(gateway: RunningGateway, headers: Readonly<Record<string, string>>): Promise<void> {
  for (const method of ['GET', 'POST']) {
    const begin = performance.now();
    const body = Buffer.from('body');
    const given = await gateway.ask({ path: '/orders/1', method, headers, ...(method === 'POST' ? { body } : {}) });
    expect(performance.now() - begin).toBeLessThan(SOON_MS);
    expect([given.status, given.body, given.seen]).toMatchObject([503, { code: 'UNAVAILABLE' }, null]);
    expect(given.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(given.headers['retry-after']).toMatch(/^[1-9]\d*$/);
  }
}

describe('a verifier that does not answer', () => {
  let of: Installation;
  let headers: Readonly<Record<string, string>>;
  beforeAll(async () => {
    of = await startInstallation();
    headers = { 'X-API-Key': (await of.key({ scopes: ['orders:read', 'orders:write'] })).secret };
  });
  afterAll(() => of.stop());

  test.each(RUN)('%s: frozen, it lets nothing pass; when it wakes, all is as before', async (name) => {
    const gateway = of.gateways[name];
    expect((await gateway.ask({ path: '/orders/1', headers })).status).toBe(200);
    const before = of.upstream.count();
    of.keyfold.signal('SIGSTOP');
    await failsClosed(gateway, headers);
    of.keyfold.signal('SIGCONT');
    expect(of.upstream.count()).toBe(before);
    // A proof of freshness that ran out meanwhile is soon there again.
    await expect
      .poll(async () => (await gateway.ask({ path: '/orders/1', headers })).status, { timeout: 30_000 })
      .toBe(200);
  });

  test('gone, it lets nothing pass', async () => {
    await of.keyfold.kill();
    for (const name of RUN) await failsClosed(of.gateways[name], headers);
  });
});

describe.each(RUN)('%s', (name) => {
  test('STALE is 503 with Retry-After, and nothing passes', async () => {
    const of = await start({ scopes: ['orders:read'] });
    const upstream = await startUpstream();
    const gateway = await startGateway(name, {
      verifierPort: of.port,
      verifierToken: null,
      upstreamPort: upstream.port,
    });
    try {
      const asked = { path: '/orders/1', headers: { 'X-API-Key': of.key() } };
      expect((await gateway.ask(asked)).status).toBe(200);
      of.log.setDown(true);
      of.clock.monotonic += 120_000;
      const given = await gateway.ask(asked);
      expect([given.status, given.body.code, given.headers['x-keyfold-code'], given.seen]).toEqual([
        503,
        'STALE',
        'STALE',
        null,
      ]);
      expect(given.headers['retry-after']).toMatch(/^[1-9]\d*$/);
      expect(upstream.count()).toBe(1);
    } finally {
      await Promise.all([gateway.stop(), upstream.stop()]);
    }
  });

  test('a gateway without the verifier’s token lets nobody pass, and tells no client that its key is bad', async () => {
    const of = await start({ scopes: ['orders:read'] }, { token: 'a-token-that-nobody-guesses-0123456789' });
    const upstream = await startUpstream();
    const behind = { verifierPort: of.port, upstreamPort: upstream.port };
    for (const verifierToken of [null, 'another-token-0123456789-0123456789']) {
      const gateway = await startGateway(name, { ...behind, verifierToken });
      const given = await gateway.ask({ path: '/orders/1', headers: { 'X-API-Key': of.key() } });
      await gateway.stop();
      expect([given.status, given.body.code, given.seen]).toEqual([503, 'UNAVAILABLE', null]);
      expect(given.headers).not.toHaveProperty('www-authenticate');
      expect(given.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    }
    expect(upstream.count()).toBe(0);
    await upstream.stop();
  });
});

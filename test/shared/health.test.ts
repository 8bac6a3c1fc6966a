// Health: a process says whether it lives, whether it may answer and why not, and what it counts.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { combineReadiness, createHealthHandler, READY, type Readiness } from '../../services/shared/health.ts';
import type { Core } from '../../services/core.ts';
import { startProjector } from '../../services/projector/service.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { createMetrics } from '../../services/shared/metrics.ts';
import { loadSettings } from '../../services/shared/settings.ts';
import { parkedRow } from '../contracts/read-store-rows.ts';
import { testDataKeys } from '../fakes/author.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { until } from '../fakes/running.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(readiness: () => Readiness | Promise<Readiness>): Promise<string> {
  const metrics = createMetrics({ defaults: false });
  metrics.verifications.inc({ code: 'VALID' }, 3);
  const handle = createHealthHandler({ readiness, registry: metrics.registry });
  const server = createServer((request, response) => {
    if (!handle(request, response, request.url ?? '')) response.writeHead(404).end('not mine');
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const UNREADY: Readiness = { ready: false, reasons: ['the log is away'], degraded: [] };

describe('health', () => {
  it.each([
    ['ready', READY, 200, { status: 'ready', reasons: [] }],
    ['not ready', UNREADY, 503, { status: 'unready', reasons: ['the log is away'] }],
    [
      'degraded',
      { ...READY, degraded: ['2 parked records'] },
      200,
      { status: 'degraded', reasons: ['2 parked records'] },
    ],
  ])('/readyz of a process that is %s', async (_, readiness, status, body) => {
    const response = await fetch(`${await serve(() => readiness)}/readyz`);
    expect([response.status, await response.json()]).toEqual([status, body]);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('canary');
      },
    ],
    ['rejects', () => Promise.reject(new Error('canary'))],
  ])('/readyz is 503 when readiness %s, without a word of why', async (_, readiness) => {
    const response = await fetch(`${await serve(readiness)}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('canary');
  });

  it('/healthz says that the process lives, ready or not', async () => {
    const response = await fetch(`${await serve(() => UNREADY)}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('/metrics is in Prometheus format', async () => {
    const response = await fetch(`${await serve(() => READY)}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toContain('keyfold_verifications_total{code="VALID"} 3');
  });

  it('takes GET and HEAD only, and leaves other paths alone', async () => {
    const url = await serve(() => READY);
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await fetch(url + path, { method: 'POST' })).status).toBe(405);
      const head = await fetch(url + path, { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([200, '']);
    }
    expect(await (await fetch(`${url}/healthz/x`)).text()).toBe('not mine');
  });

  it('a process is as ready as all of its parts', () => {
    expect(combineReadiness([READY, UNREADY, { ...READY, degraded: ['x'] }])).toEqual({
      ready: false,
      reasons: ['the log is away'],
      degraded: ['x'],
    });
    expect(combineReadiness([])).toEqual(READY);
  });
});

describe('keyfold_parked_records', () => {
  const shown = async (metrics: ReturnType<typeof createMetrics>): Promise<string | undefined> =>
    /^keyfold_parked_records (.*)$/m.exec(await metrics.registry.metrics())?.[1];

  it('is not there in a process that does not know it', async () => {
    expect(await shown(createMetrics({ defaults: false }))).toBeUndefined();
  });

  it('is what the store holds where a projector runs, and not there while the store is away', async () => {
    const [log, store, metrics] = [createMemoryLog(), createMemoryStore(), createMetrics({ defaults: false })];
    const loaded = loadSettings({ PROJECTOR_PORT: '0' });
    if (!loaded.ok) throw new Error(loaded.problems.join());
    const core = {
      log,
      usage: createMemoryLog(),
      store,
      metrics,
      settings: loaded.settings,
      dataKeys: testDataKeys(store),
      logger: createLogger({ level: 'silent' }),
      now: () => new Date().toISOString(),
    } as Partial<Core> as Core;
    await store.parked.park(parkedRow(0, 1));
    const projector = await startProjector(core, { alone: true });
    await until(async () => (await shown(metrics)) === '1', 'the first count');
    await store.parked.resolve([{ partition: 0, offset: 1 }], 'RETRIED');
    await until(async () => (await shown(metrics)) === '0', 'the count of none');
    store.setDown(true);
    await until(async () => (await shown(metrics)) === undefined, 'no count');
    store.setDown(false);
    await until(async () => (await shown(metrics)) === '0', 'the count again');
    await projector.stop(1000);
  });
});

// Whether the server can be reached, as every request tells it.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createReach } from '../../console/src/api/reach.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function world() {
  const server = { answer: 200 as number | 'away', probes: 0 };
  const send: typeof fetch = () =>
    server.answer === 'away'
      ? Promise.reject(new TypeError('Failed to fetch'))
      : Promise.resolve(new Response('{}', { status: server.answer }));
  const reach = createReach({
    fetch: send,
    probe: (by) => {
      server.probes += 1;
      return by('/graphql');
    },
  });
  const told: boolean[] = [];
  reach.subscribe(() => told.push(reach.away()));
  return { server, reach, told };
}

test('a request that fails says that the server is away, and it is asked until it is back, less and less often', async () => {
  const { server, reach, told } = world();
  server.answer = 'away';
  await expect(reach.fetch('/graphql')).rejects.toThrow('Failed to fetch');
  expect(told).toEqual([true]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.probes).toBeGreaterThan(3);
  expect(server.probes).toBeLessThan(9);
  server.answer = 200;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(told).toEqual([true, false]);
  const { probes } = server;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.probes).toBe(probes);
});

test('an error that the server answers is an answer; what a proxy answers in its place is none', async () => {
  const { server, reach } = world();
  for (const status of [400, 401, 403, 500, 503]) {
    server.answer = status;
    await reach.fetch('/graphql');
    expect(reach.away()).toBe(false);
  }
  for (const status of [502, 504]) {
    server.answer = status;
    await reach.fetch('/graphql');
    expect(reach.away()).toBe(true);
    server.answer = 200;
    await reach.look();
    expect(reach.away()).toBe(false);
  }
});

test('what the page gives up itself tells nothing of the server', async () => {
  const { server, reach, told } = world();
  server.answer = 'away';
  await expect(reach.fetch('/graphql', { signal: AbortSignal.abort() })).rejects.toThrow();
  expect(told).toEqual([]);
});

test('looking answers at once, and two who look at the same time ask once', async () => {
  const { server, reach } = world();
  server.answer = 'away';
  await expect(reach.fetch('/graphql')).rejects.toThrow();
  server.answer = 200;
  await Promise.all([reach.look(), reach.look()]);
  expect(reach.away()).toBe(false);
  expect(server.probes).toBe(1);
});

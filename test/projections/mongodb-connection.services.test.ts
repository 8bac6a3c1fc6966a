// A MongoDB server that closes its connections: whatever the driver sends at that moment comes to an end, and all goes on.
import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ReadStore } from '../../projections/read-store.ts';
import { openMongoStore } from '../../projections/stores/mongodb.ts';
import { startProxy } from './proxy.ts';

const NOW = '2026-01-01T00:00:00.000Z';
/** Longer than any time-out of the driver's. */
const ENDS_MS = 40_000;

let proxy: Awaited<ReturnType<typeof startProxy>>;
let store: ReadStore;
/** The driver's. */
const ours = new WeakSet<Socket>();
/** Called when one of them was destroyed, before it says `close`. */
let onDestroyed: () => unknown = () => undefined;

type Method = (this: Socket, ...args: unknown[]) => unknown;
const methods = Socket.prototype as unknown as Record<'connect' | '_destroy', Method>;
const { connect, _destroy } = methods;

beforeAll(async () => {
  proxy = await startProxy(new URL(process.env.MONGODB_URL ?? ''));
  const { port } = new URL(`http://${proxy.host}`);
  methods.connect = function (...args) {
    if (JSON.stringify(args).includes(`"port":${port}`)) ours.add(this);
    return connect.apply(this, args);
  };
  methods._destroy = function (...args) {
    _destroy.apply(this, args);
    if (ours.has(this)) onDestroyed();
  };
  const url = `mongodb://${proxy.host}/hangup_${randomUUID().slice(0, 8)}?directConnection=true`;
  store = await openMongoStore({ url, now: NOW });
});
afterAll(async () => {
  Object.assign(methods, { connect, _destroy });
  await store.close();
  await proxy.close();
});

const row = { id: 'v1', n: 1, position: {}, asOf: null, reportedAt: NOW, lengthMs: 6000 };
const operations: Readonly<Record<string, () => Promise<unknown>>> = {
  'a look-up that many share': () => store.read((live) => live.keyBySecret('hash')),
  'a renewal of a lease': () => store.leases.renew(row),
};

describe.each(Object.entries(operations))('%s', (_, operation) => {
  const title =
    'sent when its connection is gone and nobody has said so yet, comes to an end; the next one is answered';
  test(title, { timeout: 2 * ENDS_MS }, async () => {
    await operation();
    const sent: Promise<unknown>[] = [];
    onDestroyed = () => sent.push(operation().catch((error: unknown) => error));
    proxy.hangUp();
    await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0));
    onDestroyed = () => undefined;
    await Promise.all(sent);
    await vi.waitFor(operation, { timeout: ENDS_MS });
  });
});

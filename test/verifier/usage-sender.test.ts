// The usage sender: every batch arrives, in order, one in flight, whatever the usage log does meanwhile.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createUsageSender } from '../../services/verifier/usage-sender.ts';
import { createUsageSpool, type UsageSpool } from '../../services/verifier/usage-spool.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { silent } from './support.ts';
import { batch, countsOf, foldBatches } from './usage-support.ts';

let folder = '';
let log: MemoryLog;
let spool: UsageSpool;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-usage-'));
  log = createMemoryLog();
  spool = createUsageSpool({ folder, logger: silent, onDropped: () => undefined });
});
afterEach(async () => {
  await spool.close();
  await rm(folder, { recursive: true });
});

function sending(onSent: () => void = () => undefined) {
  const sender = createUsageSender({ spool, log, logger: silent, onSent, backOff: { firstMs: 1, maxMs: 1 } });
  sender.start();
  return sender;
}
const empty = () => vi.waitFor(() => expect(spool.isEmpty).toBe(true), { timeout: 10_000, interval: 2 });
const counted = () => countsOf(foldBatches(log.records()));

describe('batches', () => {
  test('go to one partition, in order, under the id of their verifier', async () => {
    let sent = 0;
    sending(() => {
      sent++;
    });
    for (let sequence = 1; sequence <= 20; sequence++) await spool.put(batch(sequence));
    await empty();
    const records = log.records(log.partitionOf('v1'));
    expect(records).toEqual(log.records());
    expect(records.map(({ key }) => key)).toEqual(Array.from({ length: 20 }, () => 'v1'));
    expect(foldBatches(records).map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    await vi.waitFor(() => expect(sent).toBe(20));
  });

  test('protocol P6: one is in flight, and none overtakes it: an unknown outcome is sent again, as it was, and counts once', async () => {
    let inFlight = 0;
    const append = log.append.bind(log);
    log.append = async (...args) => {
      expect(++inFlight).toBe(1);
      return append(...args).finally(() => inFlight--);
    };
    log.script('lost-acknowledgement', 'lost', 'unavailable', 'full', 'twice', 'ok', 'lost', 'lost-acknowledgement');
    sending();
    for (let sequence = 1; sequence <= 6; sequence++) await spool.put(batch(sequence));
    await empty();
    expect(log.records().length).toBeGreaterThan(6);
    expect(foldBatches(log.records()).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(counted()).toEqual({ VALID: 21 });
    const copies = new Map(log.records().map(({ value }) => [Buffer.from(value).toString(), value]));
    expect(copies.size).toBe(6);
  });

  test('wait while the log is away, which is said, and lose nothing', async () => {
    log.setDown(true);
    const sender = sending();
    for (let sequence = 1; sequence <= 5; sequence++) await spool.put(batch(sequence));
    await vi.waitFor(() => expect(sender.trouble()).toBe('the log does not answer'));
    expect(log.records()).toEqual([]);
    log.setDown(false);
    await empty();
    expect(sender.trouble()).toBeNull();
    expect(counted()).toEqual({ VALID: 15 });
  });
});

describe('the end', () => {
  test('comes when all is sent', async () => {
    const sender = sending();
    for (let sequence = 1; sequence <= 5; sequence++) await spool.put(batch(sequence));
    await sender.finish(AbortSignal.timeout(10_000));
    expect(counted()).toEqual({ VALID: 15 });
    expect(spool.isEmpty).toBe(true);
  });

  test('comes at once when the log is away, and the spool keeps what is left', async () => {
    log.setDown(true);
    const sender = sending();
    await spool.put(batch(1));
    await sender.finish(AbortSignal.timeout(10_000));
    expect(spool.isEmpty).toBe(false);
    expect(log.records()).toEqual([]);
  });

  test('comes with the signal when the log hangs', async () => {
    log.script({ after: new Promise(() => undefined) });
    const sender = sending();
    await spool.put(batch(1));
    const stop = new AbortController();
    const finished = sender.finish(stop.signal);
    stop.abort();
    await finished;
    expect(spool.isEmpty).toBe(false);
  });
});

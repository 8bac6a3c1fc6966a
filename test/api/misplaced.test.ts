// A record that somebody wrote into another partition than its key's: every reader says the same of it, whichever partition
// it is further in, and the way out is the one of any other parked record.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NewRecord } from '../../events/log.ts';
import { encodeRecordPosition, type RecordPosition } from '../../events/position.ts';
import { createWaiter, type Waiter } from '../../projections/waiter.ts';
import { requestRebuild } from '../../projections/rebuild.ts';
import { createOperations, type Operations } from '../../services/api/operations.ts';
import { createView, FROM_NOTHING, type View } from '../../services/verifier/view.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { until } from '../fakes/running.ts';
import { PEPPER, startInstallation, type Installation, type Instance } from './installation.ts';

describe('a record in another partition than its key’s', () => {
  let log: MemoryLog;
  let store: MemoryStore;
  let installation: Installation;
  let instance: Instance;
  let waiter: Waiter;
  let operations: Operations;
  let keyId: string;
  let secret: string;
  let at: RecordPosition;

  beforeEach(async () => {
    log = createMemoryLog({ partitions: 3 });
    store = createMemoryStore();
    installation = await startInstallation({ log, store });
    instance = installation.instance();
    waiter = createWaiter({ store });
    operations = createOperations({ log, store, waiter, now: () => '2026-01-01T00:00:00.000Z' });
    ({ keyId, secret } = await instance.create());
    at = await misplace(await nextRecord());
  });
  afterEach(async () => {
    waiter.close();
    await installation.stop();
  });

  /** The record that would disable the key, right in all; it does not reach the log. */
  async function nextRecord(): Promise<NewRecord> {
    let record: NewRecord | undefined;
    log.decideFate = (records) => {
      [record] = records;
      return 'unavailable';
    };
    expect(await instance.run('disableKey', keyId, {})).toMatchObject({ ok: false, error: { type: 'Unavailable' } });
    log.decideFate = () => 'ok';
    if (!record) throw new Error('nothing was appended');
    return record;
  }

  async function misplace(record: Partial<NewRecord>): Promise<RecordPosition> {
    const position = log.put({ key: keyId, ...record, partition: (log.partitionOf(keyId) + 1) % log.partitions });
    await installation.settled();
    return position;
  }

  const stateOf = async () => (await store.read((view) => view.key(keyId)))?.state;
  const statusOf = async () => (await store.parked.at(at))?.status;
  /** A verifier's fold of the whole log, one partition after the other. */
  function viewOf(order: readonly number[]): View {
    const view = createView(FROM_NOTHING, [PEPPER]);
    for (const partition of order) for (const record of log.records(partition)) view.fold(record);
    return view;
  }
  const orders = () => {
    const home = log.partitionOf(keyId);
    const others = [0, 1, 2].filter((partition) => partition !== home);
    return [
      [home, ...others],
      [...others, home],
      [...others.toReversed(), home],
    ];
  };
  const rebuilt = async () => {
    const generation = await requestRebuild(store, '2026-01-02T00:00:00.000Z');
    await until(async () => (await store.control()).live === generation, 'the switch');
  };

  test('protocol F1: no reader folds it and none shuts its key out, whichever partition it reads first; it is parked', async () => {
    expect(await stateOf()).toMatchObject({ version: 1, status: 'ACTIVE' });
    expect(await store.parked.open()).toMatchObject([
      { position: at, key: keyId, aggregateId: null, reason: "not in its key's partition" },
    ]);
    for (const order of orders()) {
      const view = viewOf(order);
      expect(view.find(secret)?.record).toMatchObject({ version: 1, status: 'ACTIVE' });
      expect(view.isQuarantined(keyId)).toBe(false);
      expect(view.quarantine.open.size).toBe(1);
    }
    await rebuilt();
    expect(await stateOf()).toMatchObject({ version: 1, status: 'ACTIVE' });
    // The key goes on, and what comes next in its own partition counts.
    expect(await instance.run('disableKey', keyId, {})).toMatchObject({ ok: true });
    for (const order of orders()) expect(viewOf(order).find(secret)?.record.status).toBe('DISABLED');
  });

  test('protocol F1: a retry puts it where its key belongs, and every reader folds it there, once', async () => {
    expect(await operations.retryParked({ position: at })).toMatchObject({ ok: true, parked: [] });
    expect(await stateOf()).toMatchObject({ version: 2, status: 'DISABLED' });
    expect(await statusOf()).toBe('RETRIED');
    for (const order of orders()) {
      const view = viewOf(order);
      expect(view.find(secret)?.record).toMatchObject({ version: 2, status: 'DISABLED' });
      expect(view.isQuarantined(keyId)).toBe(false);
    }
    await rebuilt();
    expect(await stateOf()).toMatchObject({ version: 2, status: 'DISABLED' });
    expect(await store.parked.open()).toEqual([]);
  });

  test('protocol F1: it is discarded like any other', async () => {
    const input = { position: encodeRecordPosition(at), reason: 'written by hand' };
    expect(await instance.run('discardRecord', null, input)).toMatchObject({ ok: true });
    expect(await statusOf()).toBe('DISCARDED');
    for (const order of orders()) expect(viewOf(order).quarantine.open.size).toBe(0);
    await rebuilt();
    expect(await stateOf()).toMatchObject({ version: 1, status: 'ACTIVE' });
  });

  test('a retry does not carry into the key’s partition what would shut the key out there', async () => {
    const junk = await misplace({ value: Buffer.from('junk') });
    const before = log.records(log.partitionOf(keyId)).length;
    expect(await operations.retryParked({ position: junk })).toMatchObject({
      ok: false,
      error: { type: 'InvalidInput', path: ['position'] },
    });
    // Of all that are parked, the one that folds is taken up again.
    expect(await operations.retryParked({ position: null })).toMatchObject({ parked: [{ position: junk }] });
    expect(log.records(log.partitionOf(keyId))).toHaveLength(before + 1);
    expect(viewOf([0, 1, 2]).isQuarantined(keyId)).toBe(false);
    expect(await stateOf()).toMatchObject({ version: 2, status: 'DISABLED' });
  });
});

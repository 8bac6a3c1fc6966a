// The log guard: an API never goes on writing into a log that is not the one that its read models were made from.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventLog } from '../../events/log.ts';
import { createWaiter } from '../../projections/waiter.ts';
import { createLogGuard, LogLostError, type LogGuard } from '../../services/api/log-guard.ts';
import { createOperations } from '../../services/api/operations.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { memoryLogger, until } from '../fakes/running.ts';
import { startInstallation, type Installation, type Instance } from './installation.ts';

describe('a log that was replaced by a shorter one', () => {
  let replaced: MemoryLog;
  let store: MemoryStore;
  let guard: LogGuard;
  let installation: Installation;
  let instance: Instance;
  let keyId: string;
  let logger: ReturnType<typeof memoryLogger>;

  beforeEach(async () => {
    let log = createMemoryLog({ partitions: 1 });
    const current: EventLog = {
      partitions: 1,
      append: (records, options) => log.append(records, options),
      read: (options) => log.read(options),
      end: () => log.end(),
      close: () => log.close(),
    };
    store = createMemoryStore();
    logger = memoryLogger();
    guard = createLogGuard({ log: current, store, logger, intervalMs: 5, graceMs: 0 });
    installation = await startInstallation(guard);
    instance = installation.instance();
    ({ keyId } = await instance.create());
    await instance.run('disableKey', keyId, {});
    expect(guard.lost()).toBeNull();
    replaced = log = createMemoryLog({ partitions: 1 });
  });
  afterEach(async () => {
    await guard.stop();
    await installation.stop();
  });

  const unavailable = { ok: false, error: { type: 'Unavailable' } };

  test('protocol T: one append at most goes there, and is not confirmed; from then on mutations are refused', async () => {
    expect(await instance.run('enableKey', keyId, {})).toMatchObject({ ok: false, error: { type: 'OutcomeUnknown' } });
    expect(replaced.records()).toHaveLength(1);
    for (let n = 0; n < 5; n++) expect(await instance.run('enableKey', keyId, {})).toMatchObject(unavailable);
    expect(
      await instance.run('createKey', null, { workspaceId: 'acme', keyspace: 'default', name: 'n', scopes: ['a'] }),
    ).toMatchObject(unavailable);
    expect(replaced.records()).toHaveLength(1);
    expect(guard.lost()).toBe(
      'the log ends at p1_0-0, but was read up to p1_0-3: it has lost events, or is another one; ' +
        'put the one back that was read, and start again',
    );
    expect(logger.lines).toHaveLength(1);
  });

  test('protocol T: an answer that appends nothing is not given either, and says why', async () => {
    const input = { workspaceId: 'acme', keyspace: 'unknown', name: 'n', scopes: ['a'] };
    const outcome = await instance.run('createKey', null, input);
    expect(outcome).toMatchObject(unavailable);
    expect(!outcome.ok && outcome.error.message).toContain(
      'the log is not the one that the read models were made from',
    );
    expect(guard.lost()).not.toBeNull();
    expect(replaced.records()).toEqual([]);
  });

  test('protocol T: operators’ work is refused alike', async () => {
    const waiter = createWaiter({ store });
    const operations = createOperations({ ...guard, waiter, now: () => '2026-01-01T00:00:00.000Z' });
    await store.read((view) => Promise.resolve(view.checkpoint));
    for (const work of [operations.rebuildProjections({}), operations.retryParked({ position: null })]) {
      const outcome = await work;
      expect(outcome).toMatchObject(unavailable);
      expect(!outcome.ok && outcome.error.message).toContain('the log is not the one');
    }
    waiter.close();
  });

  test('an end that is right again in time is forgotten', async () => {
    const log = createMemoryLog({ partitions: 1 });
    let short = true;
    const passing: EventLog = { ...log, end: () => (short ? Promise.resolve({ 0: 0 }) : log.end()) };
    const patient = createLogGuard({ log: passing, store, logger, graceMs: 30_000 });
    for (let n = 0; n < 5; n++) log.put({ key: keyId, value: Buffer.from('x') });
    await patient.store.read((view) => Promise.resolve(view.checkpoint));
    await expect(patient.log.end()).rejects.toThrow(LogLostError);
    await expect(patient.log.append([{ key: keyId, value: Buffer.from('x'), headers: {} }])).rejects.toThrow(
      LogLostError,
    );
    short = false;
    expect(await patient.log.end()).toEqual({ 0: 5 });
    expect(patient.lost()).toBeNull();
    await patient.log.append([{ key: keyId, value: Buffer.from('x'), headers: {} }]);
  });

  test('it is seen without any traffic, and stays so when the log has grown past the old end', async () => {
    guard.start();
    await until(() => guard.lost() !== null, 'the guard');
    for (let n = 0; n < 10; n++) replaced.put({ key: keyId, value: Buffer.from('x') });
    await expect(guard.log.append([{ key: keyId, value: Buffer.from('x'), headers: {} }])).rejects.toThrow(
      LogLostError,
    );
    await expect(guard.log.end()).rejects.toThrow(LogLostError);
  });
});

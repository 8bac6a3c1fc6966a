// The log guard: an API never goes on writing into a log that is not the one that its read models were made from.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LogGoneError, type EventLog } from '../../events/log.ts';
import { createWaiter } from '../../projections/waiter.ts';
import { createBackendWatch } from '../../services/api/backend-watch.ts';
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

describe('readiness', () => {
  test('says at once when the log or the read store has hung for some seconds, and when it is back', async () => {
    const memory = createMemoryLog({ partitions: 1 });
    const store = createMemoryStore();
    let now = 0;
    const hung = new Set<'log' | 'store'>();
    const never = (): Promise<never> => new Promise(() => undefined);
    const asked = { log: 0, store: 0 };
    const guard = createLogGuard({
      log: { ...memory, end: () => ((asked.log += 1), hung.has('log') ? never() : memory.end()) },
      store: { ...store, control: () => ((asked.store += 1), hung.has('store') ? never() : store.control()) },
      logger: memoryLogger(),
      intervalMs: 1,
      watch: createBackendWatch({ clock: () => now }),
    });
    guard.start();
    expect(guard.readiness()).toEqual({ ready: true, reasons: [], degraded: [] });
    for (const [which, other, reason] of [
      ['log', 'store', 'the log does not answer'],
      ['store', 'log', 'the read store does not answer'],
    ] as const) {
      hung.add(which);
      const step = async () => {
        const before = asked[other];
        now += 1000;
        // The other one is asked on, and so stays well.
        await until(() => asked[other] > before, 'the other one');
        return guard.readiness().reasons.length;
      };
      for (let seconds = 0; seconds < 4; seconds++) expect(await step()).toBe(0);
      for (let seconds = 0; seconds < 2; seconds++) await step();
      expect(guard.readiness()).toEqual({ ready: false, reasons: [reason], degraded: [] });
      hung.delete(which);
      await until(() => guard.readiness().ready, 'readiness');
    }
    await guard.stop();
  });

  test('is degraded while the read models are behind the log and stand still, as long as nobody projects', () => {
    let now = 0;
    const watch = createBackendWatch({ clock: () => now });
    const look = (end: number, checkpoint: number) => {
      now += 2000;
      watch.storeAnswered({ 0: checkpoint });
      watch.logAnswered({ 0: end });
      return watch.readiness().degraded;
    };
    for (let n = 0; n < 10; n++) expect(look(7, 7)).toEqual([]);
    // Behind, and going on: a large backlog is no fault.
    for (let n = 0; n < 10; n++) expect(look(100, 8 + n)).toEqual([]);
    for (let n = 0; n < 2; n++) expect(look(100, 17)).toEqual([]);
    const said = [
      'the read models do not follow the log, so the outcome of changes is not known: is a projector running?',
    ];
    expect(look(100, 17)).toEqual(said);
    expect(look(101, 17)).toEqual(said);
    expect(watch.readiness()).toMatchObject({ ready: true, reasons: [] });
    expect(look(101, 18)).toEqual([]);
    expect(look(101, 101)).toEqual([]);
  });
});

test('a log whose file was removed under the process is named by readiness, and nothing is appended any more', async () => {
  const log = createMemoryLog();
  const logger = memoryLogger();
  let gone: LogGoneError | null = null;
  const current: EventLog = { ...log, end: () => (gone ? Promise.reject(gone) : log.end()) };
  const guard = createLogGuard({ log: current, store: createMemoryStore(), logger, intervalMs: 5, graceMs: 0 });
  guard.start();
  await until(() => guard.readiness().ready, 'readiness');
  gone = new LogGoneError('log.db was removed');
  await until(() => guard.lost() !== null, 'the guard');
  expect(guard.readiness()).toMatchObject({ ready: false, reasons: ['log.db was removed'] });
  gone = null;
  await guard.log.end().catch(() => undefined);
  await expect(guard.log.append([{ key: 'a', value: Buffer.from('1'), headers: {} }])).rejects.toThrow(LogLostError);
  expect(logger.lines).toHaveLength(1);
  await guard.stop();
});

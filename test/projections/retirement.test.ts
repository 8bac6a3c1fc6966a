// Retirement of previous secrets: once per overlap, by whoever comes first, in the log.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRetirement, retirementCommandId, type Retirement } from '../../projections/retirement.ts';
import type { Projector } from '../../projections/projector.ts';
import {
  at,
  created,
  createAuthor,
  defined,
  noted,
  recordsOf,
  regenerated,
  seededBytes,
  testDataKeys,
  type Author,
} from '../fakes/author.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { memoryLogger, projected, runProjector, until } from '../fakes/running.ts';

describe('the retirement of a previous secret', () => {
  let store: MemoryStore;
  let log: MemoryLog;
  let author: Author;
  let id: string;
  let time: string;
  let projector: Projector;

  const retirement = (seed = 1, logger = memoryLogger()): Retirement =>
    createRetirement({
      log,
      store: store.connect(),
      dataKeys: testDataKeys(store, seed),
      randomBytes: seededBytes(seed),
      now: () => time,
      logger,
      intervalMs: 5,
    });
  const row = () => store.contents().keys.find(({ state }) => state.keyId === id);
  const retired = () => store.contents().history.filter(({ type }) => type === 'PreviousSecretRetired');

  beforeEach(async () => {
    store = createMemoryStore();
    log = createMemoryLog();
    author = createAuthor({ dataKeys: testDataKeys(store) });
    id = author.keyId('k');
    time = at(100);
    await log.append(recordsOf([await author.next('keyspaces', defined())]));
    await log.append(
      recordsOf([await author.next(id, created('n')), await author.next(id, regenerated('two', at(500)))]),
    );
    await log.append(recordsOf([await author.next(id, noted('KeyDisabled'))]));
    projector = runProjector({ log, store });
    await projected(log, store);
  });
  afterEach(() => projector.stop());

  test('comes at the end of the overlap and not before, by system:projector, with a commandId of the regeneration', async () => {
    expect(await retirement().retireDue()).toBe(0);
    time = at(500);
    expect(await retirement().retireDue()).toBe(1);
    await projected(log, store);
    expect(row()?.state).toMatchObject({ version: 4, previousSecret: null, status: 'DISABLED' });
    expect(retired()).toMatchObject([
      {
        version: 4,
        actor: 'system:projector',
        commandId: retirementCommandId(id, 2),
        workspaceId: 'acme',
        time: at(500),
      },
    ]);
    expect(retired()[0]?.attributes.keyspaceversion).toBe(1);
    expect(retirementCommandId(id, 2)).toMatch(/^retire_[A-Za-z0-9_-]{1,57}$/);
    expect(retirementCommandId(id, 3)).not.toBe(retirementCommandId(id, 2));
  });

  test('is written once by one process, however long the projection takes', async () => {
    time = at(600);
    await projector.stop();
    const one = retirement();
    expect(await one.retireDue()).toBe(1);
    expect(await one.retireDue()).toBe(0);
    projector = runProjector({ log, store });
    await projected(log, store);
    expect(await one.retireDue()).toBe(0);
    expect(retired()).toHaveLength(1);
  });

  test('protocol F1: two projectors at once: the first wins, the other is ignored', async () => {
    time = at(600);
    expect(await Promise.all([retirement(1).retireDue(), retirement(2).retireDue()])).toEqual([1, 1]);
    await projected(log, store);
    expect(retired()).toHaveLength(1);
    expect(await store.parked.open()).toEqual([]);
    expect(row()?.state.version).toBe(4);
  });

  test('a retirement that lost its version to another event is written again, behind it', async () => {
    time = at(600);
    // Decided before the event that took its version is projected.
    log.hold();
    await log.append(recordsOf([await author.next(id, noted('KeyEnabled'))]));
    const stale = retirement();
    expect(await stale.retireDue()).toBe(1);
    log.release();
    await projected(log, store);
    await stale.retireDue();
    await projected(log, store);
    expect(retired()).toMatchObject([{ version: 5, commandId: retirementCommandId(id, 2) }]);
    expect(row()?.state).toMatchObject({ status: 'ACTIVE', previousSecret: null });
  });

  test('an append whose acknowledgement was lost is harmless', async () => {
    time = at(600);
    const one = retirement();
    log.script('lost-acknowledgement');
    await expect(one.retireDue()).rejects.toMatchObject({ code: 'APPEND_UNKNOWN' });
    await one.retireDue();
    await projected(log, store);
    expect(await one.retireDue()).toBe(0);
    expect(retired()).toHaveLength(1);
  });

  test('runs by itself, and goes on after the log was away', async () => {
    time = at(600);
    log.setDown(true);
    const logger = memoryLogger();
    const one = retirement(1, logger);
    one.start();
    await until(() => logger.lines.length > 0, 'a failure');
    expect(logger.lines[0]).toMatchObject({ level: 'warn', message: 'retirement waits: the log does not answer' });
    log.setDown(false);
    await until(() => retired().length === 1, 'the retirement');
    await one.stop();
    expect(retired()).toHaveLength(1);
  });

  test('a key that was forgotten since it was read is left for the next round', async () => {
    time = at(600);
    store.eraseDataKey(`${id}.1`);
    expect(await retirement(3).retireDue()).toBe(0);
  });

  test('protocol T: nothing is written into a log that ends before what is projected, and it is told once', async () => {
    time = at(500);
    const checkpoint = await log.end();
    const records = log.records().length;
    let asked = 0;
    log.end = () => {
      asked += 1;
      return Promise.resolve(Object.fromEntries(Object.keys(checkpoint).map((partition) => [partition, 0])));
    };
    const logger = memoryLogger();
    const one = retirement(1, logger);
    await expect(one.retireDue()).rejects.toThrow('the log ends at');
    one.start();
    await until(() => asked > 5, 'a few rounds');
    await one.stop();
    expect(log.records()).toHaveLength(records);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });
});

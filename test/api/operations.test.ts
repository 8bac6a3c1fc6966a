// Operators' work that makes no event: parked records handed over again, rebuilds; each once per commandId, whatever
// happens in between, and answered by its deadline.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeRecordPosition, type RecordPosition } from '../../events/position.ts';
import { StoreUnavailableError } from '../../projections/read-store.ts';
import { createWaiter, type Waiter } from '../../projections/waiter.ts';
import { createContextFactory } from '../../services/api/context.ts';
import { createOperations, type Operations } from '../../services/api/operations.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { until } from '../fakes/running.ts';
import { ADMIN, startInstallation, type Installation } from './installation.ts';

let log: MemoryLog;
let store: MemoryStore;
let installation: Installation;
let operations: Operations;

beforeEach(async () => {
  log = createMemoryLog();
  store = createMemoryStore();
  installation = await startInstallation({ log, store });
  operations = another(store);
});
afterEach(async () => {
  for (const waiter of waiters.splice(0)) waiter.close();
  await installation.stop();
});

const waiters: Waiter[] = [];

/** The operations of one API process. */
function another(on: MemoryStore, outcomeMs = 20_000): Operations {
  const waiter = createWaiter({ store: on });
  waiters.push(waiter);
  return createOperations({ log, store: on, waiter, now: () => '2026-01-01T00:00:00.000Z', outcomeMs });
}

/** A record of a key that no build can read, parked. */
async function park(keyId: string): Promise<RecordPosition> {
  const position = log.put({ key: keyId, value: Buffer.from(`broken ${log.records().length}`) });
  await installation.settled();
  return position;
}

const generations = async () => (await store.control()).generations.length;
const switchedTo = (generation: string) =>
  until(async () => (await store.control()).live === generation, `the switch to ${generation}`);

test('a record that still cannot be folded stays parked after a retry, and is not parked twice', async () => {
  const { keyId } = await installation.instance().create();
  const position = log.put({ key: keyId, value: Buffer.from('broken') });
  await installation.settled();
  const outcome = await operations.retryParked({ position });
  expect(outcome).toMatchObject({ ok: true, parked: [{ position, status: 'OPEN' }] });
  expect(await store.parked.open()).toHaveLength(1);
});

test.each([
  ['belongs to no key', () => ({ value: Buffer.from('broken') })],
  ['is too large to be appended again', (key: string) => ({ key, value: Buffer.alloc(1_000_001, 'x') })],
])(
  'a record that %s is refused by name of its position, and does not keep others from being retried',
  async (_, make) => {
    const { keyId } = await installation.instance().create();
    const hopeless = log.put(make(keyId));
    const other = log.put({ key: `key_${'a'.repeat(22)}`, value: Buffer.from('broken') });
    await installation.settled();
    const before = log.records().length;
    expect(await operations.retryParked({ position: hopeless })).toMatchObject({
      ok: false,
      error: { type: 'InvalidInput', path: ['position'] },
    });
    expect(log.records()).toHaveLength(before);
    const all = await operations.retryParked({ position: null });
    expect(all.ok && all.parked.map((row) => encodeRecordPosition(row.position)).sort()).toEqual(
      [hopeless, other].map(encodeRecordPosition).sort(),
    );
    expect(log.records()).toHaveLength(before + 1);
  },
);

test('a position at which nothing is parked is refused', async () => {
  const outcome = await operations.retryParked({ position: { partition: 0, offset: 0 } });
  expect(outcome).toMatchObject({ ok: false, error: { type: 'InvalidInput', path: ['position'] } });
});

test('a rebuild that is asked for again while it runs is the same rebuild', async () => {
  log.hold();
  const [first, second] = [await operations.rebuildProjections({}), await operations.rebuildProjections({})];
  log.release();
  expect(first).toMatchObject({ ok: true, generation: 'g2' });
  expect(second).toEqual(first);
});

describe('the same commandId again', () => {
  const commandId = 'c1';

  test('after a rebuild has ended is that rebuild: no other is started', async () => {
    const first = await operations.rebuildProjections({ commandId });
    expect(first).toMatchObject({ ok: true, generation: 'g2' });
    await switchedTo('g2');
    expect(await operations.rebuildProjections({ commandId })).toEqual(first);
    expect(await another(store.connect()).rebuildProjections({ commandId })).toEqual(first);
    expect(await generations()).toBe(2);
    expect(await operations.rebuildProjections({})).toMatchObject({ ok: true, generation: 'g3' });
  });

  test('of one that met a rebuild under way is that rebuild, when it has ended, too', async () => {
    log.hold();
    await operations.rebuildProjections({});
    const joined = await operations.rebuildProjections({ commandId });
    expect(joined).toMatchObject({ ok: true, generation: 'g2' });
    log.release();
    await switchedTo('g2');
    expect(await operations.rebuildProjections({ commandId })).toEqual(joined);
    expect(await generations()).toBe(2);
  });

  test('at the same moment, from several processes, is one rebuild', async () => {
    const asked = await Promise.all([1, 2, 3, 4].map(() => another(store.connect()).rebuildProjections({ commandId })));
    for (const outcome of asked) expect(outcome).toEqual(asked[0]);
    expect(await generations()).toBe(2);
  });

  test.each(['createGeneration', 'operations.begin', 'operations.finish'])(
    'after the answer to %s was lost is the rebuild that was begun, if one was',
    async (lost) => {
      const failing = store.connect();
      const doomed = another(failing, 1000);
      failing.beforeCall = (name) => {
        if (name === lost && name !== 'createGeneration') throw new StoreUnavailableError('away');
      };
      if (lost === 'createGeneration') {
        failing.createGeneration = async (...args) => {
          await store.createGeneration(...args);
          throw new StoreUnavailableError('the answer was lost');
        };
      }
      const outcome = await doomed.rebuildProjections({ commandId });
      expect(outcome).toMatchObject({
        ok: false,
        error: lost === 'operations.begin' ? { type: 'Unavailable' } : { type: 'OutcomeUnknown', commandId },
      });
      const before = await generations();
      expect(before).toBe(lost === 'operations.begin' ? 1 : 2);
      if (before === 2) await switchedTo('g2');
      expect(await another(store, 1000).rebuildProjections({ commandId })).toMatchObject({
        ok: true,
        generation: 'g2',
      });
      expect(await generations()).toBe(2);
    },
  );

  test('with another input, or another mutation, is refused by its name', async () => {
    const { keyId } = await installation.instance().create();
    const position = await park(keyId);
    const refused = { ok: false, error: { type: 'InvalidInput', path: ['commandId'] } };
    expect(await operations.retryParked({ commandId, position })).toMatchObject({ ok: true });
    expect(await operations.retryParked({ commandId, position: null })).toMatchObject(refused);
    expect(await operations.rebuildProjections({ commandId })).toMatchObject(refused);
    expect(await generations()).toBe(1);
  });

  test('after a retry is about the same records, and hands nothing over a second time', async () => {
    const { keyId } = await installation.instance().create();
    const position = await park(keyId);
    const first = await operations.retryParked({ commandId, position: null });
    expect(first).toMatchObject({ ok: true, parked: [{ position }] });
    await park(keyId);
    const before = log.records().length;
    expect(await operations.retryParked({ commandId, position: null })).toEqual(first);
    expect(log.records()).toHaveLength(before);
    const other = await operations.retryParked({ position: null });
    expect(other.ok && other.parked).toHaveLength(2);
  });

  test('of a retry that found nothing parked goes on finding nothing', async () => {
    const first = await operations.retryParked({ commandId, position: null });
    expect(first).toMatchObject({ ok: true, parked: [] });
    await park((await installation.instance().create()).keyId);
    expect(await operations.retryParked({ commandId, position: null })).toEqual(first);
  });

  test('at the same moment, from several processes, hands the records over once', async () => {
    await park((await installation.instance().create()).keyId);
    const before = log.records().length;
    const asked = await Promise.all(
      [1, 2, 3, 4].map(() => another(store.connect()).retryParked({ commandId, position: null })),
    );
    for (const outcome of asked) expect(outcome).toEqual(asked[0]);
    expect(asked[0]).toMatchObject({ ok: true });
    expect(log.records()).toHaveLength(before + 1);
  });

  test.each(['lost-acknowledgement', 'lost'] as const)(
    'after an append that was %s takes the same records up again, and only those',
    async (fate) => {
      const { keyId } = await installation.instance().create();
      const position = await park(keyId);
      const impatient = another(store, 1000);
      log.script(fate);
      expect(await impatient.retryParked({ commandId, position: null })).toMatchObject({
        ok: false,
        error: { type: 'OutcomeUnknown', commandId },
      });
      await park(keyId);
      const outcome = await impatient.retryParked({ commandId, position: null });
      expect(outcome).toMatchObject({ ok: true, parked: [{ position }] });
      expect(outcome.ok && outcome.parked).toHaveLength(1);
      expect(await store.parked.open()).toHaveLength(2);
    },
  );
});

describe('ifVersion', () => {
  test('of a rebuild is the number of the live generation', async () => {
    const conflict = { ok: false, error: { type: 'VersionConflict', expected: 2, actual: 1 } };
    expect(await operations.rebuildProjections({ ifVersion: 2 })).toMatchObject(conflict);
    expect(await generations()).toBe(1);
    const first = await operations.rebuildProjections({ ifVersion: 1, commandId: 'c1' });
    expect(first).toMatchObject({ ok: true, generation: 'g2' });
    await switchedTo('g2');
    // W2: the first outcome comes before the check.
    expect(await operations.rebuildProjections({ ifVersion: 1, commandId: 'c1' })).toEqual(first);
    expect(await operations.rebuildProjections({ ifVersion: 2 })).toMatchObject({ ok: true, generation: 'g3' });
  });

  test('of a retry is the version of what the record belongs to', async () => {
    const { keyId } = await installation.instance().create();
    await installation.instance().run('disableKey', keyId, {});
    const ofKey = await park(keyId);
    const ofNobody = await park(`key_${'a'.repeat(22)}`);
    const ofKeyspaces = await park('keyspaces');
    const retry = (position: RecordPosition, ifVersion: number) => operations.retryParked({ position, ifVersion });
    const conflict = (expected: number, actual: number) => ({
      ok: false,
      error: { type: 'VersionConflict', expected, actual },
    });
    const before = log.records().length;
    expect(await retry(ofKey, 1)).toMatchObject(conflict(1, 2));
    expect(await retry(ofNobody, 1)).toMatchObject(conflict(1, 0));
    expect(await retry(ofKeyspaces, 2)).toMatchObject(conflict(2, 1));
    expect(log.records()).toHaveLength(before);
    expect(await retry(ofKey, 2)).toMatchObject({ ok: true });
    expect(await retry(ofKeyspaces, 1)).toMatchObject({ ok: true });
  });

  test('of a retry of all records means nothing, and is refused by its name', async () => {
    const outcome = await operations.retryParked({ position: null, ifVersion: 1 });
    expect(outcome).toMatchObject({ ok: false, error: { type: 'InvalidInput', path: ['ifVersion'] } });
  });
});

describe('the deadline', () => {
  const never = () => new Promise<never>(() => undefined);

  test('a retry whose records are not folded in time is of unknown outcome, and tells it when it is asked again', async () => {
    const position = await park((await installation.instance().create()).keyId);
    log.hold();
    const late = await another(store, 300).retryParked({ position, commandId: 'c1' });
    expect(late).toMatchObject({ ok: false, error: { type: 'OutcomeUnknown', commandId: 'c1' } });
    log.release();
    const before = log.records().length;
    expect(await operations.retryParked({ position, commandId: 'c1' })).toMatchObject({ ok: true });
    expect(log.records()).toHaveLength(before);
  });

  test('one that was not given a commandId learns under which it can be asked again', async () => {
    const position = await park((await installation.instance().create()).keyId);
    log.hold();
    const late = await another(store, 300).retryParked({ position });
    const commandId = !late.ok && late.error.type === 'OutcomeUnknown' ? late.error.commandId : '';
    log.release();
    expect(commandId).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(await operations.retryParked({ position, commandId })).toMatchObject({ ok: true });
  });

  test.each(['parked.open', 'operations.load', 'operations.begin', 'control'])(
    'a store that hangs at %s before anything was done: nothing was changed',
    async (name) => {
      const hanging = store.connect();
      const impatient = another(hanging, 300);
      hanging.beforeCall = (called) => (called === name ? never() : undefined);
      const outcome =
        name === 'control' ? await impatient.rebuildProjections({}) : await impatient.retryParked({ position: null });
      expect(outcome).toMatchObject({ ok: false, error: { type: 'Unavailable' } });
    },
  );

  test('a store that hangs while a rebuild is begun: the outcome is not known', async () => {
    const hanging = store.connect();
    hanging.createGeneration = never;
    const outcome = await another(hanging, 300).rebuildProjections({ commandId: 'c1' });
    expect(outcome).toMatchObject({ ok: false, error: { type: 'OutcomeUnknown', commandId: 'c1' } });
  });

  test.each([
    ['full', 'StorageFull'],
    ['unavailable', 'Unavailable'],
  ] as const)('a log that is %s: %s', async (fate, type) => {
    const position = await park((await installation.instance().create()).keyId);
    log.script(fate);
    expect(await operations.retryParked({ position })).toMatchObject({ ok: false, error: { type } });
  });

  test('health is answered or refused within 5 s, whatever hangs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const unused = {} as never;
      const contextFor = createContextFactory({
        log,
        store,
        waiter: unused,
        dataKeys: unused,
        writer: unused,
        operations,
        receipts: unused,
        now: () => '',
        health: never,
      });
      const asked = contextFor(ADMIN, 'r1').health();
      const refused = expect(asked).rejects.toBeInstanceOf(StoreUnavailableError);
      await vi.advanceTimersByTimeAsync(5000);
      await refused;
    } finally {
      vi.useRealTimers();
    }
  });

  test('a projector that is behind: what is not parked yet is not refused as unknown', async () => {
    const { keyId } = await installation.instance().create();
    log.hold();
    const position = log.put({ key: keyId, value: Buffer.from('broken') });
    const asked = operations.retryParked({ position });
    log.release();
    expect(await asked).toMatchObject({ ok: true, parked: [{ position }] });
    log.hold();
    const later = log.put({ key: keyId, value: Buffer.from('broken, too') });
    expect(await another(store, 300).retryParked({ position: later })).toMatchObject({
      ok: false,
      error: { type: 'Unavailable' },
    });
    log.release();
  });
});

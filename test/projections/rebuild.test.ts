// Rebuilds: beside the live generation, under traffic, compared, switched by a pointer; or given up with what differs.
import { describe, expect, test } from 'vitest';
import { canonical } from '../../events/canonical.ts';
import { covers } from '../../events/position.ts';
import { encodeRecord } from '../../events/record.ts';
import type { KeyRow } from '../../projections/rows.ts';
import { projectionHealth } from '../../projections/health.ts';
import { rebuildProgress, requestRebuild } from '../../projections/rebuild.ts';
import {
  at,
  created,
  createAuthor,
  defined,
  discarded,
  noted,
  recordsOf,
  regenerated,
  renamed,
  seededRandom,
  testDataKeys,
} from '../fakes/author.ts';
import { asExpected, foldLog } from '../fakes/expected.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { memoryLogger, projected, runProjector, until } from '../fakes/running.ts';

const NOW = at(0);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

function world() {
  const store = createMemoryStore();
  return { store, log: createMemoryLog(), author: createAuthor({ dataKeys: testDataKeys(store) }) };
}

async function filled(keys = 8) {
  const w = world();
  await w.log.append(recordsOf([await w.author.next('keyspaces', defined())]));
  for (let n = 0; n < keys; n++) {
    const id = w.author.keyId(`k${n}`);
    await w.log.append(
      recordsOf([await w.author.next(id, created(`n${n}`)), await w.author.next(id, regenerated(`r${n}`, at(99_999)))]),
    );
  }
  return w;
}

const switched = (store: MemoryStore, to: string) =>
  until(async () => (await store.control()).live === to, `the switch to ${to}`);

describe('a rebuild', () => {
  test('fills a new generation from the first record, switches to it and deletes the old one', async () => {
    const w = await filled();
    const projector = runProjector(w);
    await projected(w.log, w.store);
    const before = canonical(w.store.contents());
    expect(await requestRebuild(w.store, NOW)).toBe('g2');
    projector.nudge();
    await switched(w.store, 'g2');
    expect(canonical(w.store.contents())).toBe(before);
    await until(() => w.store.contents('g1').keys.length === 0, 'the deletion');
    expect((await w.store.control()).generations.map(({ status }) => status)).toEqual(['dropped', 'live']);
    await until(() => !projector.loops().has('g1'), 'the end of the old loop');
    // The next one comes as easily.
    expect(await requestRebuild(w.store, NOW)).toBe('g3');
    await switched(w.store, 'g3');
    expect(canonical(w.store.contents())).toBe(before);
    await projector.stop();
  });

  test('is one rebuild, however many ask for it', async () => {
    const { store } = world();
    const asked = await Promise.all(
      Array.from({ length: 8 }, (_, n) => requestRebuild(n % 2 === 0 ? store : store.connect(), NOW)),
    );
    expect(new Set(asked).size).toBe(1);
    expect(await requestRebuild(store, NOW)).toBe(asked[0]);
    expect((await store.control()).generations.filter(({ status }) => status === 'building')).toHaveLength(1);
  });

  test('shows its progress', async () => {
    const w = await filled();
    expect(rebuildProgress({}, { 0: 10, 1: 30 })).toBe(0);
    expect(rebuildProgress({ 0: 10 }, { 0: 10, 1: 30 })).toBe(0.25);
    expect(rebuildProgress({ 0: 11, 1: 30 }, { 0: 10, 1: 30 })).toBe(1);
    expect(rebuildProgress({}, {})).toBe(1);
    await requestRebuild(w.store, NOW);
    expect(await projectionHealth(w)).toMatchObject([
      { name: 'keys', generation: 'g1', lag: 17, rebuildProgress: 0, rebuildFailure: null, parked: [] },
    ]);
  });

  test(
    'protocol P3: 1,000 mutations go on during rebuilds by two projectors: equal bytes, and no reader sees a gap',
    { timeout: 120_000 },
    async () => {
      const random = seededRandom(SEED);
      const w = await filled(20);
      const options = { log: w.log, batchSize: 20 };
      const projectors = [
        runProjector({ ...options, store: w.store }),
        runProjector({ ...options, store: w.store.connect() }),
      ];
      let writing = true;
      let reads = 0;
      const generations = new Set<string>();
      // Each reader remembers how far it has seen every key; no later read may show less.
      const reader = async () => {
        const own = w.store.connect();
        const seen = new Map<string, number>();
        let checkpoint: Readonly<Record<number, number>> = {};
        while (writing) {
          await own
            .read(async (view) => {
              const rows: readonly KeyRow[] = await view.scanKeys(null, 1000);
              const id = w.author.keyId(`k${Math.floor(random() * 20)}`);
              const version = (await view.key(id))?.state.version ?? 0;
              return { rows, id, version, checkpoint: view.checkpoint, generation: view.generation };
            })
            .then((read) => {
              generations.add(read.generation);
              expect(covers(read.checkpoint, checkpoint), `SEED=${SEED}`).toBe(true);
              checkpoint = read.checkpoint;
              for (const [id, version] of [
                ...read.rows.map(({ state }) => [state.keyId, state.version] as const),
                [read.id, read.version] as const,
              ]) {
                expect(version, `SEED=${SEED}`).toBeGreaterThanOrEqual(seen.get(id) ?? 0);
                seen.set(id, version);
              }
              for (const id of seen.keys()) expect(read.rows.some(({ state }) => state.keyId === id)).toBe(true);
              reads += 1;
            });
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      const writer = async () => {
        for (let n = 0; n < 1000; n++) {
          const id = w.author.keyId(`k${Math.floor(random() * 20)}`);
          const event = [noted('KeyDisabled'), noted('KeyEnabled'), renamed(`m${n}`)][n % 3]!;
          const next = await w.author.next(id, event);
          await w.log.append([encodeRecord(next), encodeRecord(await w.author.rival(id, renamed('loser')))]);
          if (n % 250 === 100) await requestRebuild(w.store, NOW);
          if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await projected(w.log, w.store);
      const reading = [reader(), reader()];
      await writer();
      await until(
        async () => (await w.store.control()).generations.every(({ status }) => status !== 'building'),
        'the end of the rebuilds',
      );
      writing = false;
      await Promise.all(reading);
      await projected(w.log, w.store);

      // At rest once more: the same bytes as the one that was live under traffic.
      const { live } = await w.store.control();
      const before = canonical(w.store.contents());
      const last = await requestRebuild(w.store, NOW);
      await switched(w.store, last);
      expect(canonical(w.store.contents())).toBe(before);
      await Promise.all(projectors.map((projector) => projector.stop()));
      const { broken, ...expected } = await foldLog(w.log.records(), w.author.dataKeys);
      expect(broken).toEqual([]);
      expect(asExpected(w.store.contents())).toEqual(expected);
      expect(live).not.toBe('g1');
      expect(generations.size).toBeGreaterThan(1);
      expect(reads).toBeGreaterThan(20);
    },
  );

  test('leaves discarded and retried records as they were settled', async () => {
    const w = world();
    const id = w.author.keyId('k');
    const projector = runProjector(w);
    const first = await w.author.next(id, created('n'));
    const second = await w.author.next(id, noted('KeyDisabled'));
    const third = await w.author.next(id, noted('KeyEnabled'));
    const partition = w.log.partitionOf(id);
    await w.log.append(recordsOf([first, third]));
    w.log.put({ key: id, value: Buffer.from('junk'), partition });
    await w.log.append(recordsOf([second, third]));
    await w.log.append(recordsOf([await w.author.next(id, discarded(`p1_${partition}-2`))]));
    await projected(w.log, w.store);
    const before = w.store.contents();
    const parked = w.store.parkedRows();
    expect(parked.map(({ status }) => status)).toEqual(['RETRIED', 'DISCARDED']);
    await requestRebuild(w.store, NOW);
    await switched(w.store, 'g2');
    expect(w.store.contents()).toEqual(before);
    expect(w.store.parkedRows()).toEqual(parked);
    await projector.stop();
  });

  const tampered: readonly (readonly [string, (row: KeyRow) => KeyRow, RegExp])[] = [
    [
      'another state',
      (row) => ({ ...row, state: { ...row.state, scopes: ['everything'] } }),
      /key key_\w{22}: unequal at version 2/,
    ],
    [
      'other details',
      (row) => ({ ...row, details: { ...row.details, name: 'x' } }),
      /key key_\w{22}: unequal at version 2/,
    ],
    [
      'a version too many',
      (row) => ({ ...row, state: { ...row.state, version: 3 } }),
      /key key_\w{22}: g2 has 2 of 3 events/,
    ],
  ];
  for (const [name, change, failure] of tampered) {
    test(`is given up where the live one holds ${name}: it stays live, and the first differences are named`, async () => {
      const w = await filled();
      const logger = memoryLogger();
      const projector = runProjector({ ...w, logger });
      await projected(w.log, w.store);
      const row = w.store.contents().keys[3]!;
      await w.store
        .writer('g1')
        .apply(
          { history: [], secrets: [], keyspaces: null, keys: [{ from: row.state.version, row: change(row) }] },
          {},
        );
      await requestRebuild(w.store, NOW);
      projector.nudge();
      await until(async () => (await w.store.control()).generations[1]?.status === 'failed', 'the failure');
      const control = await w.store.control();
      expect(control.live).toBe('g1');
      expect(control.generations[1]?.failure).toMatch(failure);
      expect(control.generations[1]?.failure).toContain(row.state.keyId);
      expect((await projectionHealth(w))[0]?.rebuildFailure).toMatch(failure);
      expect(logger.lines.some(({ message }) => message === 'a rebuild failed')).toBe(true);
      await until(() => !projector.loops().has('g2'), 'the end of its loop');
      // Another try begins with nothing of the old one.
      expect(await requestRebuild(w.store, NOW)).toBe('g3');
      expect((await w.store.control()).generations[1]?.status).toBe('dropped');
      await projector.stop();
    });
  }

  test('is given up where events are missing in history', async () => {
    const w = await filled();
    const projector = runProjector(w);
    await projected(w.log, w.store);
    const [row] = w.store.contents().history;
    await w.store
      .writer('g1')
      .apply({ history: [{ ...row!, id: 'made-up@9' }], secrets: [], keys: [], keyspaces: null }, {});
    await requestRebuild(w.store, NOW);
    projector.nudge();
    await until(async () => (await w.store.control()).generations[1]?.status === 'failed', 'the failure');
    expect((await w.store.control()).generations[1]?.failure).toMatch(
      /^differs from g1: history of workspace acme: g2 has 16 of 17 events$/,
    );
    await projector.stop();
  });

  test('goes on after its projector died at any moment, and another takes over', async () => {
    for (let died = 0; died < 60; died += 3) {
      const w = await filled(4);
      const first = runProjector(w);
      await projected(w.log, w.store);
      await requestRebuild(w.store, NOW);
      let steps = 0;
      w.store.beforeCall = (name) => {
        if (['apply', 'view', 'control', 'switchGeneration', 'dropGeneration'].includes(name) && steps++ >= died) {
          throw new Error('dead');
        }
      };
      first.nudge();
      await until(() => steps > died, `the death at call ${died}`);
      await first.stop();
      const second = runProjector({ log: w.log, store: w.store.connect() });
      await until(
        async () => (await w.store.connect().control()).generations.every(({ status }) => status !== 'building'),
        'the end',
      );
      await until(() => w.store.contents('g1').keys.length === 0, 'the deletion');
      await second.stop();
      const { broken, ...expected } = await foldLog(w.log.records(), w.author.dataKeys);
      expect(broken).toEqual([]);
      expect(asExpected(w.store.contents('g2'))).toEqual(expected);
    }
  });
});

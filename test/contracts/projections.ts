// The projections on one pair of log and read store: the same tests for every pair of adapters.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canonical } from '../../events/canonical.ts';
import type { AnyEvent } from '../../events/catalogue.ts';
import { KEYSPACES } from '../../events/ids.ts';
import type { EventLog } from '../../events/log.ts';
import { encodeRecordPosition } from '../../events/position.ts';
import { encodeRecord } from '../../events/record.ts';
import type { BatchResult } from '../../projections/batch.ts';
import type { Projector } from '../../projections/projector.ts';
import type { GenerationId, ReadStore } from '../../projections/read-store.ts';
import { requestRebuild } from '../../projections/rebuild.ts';
import { createRetirement } from '../../projections/retirement.ts';
import { createWaiter } from '../../projections/waiter.ts';
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
  seededBytes,
  seededRandom,
  testDataKeys,
  type Author,
} from '../fakes/author.ts';
import { asExpected, foldLog } from '../fakes/expected.ts';
import { POISONS } from '../fakes/poison.ts';
import { memoryLogger, projected, runProjector } from '../fakes/running.ts';
import { failing, readAll, readContents, type Pair } from './projections-fixture.ts';

export interface ProjectionsContractOptions {
  /** Mutations under which the rebuild goes on. */
  readonly mutations: number;
  /** Random histories. */
  readonly histories: number;
}

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
export function projectionsContract(
  name: string,
  open: () => Promise<Pair>,
  { mutations, histories }: ProjectionsContractOptions,
): void {
  describe(`the projections on ${name}`, () => {
    let pair: Pair;
    let author: Author;
    let group: string;
    let running: Projector[];

    beforeEach(async () => {
      pair = await open();
      group = `test-${randomUUID()}`;
      running = [];
      author = createAuthor({ dataKeys: testDataKeys(pair.store) });
    });
    afterEach(async () => {
      await stop();
      await pair.dispose();
    });

    const run = (options: Partial<Parameters<typeof runProjector>[0]> = {}): Projector => {
      const projector = runProjector({ log: pair.log, store: pair.store, group, intervalMs: 50, ...options });
      running.push(projector);
      return projector;
    };
    const stop = async () => {
      await Promise.all(running.splice(0).map((projector) => projector.stop()));
    };
    const settle = () => projected(pair.log, pair.store, undefined, 60_000);

    async function expectFold(): Promise<void> {
      const { broken, secrets, ...expected } = await foldLog(await readAll(pair.log), author.dataKeys);
      expect(broken).toEqual([]);
      expect(asExpected(await readContents(pair.store)), `SEED=${SEED}`).toEqual({ ...expected, secrets: {} });
      const view = await pair.store.view((await pair.store.control()).live);
      for (const [hash, keyId] of Object.entries(secrets)) expect((await view.keyBySecret(hash))?.keyId).toBe(keyId);
    }

    async function history(keys: number, events: number): Promise<AnyEvent[]> {
      const all = [await author.next(KEYSPACES, defined())];
      for (let n = 0; n < keys; n++) {
        const id = author.keyId(`k${n}`);
        all.push(await author.next(id, created(`name ${n}`)));
        for (let e = 1; e < events; e++) {
          const event = [noted('KeyDisabled'), regenerated(`r${n}-${e}`, at(9000)), renamed(`n${n} ${e}`)][e % 3]!;
          all.push(await author.next(id, event));
        }
      }
      return all;
    }

    test('project the log, and go on from the checkpoint after a restart', async () => {
      await pair.log.append(recordsOf(await history(10, 4)));
      run();
      await settle();
      await stop();
      await pair.log.append(recordsOf([await author.next(author.keyId('k3'), renamed('later'))]));
      const batches: BatchResult[] = [];
      run({ hooks: { onBatch: (_, batch) => void batches.push(batch) } });
      await settle();
      await expectFold();
      expect(batches.reduce((sum, { records }) => sum + records, 0)).toBe(1);
    });

    test('protocol P2: two projectors that both read everything lose nothing and write nothing twice', async () => {
      const other = await pair.another();
      run({ group: `${group}-one`, batchSize: 7 });
      run({ ...other, group: `${group}-two`, batchSize: 5 });
      const events = await history(20, 6);
      for (let n = 0; n < events.length; n += 10) await pair.log.append(recordsOf(events.slice(n, n + 10)));
      await settle();
      await expectFold();
    });

    test('protocol P1: a projector that crashes before and after its writes, again and again, ends at the fold', async () => {
      const random = seededRandom(SEED);
      run({ store: failing(pair.store, random, 0.3), batchSize: 6 });
      await pair.log.append(recordsOf(await history(15, 6)));
      await settle();
      await expectFold();
    });

    test('protocol W1: an event is waited for by its version, and a position by its token', async () => {
      run();
      const waiter = createWaiter({ store: pair.store });
      const id = author.keyId('k');
      const waiting = waiter.whenEvent(id, 2, AbortSignal.timeout(30_000));
      const events = [await author.next(id, created('n')), await author.next(id, noted('KeyDisabled'))];
      await pair.log.append(recordsOf(events));
      expect((await waiting)?.attributes.hash).toBe(events[1]?.attributes.hash);
      waiter.close();
    });

    test('forty poisoned records among good ones: each is parked, its key alone is quarantined, and both ways out work', async () => {
      const [good, poisons, bad]: [AnyEvent[], Parameters<EventLog['append']>[0][number][], string[]] = [[], [], []];
      for (const [n, poison] of POISONS.entries()) {
        const id = author.keyId(`poisoned ${n}`);
        good.push(
          await author.next(id, created(`poisoned ${n}`)),
          await author.next(author.keyId(`good ${n}`), created(`good ${n}`)),
        );
        const place = author.place(id);
        const next = await author.next(id, noted('KeyDisabled'));
        poisons.push(poison.make(next, await author.next(id, noted('KeyEnabled'))));
        author.setPlace(place);
        bad.push(id);
      }
      await pair.log.append(recordsOf(good));
      for (const poison of poisons) await pair.log.append([poison]);
      await pair.log.append(
        recordsOf(
          await Promise.all(POISONS.map((_, n) => author.next(author.keyId(`good ${n}`), noted('KeyDisabled')))),
        ),
      );
      const logger = memoryLogger();
      const projector = run({ logger });
      await settle();
      const parked = await pair.store.parked.open();
      expect(parked.map(({ aggregateId }) => aggregateId).sort()).toEqual([...bad].sort());
      for (const row of parked) {
        const poison = poisons[bad.indexOf(row.aggregateId ?? '')];
        expect(Buffer.from(row.value).equals(poison!.value)).toBe(true);
      }
      expect(projector.ready()).toBe(true);
      expect(logger.lines.filter(({ message }) => message === 'a record was parked')).toHaveLength(40);

      // Again, still unreadable: nobody is quarantined twice. Then discarded, one by one.
      await pair.log.append(parked.map(({ key, value, headers }) => ({ key: key!, value, headers })));
      await settle();
      expect((await pair.store.parked.open()).map(({ position }) => position)).toEqual(
        parked.map(({ position }) => position),
      );
      for (const { aggregateId, position } of parked) {
        await pair.log.append(recordsOf([await author.next(aggregateId!, discarded(encodeRecordPosition(position)))]));
      }
      await settle();
      expect(await pair.store.parked.open()).toEqual([]);

      const before = canonical(await readContents(pair.store));
      const built = await requestRebuild(pair.store, at(0));
      projector.nudge();
      await switchedTo(built);
      expect(canonical(await readContents(pair.store))).toBe(before);
      expect(await pair.store.parked.open()).toEqual([]);
    });

    const switchedTo = async (id: GenerationId) => {
      const end = performance.now() + 60_000;
      while ((await pair.store.control()).live !== id) {
        if (performance.now() > end)
          throw new Error(`no switch to ${id}: ${JSON.stringify(await pair.store.control())}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };

    test(
      `protocol P3: ${mutations} mutations go on during a rebuild: equal bytes, and no reader sees a gap`,
      { timeout: 240_000 },
      async () => {
        const random = seededRandom(SEED);
        await pair.log.append(recordsOf(await history(20, 3)));
        const [projector] = [run(), run(await pair.another())];
        await settle();
        let writing = true;
        let reads = 0;
        const generations = new Set<string>();
        const waiter = createWaiter({ store: pair.store });
        const reader = async () => {
          const seen = new Map<string, number>();
          while (writing) {
            const read = await pair.store.read(async (view) => ({
              generation: view.generation,
              rows: await view.scanKeys(null, 1000),
            }));
            generations.add(read.generation);
            const versions = new Map(read.rows.map(({ state }) => [state.keyId, state.version]));
            for (const [id, version] of seen)
              expect(versions.get(id) ?? 0, `SEED=${SEED}`).toBeGreaterThanOrEqual(version);
            for (const [id, version] of versions) seen.set(id, version);
            reads += 1;
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
        };
        const writer = async () => {
          for (let n = 0; n < mutations; n++) {
            const id = author.keyId(`k${Math.floor(random() * 20)}`);
            const event = await author.next(id, [noted('KeyDisabled'), noted('KeyEnabled'), renamed(`m${n}`)][n % 3]!);
            const [position] = await pair.log.append([
              encodeRecord(event),
              encodeRecord(await author.rival(id, renamed('loser'))),
            ]);
            if (n === Math.floor(mutations / 10)) {
              await requestRebuild(pair.store, at(0));
              projector.nudge();
            }
            if (n % 10 !== 0) continue;
            // Read your writes, across the switch too.
            expect(
              await waiter.whenProcessed({ [position!.partition]: position!.offset + 1 }, AbortSignal.timeout(30_000)),
            ).toBe(true);
            const row = await pair.store.read((view) => view.historyAt(id, event.attributes.version));
            expect(row?.attributes.hash, `SEED=${SEED}`).toBe(event.attributes.hash);
          }
        };
        const reading = reader();
        await writer();
        await switchedTo('g2');
        writing = false;
        await reading;
        waiter.close();
        await settle();
        const before = canonical(await readContents(pair.store));
        expect(await requestRebuild(pair.store, at(0))).toBe('g3');
        projector.nudge();
        await switchedTo('g3');
        expect(canonical(await readContents(pair.store))).toBe(before);
        await expectFold();
        expect(generations.has('g1')).toBe(true);
        expect(reads).toBeGreaterThan(5);
      },
    );

    test('protocol P3: the pointer never moves to a generation that is behind: what was reached stays reached', async () => {
      const nothing = { history: [], secrets: [], keys: [], keyspaces: null };
      await pair.store.writer('g1').apply(nothing, { 0: 7, 1: 3 });
      const built = await pair.store.createGeneration(at(0));
      for (const behind of [{}, { 1: 9 }, { 0: 6 }]) {
        await pair.store.writer(built).apply(nothing, behind);
        expect(await pair.store.switchGeneration('g1', built)).toBe(false);
      }
      await pair.store.writer(built).apply(nothing, { 0: 7 });
      expect(await pair.store.switchGeneration('g1', built)).toBe(true);
    });

    test('previous secrets are retired at the end of their overlap, once', async () => {
      const id = author.keyId('k');
      await pair.log.append(
        recordsOf([await author.next(id, created('n')), await author.next(id, regenerated('two', at(50)))]),
      );
      run();
      await settle();
      const retirement = (seed: number, store: ReadStore) =>
        createRetirement({
          log: pair.log,
          store,
          dataKeys: testDataKeys(store),
          randomBytes: seededBytes(seed),
          now: () => at(60),
          logger: memoryLogger(),
        });
      const [one, two] = [retirement(1, pair.store), retirement(2, (await pair.another()).store)];
      expect(await Promise.all([one.retireDue(), two.retireDue()])).toEqual([1, 1]);
      await settle();
      expect(await one.retireDue()).toBe(0);
      const { keys, history: rows } = await readContents(pair.store);
      expect(keys[0]?.state).toMatchObject({ version: 3, previousSecret: null });
      expect(rows.filter(({ type }) => type === 'PreviousSecretRetired')).toHaveLength(1);
    });

    test(
      `${histories} random histories, with copies and losers, end at the fold (SEED=${SEED})`,
      { timeout: 240_000 },
      async () => {
        const random = seededRandom(SEED);
        run({ batchSize: 9, store: failing(pair.store, random, 0.1) });
        run({ ...(await pair.another()), group: `${group}-other`, batchSize: 4 });
        for (let n = 0; n < histories; n++) {
          const id = author.keyId(`random ${n}`);
          const events = [await author.next(id, created(`random ${n}`))];
          for (let e = Math.floor(random() * 8); e > 0; e--) {
            events.push(await author.next(id, [noted('KeyDisabled'), noted('KeyEnabled'), renamed(`e${e}`)][e % 3]!));
            if (random() < 0.4) events.push(await author.rival(id, renamed('loser')));
            for (let copies = Math.floor(random() * 3); copies > 0; copies--)
              events.push(events[Math.floor(random() * events.length)]!);
          }
          await pair.log.append(recordsOf(events));
        }
        await settle();
        await expectFold();
      },
    );
  });
}

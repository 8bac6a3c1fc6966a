// The checkpointer: when it signs, what becomes of crashes, of two at once and of changed read models, and what it publishes.
import { describe, expect, test } from 'vitest';
import { checkpointDigest, verifyCheckpoint, type SignedCheckpoint } from '../../events/proof/checkpoint.ts';
import { leafOf, merkleRoot } from '../../events/proof/tree.ts';
import { workspaceTree } from '../../events/proof/workspaces.ts';
import { encodeRecord } from '../../events/record.ts';
import { createCheckpointer, type CheckpointerOptions } from '../../services/api/checkpointer.ts';
import { at, createAuthor, created, defined, noted, seededRandom, testDataKeys } from '../fakes/author.ts';
import { foldLog } from '../fakes/expected.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { memoryLogger, projected, runProjector, until } from '../fakes/running.ts';

const key = (id: string, fill: number) => ({ id, key: Buffer.alloc(32, fill) });
const PARTITIONS = 2;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

function setUp() {
  const store = createMemoryStore({ clock: () => 0 });
  const log = createMemoryLog({ partitions: PARTITIONS });
  const author = createAuthor({ dataKeys: testDataKeys(store) });
  let seconds = 1000;
  let made = 0;
  const projector = runProjector({ log, store, dataKeys: author.dataKeys });
  return {
    store,
    log,
    pass: (more: number) => void (seconds += more),
    checkpointer: (options: Partial<CheckpointerOptions> = {}) =>
      createCheckpointer({
        ...{ store, partitions: PARTITIONS, keys: [key('c1', 1)], everyEvents: 10, intervalMs: 600_000 },
        ...{ now: () => at(seconds), logger: memoryLogger() as unknown as CheckpointerOptions['logger'], lookMs: 5 },
        ...options,
      }),
    /** Events that are projected. */
    async happen(events = 1, workspaceId = 'acme') {
      for (let n = 0; n < events; n++) {
        const id = author.keyId(`k${++made}`);
        await log.append([encodeRecord(await author.next(id, created('k'), { workspaceId }))]);
      }
      await projected(log, store);
    },
    async define() {
      await log.append([encodeRecord(await author.next('keyspaces', defined()))]);
      await projected(log, store);
    },
    async change(name: string) {
      await log.append([encodeRecord(await author.next(author.keyId(name), noted('KeyDisabled')))]);
      await projected(log, store);
    },
    dataKeys: author.dataKeys,
    stop: () => projector.stop(),
  };
}

type World = ReturnType<typeof setUp>;

async function chainOf(store: MemoryStore): Promise<readonly SignedCheckpoint[]> {
  return store.checkpoints.list({ newestFirst: false, limit: 1000 });
}

/** Each one stands on the one before, is signed, and its root is the fold of the log up to its position. */
async function expectSound({ store, log, dataKeys }: World): Promise<readonly SignedCheckpoint[]> {
  const rows = await chainOf(store);
  for (const [index, row] of rows.entries()) {
    const { checkpoint } = row;
    const before = rows[index - 1]?.checkpoint ?? null;
    expect(checkpoint.number).toBe(index + 1);
    expect(checkpoint.previous).toBe(before && checkpointDigest(before));
    if (before) expect(checkpoint.time >= before.time).toBe(true);
    expect(await verifyCheckpoint(row)).toMatchObject({ ok: true });
    const ends = new Map(
      checkpoint.position
        .split('_')
        .slice(1)
        .map((part) => part.split('-').map(Number) as [number, number]),
    );
    const folded = await foldLog(
      log.records().filter(({ partition, offset }) => offset < (ends.get(partition) ?? 0)),
      dataKeys,
    );
    const heads = new Map<string, { key: string; version: number; head: string }[]>();
    for (const { state } of Object.values(folded.keys)) {
      const own = heads.get(state.workspaceId) ?? [];
      heads.set(state.workspaceId, [...own, { key: state.keyId, version: state.version, head: state.head }]);
    }
    const { version, head } = folded.keyspaces;
    if (version > 0) heads.set('', [{ key: 'keyspaces', version, head }]);
    const subtrees = [...heads].map(([id, own]) => ({
      id,
      count: own.length,
      root: merkleRoot(own.sort((a, b) => (a.key < b.key ? -1 : 1)).map(leafOf)).toString('hex'),
    }));
    expect(checkpoint.root).toBe(workspaceTree(subtrees).root);
    expect(checkpoint.count).toBe([...heads.values()].flat().length);
    expect(checkpoint.workspaces).toBe(heads.size);
  }
  return rows;
}

describe('the checkpointer', () => {
  test('signs after so many events, and after so long if anything happened; never without', async () => {
    const world = setUp();
    const checkpointer = world.checkpointer();
    const numbers = async () => (await chainOf(world.store)).length;
    await checkpointer.look();
    world.pass(700);
    await checkpointer.look();
    expect(await numbers()).toBe(0);
    expect(await checkpointer.sign()).toBeNull();
    await world.define();
    await world.happen(8);
    world.pass(-700);
    await checkpointer.look();
    expect(await numbers()).toBe(0);
    await world.happen(1, 'beta');
    await checkpointer.look();
    expect(await numbers()).toBe(1);
    world.pass(700);
    await checkpointer.look();
    expect(await numbers()).toBe(1);
    await world.change('k1');
    await checkpointer.look();
    expect(await numbers()).toBe(2);
    expect(checkpointer.status()).toMatchObject({ number: 2, unsigned: 0 });
    await world.happen(9);
    await checkpointer.look();
    expect([await numbers(), checkpointer.status()?.unsigned]).toEqual([2, 9]);
    expect((await checkpointer.sign())?.checkpoint.number).toBe(3);
    expect((await checkpointer.sign())?.checkpoint.number).toBe(3);
    await expectSound(world);
    await world.stop();
  });

  test('where one takes long, the next has to wait, however much happens, but for no longer than the interval', async () => {
    const world = setUp();
    let ms = 0;
    const store: MemoryStore = {
      ...world.store,
      read: (work) => {
        ms += 1000; // all keys are read
        return world.store.read(work);
      },
    };
    const checkpointer = world.checkpointer({ store, monotonic: () => ms });
    const looked = async () => {
      await checkpointer.look();
      return (await chainOf(world.store)).length;
    };
    await world.happen(10);
    expect(await looked()).toBe(1);
    const took = ms;
    expect(took).toBeGreaterThanOrEqual(1000);
    await world.happen(30);
    expect(await looked()).toBe(1);
    ms = took * 20 - 1;
    expect(await looked()).toBe(1);
    ms = took * 20;
    expect(await looked()).toBe(2);
    await world.happen(30);
    expect(await looked()).toBe(2);
    world.pass(600);
    expect(await looked()).toBe(3);
    await expectSound(world);
    await world.stop();
  });

  test('a wall clock that was set back puts none off: one is due by it or by the process’s own clock, whichever says so first', async () => {
    const world = setUp();
    let ms = 5_000_000;
    const checkpointer = world.checkpointer({ monotonic: () => ms });
    const looked = async () => {
      await checkpointer.look();
      return (await chainOf(world.store)).length;
    };
    world.pass(-3600);
    await world.happen();
    ms += 599_999;
    expect(await looked()).toBe(0);
    ms += 1;
    expect(await looked()).toBe(1);
    await world.happen();
    ms += 599_999;
    expect(await looked()).toBe(1);
    ms += 1;
    expect(await looked()).toBe(2);
    // Of another process: counted from when this one has seen it.
    await world.happen();
    await world.checkpointer().sign();
    ms += 600_000;
    await world.happen();
    expect(await looked()).toBe(3);
    ms += 599_999;
    expect(await looked()).toBe(3);
    ms += 1;
    expect(await looked()).toBe(4);
    // Whichever of the clocks says so first.
    await world.happen();
    world.pass(3600 + 600);
    expect(await looked()).toBe(5);
    await expectSound(world);
    await world.stop();
  });

  test('its time never runs back, and another key goes on where the old one ended, which stays published', async () => {
    const world = setUp();
    await world.happen();
    const first = await world.checkpointer().sign();
    world.pass(-500);
    await world.happen();
    const second = await world.checkpointer({ keys: [key('c2', 2), key('c1', 1)] }).sign();
    expect(second?.checkpoint.time).toBe(first?.checkpoint.time);
    await world.happen();
    await world.checkpointer({ keys: [key('c3', 3)] }).sign();
    const rows = await expectSound(world);
    const kids = await Promise.all(rows.map(async (row) => (await verifyCheckpoint(row)) as { kid: string }));
    expect(kids.map(({ kid }) => kid)).toEqual(['c1', 'c2', 'c3']);
    expect([...(await world.store.checkpoints.keys()).keys()].sort()).toEqual(['c1', 'c2', 'c3']);
    await expect(world.checkpointer({ keys: [key('c1', 9)] }).sign()).rejects.toThrow('checkpoint key "c1"');
    await world.stop();
  });

  test(`several at once, under traffic, never make a fork (SEED=${SEED})`, { timeout: 60_000 }, async () => {
    const world = setUp();
    const random = seededRandom(SEED);
    const many = [0, 1, 2, 3].map((n) => {
      const store = world.store.connect();
      store.beforeCall = async () => {
        for (let turns = Math.floor(random() * 4); turns > 0; turns--) await new Promise((r) => setImmediate(r));
        if (random() < 0.02) throw new Error('crash');
      };
      return world.checkpointer({ store, keys: [key(`c${n}`, n + 1)] });
    });
    await world.define();
    for (let round = 0; round < 12; round++) {
      await Promise.all([
        world.happen(3, round % 2 === 0 ? 'acme' : 'beta'),
        ...many.map((each) => each.sign().catch(() => null)),
      ]);
    }
    expect((await expectSound(world)).length).toBeGreaterThan(5);
    await world.stop();
  });

  test('a crash at any step is mended by the next one', { timeout: 60_000 }, async () => {
    const world = setUp();
    await world.define();
    await world.happen(3);
    await world.checkpointer().sign();
    let crashed = true;
    for (let step = 0; crashed; step++) {
      await world.happen(1, `w${step % 3}`);
      const store = world.store.connect();
      let calls = 0;
      store.beforeCall = () => {
        if (calls++ === step) throw new Error('crash');
      };
      crashed = await world
        .checkpointer({ store })
        .sign()
        .then(
          () => false,
          () => true,
        );
      await world.checkpointer().sign();
      expect(step).toBeLessThan(50);
    }
    await expectSound(world);
    await world.stop();
  });

  test('nothing is signed that contradicts what was signed: read models that somebody has changed are told', async () => {
    const world = setUp();
    await world.happen(3);
    const checkpointer = world.checkpointer({ everyEvents: 1 });
    await checkpointer.look();
    await checkpointer.stop();
    const { store } = world;
    const forged = store.connect();
    forged.read = (work) =>
      store.read((view) =>
        work({
          ...view,
          // A key that is left out.
          scanHeads: async (...asked) => (await view.scanHeads(...asked)).slice(1),
        }),
      );
    const deceived = world.checkpointer({ store: forged, everyEvents: 1 });
    await world.happen(1);
    deceived.start();
    await until(() => deceived.readiness().degraded.length > 0, 'the trouble is told');
    expect(deceived.readiness()).toMatchObject({
      ready: true,
      degraded: [expect.stringContaining('do not hold what checkpoint@1 has signed of workspace acme')],
    });
    await deceived.stop();
    expect(await chainOf(store)).toHaveLength(1);
    await world.checkpointer().sign();
    expect(await expectSound(world)).toHaveLength(2);
    await world.stop();
  });

  test('one works at a time, and another goes on when it is gone', async () => {
    const world = setUp();
    const [first, second] = [world.checkpointer({ everyEvents: 1 }), world.checkpointer({ everyEvents: 1 })];
    await world.happen();
    await first.look();
    await world.happen();
    await second.look();
    expect(await chainOf(world.store)).toHaveLength(1);
    await first.stop();
    await second.look();
    expect(await chainOf(world.store)).toHaveLength(2);
    await world.stop();
  });

  test('each checkpoint is handed on in order, at least once, whatever fails', async () => {
    const world = setUp();
    const told: number[] = [];
    let failures = 2;
    const onSigned: CheckpointerOptions['onSigned'] = ({ checkpoint }) => {
      told.push(checkpoint.number);
      return failures-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve();
    };
    await world.happen();
    await world.checkpointer().sign();
    const checkpointer = world.checkpointer({ onSigned, everyEvents: 1 });
    await world.happen();
    for (let n = 0; n < 3; n++) await checkpointer.look().catch(() => undefined);
    await world.happen();
    await checkpointer.look();
    await checkpointer.look();
    expect(told).toEqual([1, 1, 1, 2, 3]);
    await world.stop();
  });
});

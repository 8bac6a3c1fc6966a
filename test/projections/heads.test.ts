// Heads at exactly a position: the fold of the log up to it, however far the read models have gone since, and go meanwhile.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KEYSPACES } from '../../events/ids.ts';
import { covers, type Position } from '../../events/position.ts';
import { encodeRecord } from '../../events/record.ts';
import { headsAt, touchedBetween, ViewBehindError } from '../../projections/heads.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { at, createAuthor, created, defined, noted, renamed, seededRandom, testDataKeys } from '../fakes/author.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { foldLog } from '../fakes/expected.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { projected, runProjector } from '../fakes/running.ts';

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
const PARTITIONS = 3;
const WORKSPACES = ['acme', 'beta', 'zulu_9'];

interface World {
  readonly store: ReadStore;
  readonly dispose: () => Promise<void>;
}

const stores: Readonly<Record<string, () => Promise<World>>> = {
  'the in-memory store': () => Promise.resolve({ store: createMemoryStore(), dispose: () => Promise.resolve() }),
  'the embedded store': async () => {
    const directory = await mkdtemp(join(tmpdir(), 'keyfold-heads-'));
    const store = await openEmbeddedStore({ directory, now: at(0) });
    return {
      store,
      dispose: async () => {
        await store.close();
        await rm(directory, { recursive: true });
      },
    };
  },
};

/** By workspace: `key@version head`, by key id. */
type Heads = Readonly<Record<string, readonly string[]>>;

async function foldTo(log: MemoryLog, position: Position, dataKeys: Parameters<typeof foldLog>[1]): Promise<Heads> {
  const before = log.records().filter(({ partition, offset }) => offset < (position[partition] ?? 0));
  const { keys, keyspaces } = await foldLog(before, dataKeys);
  const heads: Record<string, string[]> = {};
  for (const { state } of Object.values(keys))
    (heads[state.workspaceId] ??= []).push(`${state.keyId}@${state.version} ${state.head}`);
  for (const list of Object.values(heads)) list.sort();
  if (keyspaces.version > 0) heads[''] = [`${KEYSPACES}@${keyspaces.version} ${keyspaces.head}`];
  return heads;
}

async function read(store: ReadStore, positions: readonly [Position, ...Position[]], workspaces?: readonly string[]) {
  return store.read(async (view) => {
    const found: Record<string, string[]>[] = positions.map(() => ({}));
    const query = { positions, partitions: PARTITIONS, ...(workspaces ? { workspaces } : {}) };
    for await (const { workspaceId, heads } of headsAt(view, query)) {
      for (const [index, head] of heads.entries())
        if (head) (found[index]![workspaceId] ??= []).push(`${head.key}@${head.version} ${head.head}`);
    }
    return found;
  });
}

for (const [name, open] of Object.entries(stores)) {
  test(
    `heads at any position are the fold of the log up to it, while batches go on being applied, on ${name} (SEED=${SEED})`,
    { timeout: 120_000 },
    async () => {
      const random = seededRandom(SEED);
      const pick = (below: number): number => Math.floor(random() * below);
      const { store, dispose } = await open();
      const log = createMemoryLog({ partitions: PARTITIONS, batchSize: 7 });
      const author = createAuthor({ dataKeys: testDataKeys(store), seed: SEED });
      const projector = runProjector({ log, store, dataKeys: author.dataKeys });
      const keys: { id: string; workspaceId: string }[] = [];
      let profiles = 0;
      const append = async (): Promise<void> => {
        if (pick(20) === 0) {
          profiles += 1;
          await log.append([encodeRecord(await author.next(KEYSPACES, defined({ ...DEFAULT_PROFILE }, profiles)))]);
          return;
        }
        if (keys.length === 0 || pick(3) === 0) {
          const key = { id: author.keyId(`k${keys.length}`), workspaceId: WORKSPACES[pick(WORKSPACES.length)]! };
          keys.push(key);
          await log.append([encodeRecord(await author.next(key.id, created('k'), key))]);
          return;
        }
        const { id, workspaceId } = keys[pick(keys.length)]!;
        const event = [noted('KeyDisabled'), noted('KeyEnabled'), renamed('n')][pick(3)]!;
        const winner = encodeRecord(await author.next(id, event, { workspaceId }));
        const loser = encodeRecord(await author.rival(id, renamed('loser'), { workspaceId }));
        await log.append(random() < 0.3 ? [winner, loser] : [winner]);
      };
      /** Some more events, one by one, as the event loop comes by. */
      const write = async (): Promise<void> => {
        for (let n = 0; n < 30; n++) {
          await append();
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      for (let n = 0; n < 60; n++) await append();
      await projected(log, store);
      let ahead = 0;
      for (let round = 0; round < 15; round++) {
        const writing = write();
        const { checkpoint } = await store.read((view) => Promise.resolve(view));
        const later = Object.fromEntries(Object.entries(checkpoint).map(([p, to]) => [p, pick(to + 1)]));
        const earlier = Object.fromEntries(Object.entries(later).map(([p, to]) => [p, pick(to + 1)]));
        const positions = round % 3 === 0 ? ([earlier, checkpoint] as const) : ([earlier, later] as const);
        const some = round % 2 === 0 ? undefined : ['', ...WORKSPACES.slice(pick(2))];
        const found = await read(store, [...positions] as [Position, ...Position[]], some);
        for (const [index, position] of positions.entries()) {
          const expected = await foldTo(log, position, author.dataKeys);
          const wanted = Object.entries(expected).filter(([id]) => some === undefined || some.includes(id));
          expect(found[index], `SEED=${SEED} round ${round}`).toEqual(Object.fromEntries(wanted));
        }
        const [before, after] = await Promise.all(positions.map((each) => foldTo(log, each, author.dataKeys)));
        const changed = Object.keys(after!).filter((id) => after![id]!.join() !== before![id]?.join());
        const touched = await store.read((view) => touchedBetween(view, positions[0], positions[1], PARTITIONS));
        expect([...touched].sort(), `SEED=${SEED} round ${round}`).toEqual(changed.sort());
        if (!covers(positions[1], (await store.control()).generations[0]!.checkpoint)) ahead += 1;
        await writing;
      }
      await projector.stop();
      await dispose();
      expect(ahead).toBeGreaterThan(8); // or nothing went on meanwhile
    },
  );
}

test('a position that the read models have not reached is refused', async () => {
  const store = createMemoryStore();
  await expect(read(store, [{ 0: 1 }])).rejects.toBeInstanceOf(ViewBehindError);
});

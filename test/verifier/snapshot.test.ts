// Snapshots: what a view knew it knows again, and whatever has become of the file, no view is made of anything else.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReadStore } from '../../projections/read-store.ts';
import { createMetrics } from '../../services/shared/metrics.ts';
import { createChecker } from '../../services/verifier/checker.ts';
import { restore, sectionsOf } from '../../services/verifier/snapshot.ts';
import { readSections, SNAPSHOT_FORMAT, writeSections } from '../../services/verifier/snapshot-file.ts';
import { createSnapshots } from '../../services/verifier/snapshots.ts';
import { createView, FROM_NOTHING, type View } from '../../services/verifier/view.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { createRandom, SEED } from './random.ts';
import { randomHistory } from './random-history.ts';
import { batches, createWriter, project, silent } from './support.ts';
import { code, fullFold, knowledge, PEPPERS, setUp, tail } from './view-support.ts';

const NEVER = new AbortController().signal;
const ORIGIN = { partitions: 1, marks: [], checks: [] };
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-snapshot-'));
});
afterAll(async () => rm(folder, { recursive: true }));
let files = 0;
const newFile = (): string => join(folder, `${++files}.snapshot`);

const snapshotsOn = (file: string, log: MemoryLog, store: ReadStore, maxKeys = Infinity) =>
  createSnapshots({ ...{ file, log, store, maxKeys }, peppers: PEPPERS, logger: silent });

function inMemory(view: View): View {
  const sections = sectionsOf(view, ORIGIN, Infinity);
  const written = [...sections].map((section) => Uint8Array.from(section).buffer);
  sections.end();
  return createView(restore(written, Infinity).beginning, PEPPERS);
}

/** Folds some of what the log holds beyond a view. */
function tailSome(view: View, log: MemoryLog, most: (left: number) => number): void {
  for (const { partition, records } of batches(log)) {
    const from = view.position[partition] ?? 0;
    for (const record of records.slice(from, from + most(records.length - from))) view.fold(record);
  }
}

describe('a snapshot', () => {
  test(`and the tail from its position are the fold of the whole log, for 200 random histories (SEED=${SEED})`, async () => {
    const file = newFile();
    for (let round = 0; round < 200; round++) {
      const seed = SEED + round;
      const random = createRandom(seed * 7);
      const log = createMemoryLog({ partitions: 3 });
      const store = createMemoryStore();
      const writer = createWriter({ seed });
      await randomHistory(seed, log, store, writer);
      const view = createView(FROM_NOTHING, PEPPERS);
      tailSome(view, log, (left) => random.below(left + 1));
      const viaFile = async (): Promise<View | null> => {
        await snapshotsOn(file, log, store).close(view);
        return snapshotsOn(file, log, createMemoryStore()).read(NEVER);
      };
      const read = round % 20 === 0 ? await viaFile() : inMemory(view);
      if (read === null) throw new Error(`SEED=${seed}: it was not read`);
      expect(knowledge(read, log), `SEED=${seed}`).toEqual(knowledge(view, log));
      const whole = fullFold(log);
      tail(read, log);
      expect(knowledge(read, log), `SEED=${seed}`).toEqual(knowledge(whole, log));
      for (const name of ['a', 'b', 'c', 'd']) {
        for (const back of [0, 1, 2]) {
          const text = writer.secretOf(writer.keyId(name), back);
          expect(code(read, text), `SEED=${seed} ${name}`).toBe(code(whole, text));
        }
      }
    }
  }, 300_000);

  test('protocol V4: what is folded while it is written is not in it, and is tailed from its position', () => {
    const { log, writer } = setUp();
    log.put(writer.keyspace());
    // More than one full block of keys.
    for (let i = 0; i < 17_000; i++) log.put(writer.create(`k${i}`, { ownerId: `u${i % 7}` }));
    const view = tail(createView(FROM_NOTHING, PEPPERS), log);
    const before = { ...view.position };
    const [first, late, fresh] = [writer.keyId('k0'), writer.keyId('k16999'), writer.keyId('new')];
    const text = writer.secretOf(first);
    const changes = [
      writer.event(first, 'KeyDisabled', {}),
      writer.regenerate(late, 0),
      writer.create('new', { ownerId: 'nobody else', scopes: ['other'] }),
      writer.event(late, 'KeyDeleted', { destroyedDataKey: null }),
    ];
    const sections = sectionsOf(view, ORIGIN, Infinity);
    const written: ArrayBuffer[] = [];
    for (const section of sections) {
      // One change before each of the next sections is read, the first behind the head.
      const [change] = changes.splice(0, written.length === 0 ? 0 : 1);
      if (change) log.put(change);
      tail(view, log);
      written.push(Uint8Array.from(section).buffer);
    }
    sections.end();
    expect(changes).toEqual([]);
    const restored = createView(restore(written, Infinity).beginning, PEPPERS);
    expect(restored.position).toEqual(before);
    expect(code(restored, text)).toBe('VALID');
    expect(restored.keys.get(fresh)).toBeNull();
    expect(restored.keys.get(late)?.version).toBe(1);
    tail(restored, log);
    expect(knowledge(restored, log)).toEqual(knowledge(view, log));
    expect(code(restored, text)).toBe('DISABLED');
    // The next one may begin.
    sectionsOf(view, ORIGIN, Infinity).end();
  }, 120_000);

  test('of a view that holds some of the keys comes back as it was, and goes on missing the others', async () => {
    const { log, store, writer } = setUp();
    await log.append([writer.keyspace(), ...Array.from({ length: 40 }, (_, i) => writer.create(`k${i}`))]);
    await project(log, store);
    const view = tail(createView({ ...FROM_NOTHING, maxKeys: 10 }, PEPPERS), log);
    const file = newFile();
    await snapshotsOn(file, log, store, 10).close(view);
    const read = await snapshotsOn(file, log, store, 10).read(NEVER);
    expect(read?.complete).toBe(false);
    expect(read?.keys.size).toBe(10);
    for (let i = 0; i < 40; i++) {
      const text = writer.secretOf(writer.keyId(`k${i}`));
      expect(read?.find(text)?.record.keyId).toBe(view.find(text)?.record.keyId);
      expect(read?.lacks(text)).toBe(false);
    }
    // A smaller bound: the store is read anew.
    expect(await snapshotsOn(file, log, store, 9).read(NEVER)).toBeNull();
  });

  test('takes from the store which records beyond its position are settled', async () => {
    const { log, store, writer } = setUp();
    await log.append([writer.keyspace(), writer.create('a')]);
    const file = newFile();
    await snapshotsOn(file, log, store).close(tail(createView(FROM_NOTHING, PEPPERS), log));
    // A record that this build can read and the one that parked it could not; an operator has retried it since.
    const keyId = writer.keyId('a');
    const [position] = await log.append([writer.event(keyId, 'KeyDisabled', {})]);
    if (position === undefined) throw new Error('it was appended');
    const row = { aggregateId: keyId, key: keyId, value: new Uint8Array(), headers: {}, digest: 'd', reason: 'new' };
    await store.parked.park({ ...row, position, time: '2026-01-01T00:00:00.000Z', status: 'OPEN' });
    await store.parked.resolve([position], 'RETRIED');
    const read = await snapshotsOn(file, log, store).read(NEVER);
    if (read === null) throw new Error('it was not read');
    expect(code(tail(read, log), writer.secretOf(keyId))).toBe('VALID');
  });
});

describe("a snapshot's file", () => {
  async function written() {
    const { log, store, writer } = setUp();
    await log.append([writer.keyspace(), writer.create('a'), writer.create('b')]);
    const view = tail(createView(FROM_NOTHING, PEPPERS), log);
    const file = newFile();
    await snapshotsOn(file, log, store).close(view);
    return { log, store, writer, view, file, bytes: await readFile(file) };
  }
  const isRefused = async (file: string): Promise<boolean> =>
    readSections(file, NEVER).then(
      () => false,
      (error: unknown) => (error as { code?: string }).code === 'SNAPSHOT_REFUSED',
    );

  test('is for its owner only, and leaves nothing beside it', async () => {
    const { file } = await written();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await expect(stat(`${file}.tmp`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is refused whole when it was cut anywhere', async () => {
    const { file, bytes } = await written();
    const used: number[] = [];
    for (let length = 0; length < bytes.length; length += length < 200 ? 1 : 17) {
      await writeFile(file, bytes.subarray(0, length));
      if (!(await isRefused(file))) used.push(length);
    }
    expect(used).toEqual([]);
  }, 60_000);

  test('is refused whole when any byte of it was changed', async () => {
    const { file, bytes } = await written();
    const used: number[] = [];
    for (let at = 0; at < bytes.length; at += at < 200 ? 1 : 17) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      await writeFile(file, changed);
      if (!(await isRefused(file))) used.push(at);
    }
    expect(used).toEqual([]);
  }, 60_000);

  test('is refused when another format wrote it, and when it is no snapshot', async () => {
    const { file, bytes, log, store } = await written();
    const newer = Buffer.from(bytes);
    newer.writeUInt32LE(SNAPSHOT_FORMAT + 1, 16);
    await writeFile(file, newer);
    await expect(readSections(file, NEVER)).rejects.toThrow(
      `its format is ${SNAPSHOT_FORMAT + 1}, not ${SNAPSHOT_FORMAT}`,
    );
    await writeSections(file, [Buffer.from('{}')]);
    expect(await snapshotsOn(file, log, store).read(NEVER)).toBeNull();
    await writeFile(file, '');
    expect(await snapshotsOn(file, log, store).read(NEVER)).toBeNull();
    expect(await snapshotsOn(join(folder, 'none'), log, store).read(NEVER)).toBeNull();
    expect(await snapshotsOn(folder, log, store).read(NEVER)).toBeNull();
  });

  test('is refused when it is of another log, of one that has lost its end, or of another installation', async () => {
    const { file, store, writer, log } = await written();
    const shorter = createMemoryLog({ partitions: 1 });
    for (const { key, value } of log.records().slice(0, 2)) shorter.put({ key: key ?? '', value });
    expect(await snapshotsOn(file, shorter, store).read(NEVER)).toBeNull();
    const other = createMemoryLog({ partitions: 1 });
    for (let i = 0; i < 9; i++) other.put(writer.create(`other${i}`));
    expect(await snapshotsOn(file, other, store).read(NEVER)).toBeNull();
    expect(await snapshotsOn(file, createMemoryLog({ partitions: 2 }), store).read(NEVER)).toBeNull();
    expect(await snapshotsOn(file, log, store).read(NEVER)).not.toBeNull();
    await store.checks.add('pepper:p1', 'here');
    await log.append([writer.create('c')]);
    await snapshotsOn(file, log, store).close(tail(createView(FROM_NOTHING, PEPPERS), log));
    const elsewhere = createMemoryStore();
    await elsewhere.checks.add('pepper:p1', 'there');
    expect(await snapshotsOn(file, log, elsewhere).read(NEVER)).toBeNull();
    expect(await snapshotsOn(file, log, store).read(NEVER)).not.toBeNull();
  });
});

describe('a verifier with a snapshot', () => {
  test('knows all from it and the log while the store is away; without a lease it answers nothing yet (L10)', async () => {
    const { log, store, writer } = setUp();
    await log.append([writer.keyspace(), writer.create('a')]);
    await project(log, store);
    const snapshotFile = newFile();
    const start = () => {
      const metrics = createMetrics({ defaults: false });
      const options = { log, store, peppers: PEPPERS, maxStalenessMs: 60_000, logger: silent, metrics, snapshotFile };
      const checker = createChecker(options);
      checker.start();
      return checker;
    };
    const first = start();
    expect(await first.whenReady(AbortSignal.timeout(5000))).toBe(true);
    await first.stop();
    const keyId = writer.keyId('a');
    await log.append([writer.event(keyId, 'KeyDisabled', {})]);
    store.setDown(true);
    const second = start();
    expect(await second.whenReached(await log.end(), AbortSignal.timeout(5000))).toBe(true);
    expect(second.view()?.keys.get(keyId)?.status).toBe('DISABLED');
    expect(second.check({ key: writer.secretOf(keyId) })).toBeNull();
    await second.stop();
  }, 20_000);
});

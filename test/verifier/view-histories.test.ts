// Load + tail = the fold of the whole log, over random histories, good and bad.
import { describe, expect, test } from 'vitest';
import { KEYSPACES } from '../../events/ids.ts';
import type { NewRecord } from '../../events/log.ts';
import { encodeRecordPosition, type Position } from '../../events/position.ts';
import { createView, FROM_NOTHING } from '../../services/verifier/view.ts';
import { createMemoryLog, type MemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { createRandom, SEED } from './random.ts';
import { batches, createWriter, NOW, plain, project, type Writer } from './support.ts';
import { code, fullFold, knowledge, load, PEPPERS, tail, whenScanned } from './view-support.ts';

/** A history of everything that may happen to a log, good and bad. */
async function randomHistory(seed: number, log: MemoryLog, store: MemoryStore, writer: Writer): Promise<void> {
  const random = createRandom(seed);
  const names = ['a', 'b', 'c', 'd'];
  const created = new Set<string>();
  const written: NewRecord[] = [];
  const reader = createView(FROM_NOTHING, PEPPERS);
  let profiles = 0;
  const put = async (record: NewRecord) => {
    written.push(record);
    await log.append([record]);
  };
  for (let step = 0; step < 40; step++) {
    const name = random.pick(names);
    const id = writer.keyId(name);
    const dice = random.below(100);
    if (!created.has(name)) {
      created.add(name);
      await put(writer.create(name, { scopes: random.some(['r', 'w', 'x']), expiresAt: null }));
    } else if (dice < 8) await put(writer.keyspace(undefined, ++profiles));
    else if (dice < 20) await put(writer.event(id, 'KeyDisabled', {}));
    else if (dice < 30) await put(writer.event(id, 'KeyEnabled', {}));
    else if (dice < 42) await put(writer.regenerate(id, NOW + random.pick([-90_000_000, 1000])));
    else if (dice < 48) await put(writer.event(id, 'PreviousSecretRetired', {}));
    else if (dice < 50) await put(writer.event(id, 'KeyRevoked', { reason: null }));
    // A loser: it extends a head that has moved on by the time it lands.
    else if (dice < 58) {
      const loser = writer.draft(id, plain('KeyRevoked', { reason: 'late' }));
      await put(writer.event(id, 'KeyEnabled', {}));
      await put(loser);
    }
    // A gap, and a fork ahead of the head.
    else if (dice < 64) {
      const head = writer.head(id);
      await put(writer.draft(id, plain('KeyDisabled', {}), { ...head, version: head.version + 1 + random.below(2) }));
    } else if (dice < 70) {
      await put(writer.draft(id, plain('KeyDisabled', {}), { ...writer.head(id), head: 'a'.repeat(64) }));
    } else if (dice < 76) {
      const value = Buffer.from(`junk ${random.below(4)}`);
      log.put(random.pick([{ key: id, value }, { key: 'stray', value }, { value }]));
    }
    // A copy of anything: a resend, or an operator's retry.
    else if (dice < 86) await log.append([random.pick(written)]);
    else {
      const open = [...tail(reader, log).quarantine.open.values()];
      if (open.length === 0) continue;
      // An operator discards what the projector has parked.
      await project(log, store);
      const { position, aggregateId } = random.pick(open);
      const discard = plain('RecordDiscarded', { position: encodeRecordPosition(position), reason: 'random' });
      await put(
        writer.write(aggregateId === null || !created.has(nameOf(aggregateId)) ? KEYSPACES : aggregateId, discard),
      );
    }
  }

  function nameOf(aggregateId: string): string {
    return names.find((name) => writer.keyId(name) === aggregateId) ?? '';
  }
}

describe(`load + tail = the fold of the whole log (SEED=${SEED})`, () => {
  test('for 200 random histories, projected to random positions, with checkpoints that lag behind the rows', async () => {
    let quarantines = 0;
    for (let round = 0; round < 200; round++) {
      const seed = SEED + round;
      const random = createRandom(seed * 7919);
      const log = createMemoryLog({ partitions: 3 });
      const store = createMemoryStore();
      const writer = createWriter({ seed });
      await randomHistory(seed, log, store, writer);
      const somewhere = (): Position =>
        Object.fromEntries(batches(log).map(({ partition, next }) => [partition, random.below(next + 1)]));
      await project(log, store, somewhere());
      if (random.chance(50)) {
        let steps = random.below(12);
        store.beforeStep = ({ kind }) => {
          if (kind === 'checkpoint' && steps-- <= 0) throw new Error('killed');
        };
        await project(log, store).catch((error: unknown) => expect(error).toEqual(new Error('killed')));
        store.beforeStep = () => undefined;
      }
      const source = random.chance(50) ? whenScanned(store, () => project(log, store, somewhere())) : store;
      const view = tail(await load(source, log), log);
      const whole = fullFold(log);
      expect(knowledge(view, log), `SEED=${seed}`).toEqual(knowledge(whole, log));
      for (const name of ['a', 'b', 'c', 'd']) {
        const text = writer.secretOf(writer.keyId(name));
        expect(code(view, text), `SEED=${seed} ${name}`).toBe(code(whole, text));
      }
      quarantines += whole.quarantine.open.size;
    }
    expect(quarantines).toBeGreaterThan(100);
  }, 300_000);
});

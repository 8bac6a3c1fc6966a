// Random histories: everything that may happen to a log, good and bad.
import { KEYSPACES } from '../../events/ids.ts';
import type { NewRecord } from '../../events/log.ts';
import { encodeRecordPosition } from '../../events/position.ts';
import { createView, FROM_NOTHING } from '../../services/verifier/view.ts';
import type { MemoryLog } from '../fakes/memory-log.ts';
import type { MemoryStore } from '../fakes/memory-store.ts';
import { createRandom } from './random.ts';
import { NOW, plain, project, type Writer } from './support.ts';
import { PEPPERS, tail } from './view-support.ts';

/** A history of everything that may happen to a log, good and bad. */
export async function randomHistory(seed: number, log: MemoryLog, store: MemoryStore, writer: Writer): Promise<void> {
  const step = createHistory(seed, log, store, writer);
  for (let i = 0; i < 40; i++) await step();
}

/** The same, a step at a time. */
export function createHistory(
  seed: number,
  log: MemoryLog,
  store: MemoryStore,
  writer: Writer,
  names: readonly string[] = ['a', 'b', 'c', 'd'],
): () => Promise<void> {
  const random = createRandom(seed);
  const created = new Set<string>();
  const written: NewRecord[] = [];
  const reader = createView(FROM_NOTHING, PEPPERS);
  let profiles = 0;
  const put = async (record: NewRecord) => {
    written.push(record);
    await log.append([record]);
  };
  async function step(): Promise<void> {
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
      if (open.length === 0) return;
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
  return step;
}

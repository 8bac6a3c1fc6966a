// Load + tail = the fold of the whole log, over random histories, good and bad.
import { describe, expect, test } from 'vitest';
import type { Position } from '../../events/position.ts';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { createRandom, SEED } from './random.ts';
import { randomHistory } from './random-history.ts';
import { batches, createWriter, project } from './support.ts';
import { code, fullFold, knowledge, load, tail, whenScanned } from './view-support.ts';

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

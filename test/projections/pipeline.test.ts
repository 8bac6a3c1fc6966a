// The projector's pipeline: a part is loaded and reduced while the one in front of it is written, and counts only if that
// was written as it was foreseen.
import { describe, expect, test } from 'vitest';
import type { BatchResult } from '../../projections/batch.ts';
import { recordsOf, testDataKeys } from '../fakes/author.ts';
import { projected, runProjector, until } from '../fakes/running.ts';
import { expectFold, history, stopAll, world } from './world.ts';

/** A gate in front of a step: held until it is opened. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe('the projector’s pipeline', () => {
  test('loads a part before the one in front of it is written', async () => {
    const w = world({ partitions: 1 });
    await w.log.append(recordsOf(await history(w, 1, 6)));
    const held = gate();
    const dataKeys = testDataKeys(w.store);
    let read = 0;
    const counting = {
      open: (...args: Parameters<typeof dataKeys.open>) => {
        read += 1;
        return dataKeys.open(...args);
      },
    } as typeof dataKeys;
    let loads = 0;
    let loadsWhileHeld = 0;
    w.store.beforeCall = async (name) => {
      if (name !== 'keys') return;
      loads += 1;
      await until(() => read >= 2, 'the second part to be read');
    };
    w.store.beforeStep = ({ kind }) => {
      if (kind !== 'checkpoint' || loadsWhileHeld > 0) return undefined;
      loadsWhileHeld = loads;
      return held.opened;
    };
    const projector = runProjector({ ...w, batchSize: 2, dataKeys: counting });
    await until(() => loadsWhileHeld > 0, 'the first part to be written');
    expect(loadsWhileHeld).toBe(2);
    held.open();
    await projected(w.log, w.store);
    await stopAll(projector);
    await expectFold(w);
  });

  test('protocol P2: what was prepared onto rows that another projector then wrote is folded anew', async () => {
    const w = world({ partitions: 1 });
    await w.log.append(recordsOf(await history(w, 2, 12)));
    const held = gate();
    let isHeld = false;
    w.store.beforeStep = ({ kind }) => {
      if (kind !== 'keys' || isHeld) return undefined;
      isHeld = true;
      return held.opened;
    };
    const results: BatchResult[] = [];
    const hooks = { onBatch: (_: string, result: BatchResult) => void results.push(result) };
    const slow = runProjector({ ...w, group: 'slow', batchSize: 3, hooks });
    await until(() => isHeld, 'the first part to be written');
    const elsewhere = w.store.connect();
    const fast = runProjector({ ...w, store: elsewhere, group: 'fast', batchSize: 5 });
    await projected(w.log, elsewhere);
    held.open();
    await until(() => results.reduce((sum, { records }) => sum + records, 0) === 24, 'the slow one to get through');
    await stopAll(slow, fast);
    expect(results.some(({ conflicts }) => conflicts > 0)).toBe(true);
    await expectFold(w);
  });

  test('a part that fails to be written is prepared and written again, and those behind it too', async () => {
    const w = world({ partitions: 1 });
    await w.log.append(recordsOf(await history(w, 3, 10)));
    let steps = 0;
    w.store.beforeStep = () => {
      if (++steps % 13 === 0) throw new Error('a crash');
    };
    const projector = runProjector({ ...w, batchSize: 4 });
    await projected(w.log, w.store);
    await stopAll(projector);
    expect(steps).toBeGreaterThan(14);
    await expectFold(w);
  });
});

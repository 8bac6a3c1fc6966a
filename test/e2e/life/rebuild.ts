// A rebuild of the read models beside the live ones, under traffic.
import { expect, test } from 'vitest';
import { payload, type Api } from '../../support/api.ts';
import { change, createKey } from '../../support/keys.ts';
import type { Started } from './started.ts';

export function rebuild(started: Started): void {
  test('a rebuild beside the live read models goes on under mutations, tells its progress, and loses nothing', async () => {
    const { admin, verify } = started();
    const { keyId, secret } = await createKey(admin, { name: 'Rebuilt' });
    const done = new AbortController();
    let changes = 0;
    const changing = (async () => {
      while (!done.signal.aborted) {
        await change(admin, 'changeScopes', keyId, { scopes: [`n:${++changes}`] });
        expect((await admin.key(keyId))?.scopes).toEqual([`n:${changes}`]);
      }
    })();
    let generation = '';
    const progress: number[] = [];
    // One may be over before anybody has looked: then there is another.
    for (let round = 0; round < 10 && progress.length === 0; round++) {
      const told = await watchRebuild(admin).catch((error: unknown) => {
        done.abort();
        throw error;
      });
      ({ generation } = told);
      progress.push(...told.progress);
    }
    done.abort();
    await changing;

    expect(progress.length).toBeGreaterThan(0);
    for (const value of progress) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    }
    const events = await admin.history(keyId);
    expect(events.map(({ version }) => version)).toEqual(Array.from({ length: changes + 1 }, (_, n) => n + 1));
    expect(await verify(secret, events.at(-1)!.position, { scopes: [`n:${changes}`] })).toBe('VALID');
    expect((await admin.health()).projections).toMatchObject([{ generation, rebuild: null, parked: [] }]);
  });
}

/** Asks for a rebuild and watches it to its end: the new generation, and the progress that was told on the way. */
async function watchRebuild(api: Api): Promise<{ readonly generation: string; readonly progress: readonly number[] }> {
  const old = (await api.health()).projections[0]?.generation;
  const progress: number[] = [];
  const asked = new AbortController();
  const watching = (async () => {
    for (;;) {
      const underWay = asked.signal.aborted;
      const [keys] = (await api.health()).projections;
      if (keys?.generation !== old) return;
      if (keys?.rebuild) progress.push(keys.rebuild.progress);
      else if (underWay) throw new Error('the rebuild was given up');
    }
  })();
  const { generation } = payload(await api.settle('rebuildProjections', {}));
  asked.abort();
  await watching;
  const { projections } = await api.health();
  expect(projections).toMatchObject([{ generation }]);
  return { generation: generation ?? '', progress };
}

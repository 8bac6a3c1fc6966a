// The ReadStore contract: how far the public topic is.
import { describe, expect, test } from 'vitest';
import type { OpenFixture } from './read-store-fixture.ts';

export function publicationTests(open: OpenFixture): void {
  describe('publication', () => {
    test('begins at nothing, goes on partition by partition, and never back, for every process', async () => {
      const { store, another } = await open();
      expect(await store.publication.position()).toEqual({});
      await store.publication.advance({ 0: 5, 2: 1 });
      await (await another()).publication.advance({ 0: 3, 1: 4, 2: 9 });
      await store.publication.advance({});
      expect(await store.publication.position()).toEqual({ 0: 5, 1: 4, 2: 9 });
    });

    test('is one process’s at a time: whoever claims it while another holds it waits until that one’s time is over', async () => {
      const { store } = await open();
      const { publication } = store;
      expect(await publication.claim('a', 60_000)).toBe(true);
      expect(await publication.claim('b', 60_000)).toBe(false);
      expect(await publication.claim('a', 60_000)).toBe(true);
      expect(await publication.claim('a', 0)).toBe(true);
      expect(await publication.claim('b', 60_000)).toBe(true);
      expect(await publication.claim('a', 60_000)).toBe(false);
      expect(await publication.position()).toEqual({});
    });
  });
}

// A start without a pepper that keys need: it is said how many secrets are refused, those of keys that are not held too.
import { describe, expect, test } from 'vitest';
import type { ReadStore } from '../../projections/read-store.ts';
import type { Logger } from '../../services/shared/logger.ts';
import { loadView } from '../../services/verifier/load-view.ts';
import { tellMissingPeppers } from '../../services/verifier/missing-peppers.ts';
import { NOW, OLD_PEPPER, PEPPER, project } from './support.ts';
import { setUp } from './view-support.ts';

const { signal } = new AbortController();

/** Three keys under a pepper, one of them with a second secret in an overlap. */
async function given(maxKeys: number, peppers = [OLD_PEPPER]) {
  const { log, store, writer } = setUp();
  await log.append([
    writer.keyspace(),
    ...['a', 'b', 'c'].map((name) => writer.create(name)),
    writer.regenerate(writer.keyId('a'), NOW + 3_600_000),
  ]);
  await project(log, store);
  const view = await loadView({ store, partitions: log.partitions, peppers, maxKeys, signal });
  const told: [object, string][] = [];
  const logger = {
    warn: (fields: object, line: string) => told.push([fields, line]),
    debug: () => undefined,
  } as unknown as Logger;
  const tell = (from: Pick<ReadStore, 'read'> = store) => tellMissingPeppers(view, { store: from, logger, signal });
  return { view, tell, told };
}

describe.each([
  ['a view of all keys', Infinity],
  ['a view of one key of three', 1],
])('%s', (_, maxKeys) => {
  test('tells how many secrets are refused, and by which pepper', async () => {
    const { view, tell, told } = await given(maxKeys);
    await tell();
    expect(told).toEqual([
      [{ missing: [PEPPER.id], secrets: 4 }, expect.stringMatching(/KEYFOLD_PEPPERS: 4; keyfold peppers status/)],
    ]);
    expect(view.missingPeppers()).toEqual([PEPPER.id]);
  });

  test('tells nothing where no pepper is missing', async () => {
    const { tell, told } = await given(maxKeys, [PEPPER, OLD_PEPPER]);
    await tell();
    expect(told).toEqual([]);
  });
});

test('of a store that cannot be asked, what the view holds is told', async () => {
  const { tell, told } = await given(1);
  await tell({ read: () => Promise.reject(new Error('away')) });
  expect(told).toMatchObject([[{ missing: [PEPPER.id], secrets: 1 }, expect.anything()]]);
});

// Operators who change keyspaces at the same time: all profiles are one aggregate, and whoever means another keyspace than
// the winner is none of its losers.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryLog } from '../fakes/memory-log.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { startInstallation, type Installation, type Instance } from './installation.ts';

let installation: Installation;
let apis: readonly Instance[];

beforeEach(async () => {
  const store = createMemoryStore();
  installation = await startInstallation({ log: createMemoryLog(), store });
  apis = [installation.instance(store.connect()), installation.instance(store.connect())];
});
afterEach(() => installation.stop());

const sourceOf = (slug: string, name: string): string =>
  JSON.stringify({ slug, name, types: [{ id: 'secret', label: 'Secret key', prefix: slug }] });
const define = (slug: string, name: string, rest: { ifVersion?: number } = {}, by = 0) =>
  apis[by % apis.length]!.run('defineKeyspace', null, { source: sourceOf(slug, name) }, rest);

describe('keyspaces that are changed at the same time', () => {
  test('are all changed: twelve new ones, by two processes', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, number) => define(`k${number}x`, `Product ${number}`, {}, number)),
    );
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error))).toEqual(Array<string>(12).fill('ok'));
  });

  test('protocol W1: a change of one is not refused for its version because another one was changed', async () => {
    expect(await define('aa', 'A 1')).toMatchObject({ ok: true });
    for (let version = 1; version <= 5; version++) {
      const [mine, ...others] = await Promise.all([
        define('aa', `A ${version + 1}`, { ifVersion: version }),
        ...[1, 2, 3].map((number) => define('bb', `B ${version}.${number}`, {}, number)),
      ]);
      expect(mine).toMatchObject({ ok: true });
      for (const other of others) expect(other).toMatchObject({ ok: true });
    }
  });

  test('protocol W1: of two changes of one at the same version one is refused, with the version of that keyspace', async () => {
    expect(await define('aa', 'A')).toMatchObject({ ok: true });
    for (let number = 0; number < 4; number++) await define('bb', `B ${number}`);
    const outcomes = await Promise.all([0, 1].map((by) => define('aa', `A by ${by}`, { ifVersion: 1 }, by)));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.find(({ ok }) => !ok)).toMatchObject({
      error: {
        type: 'VersionConflict',
        expected: 1,
        actual: 2,
      },
    });
  });
});

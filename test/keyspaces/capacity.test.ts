// What all profiles together may come to, and what is kept of their past.
import { describe, expect, test } from 'vitest';
import { capacityProblems, MAX_ALL_PROFILES_BYTES } from '../../events/keyspaces/capacity.ts';
import { planKeyspace } from '../../events/keyspaces/define.ts';
import { profile as schema, type Profile } from '../../events/keyspaces/profile.ts';
import { NO_KEYSPACES, type KeyspaceEntry } from '../../events/keyspaces/state.ts';
import { withFormat, type DatedFormat } from '../../events/keyspaces/token-format.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';

const DEFAULT: Profile = schema.parse(DEFAULT_PROFILE);
const called = (slug: string, text = ''): Profile => ({
  ...DEFAULT,
  slug,
  texts: { ...DEFAULT.texts, subtitle: text },
});
const entry = (profile: Profile): KeyspaceEntry => ({ version: 1, profile, changedAt: '', formats: [] });

describe('all profiles together', () => {
  const others = { a: entry(called('a', 'x'.repeat(1000))), b: entry(called('b', 'y'.repeat(1000))) };
  const bytes = Buffer.byteLength(JSON.stringify([...Object.values(others), called('c')]));

  test('are bounded: the edge is taken, and one byte more is a problem that tells both numbers', () => {
    expect(capacityProblems(called('c'), { profiles: others }, bytes)).toEqual([]);
    const [problem, ...more] = capacityProblems(called('c', 'z'), { profiles: others }, bytes);
    expect(more).toEqual([]);
    expect(problem?.message).toMatch(/together may have \d+ bytes as JSON, and would have \d+/);
  });

  test('can be changed to less where there is no room left', () => {
    expect(capacityProblems(called('a', 'x'), { profiles: others }, bytes - 1000)).toEqual([]);
  });

  test('are told to whoever defines one too many, with all other problems', () => {
    const large = Object.fromEntries(
      Array.from({ length: 140 }, (_, n) => [`k${n}`, entry(called(`k${n}`, 'x'.repeat(60_000)))]),
    );
    const plan = planKeyspace(JSON.stringify({ ...DEFAULT_PROFILE, slug: 'one-more' }), {
      ...NO_KEYSPACES,
      profiles: large,
    });
    expect(plan.profile).toBeNull();
    expect(plan.problems.some(({ message }) => message.includes('must leave room for the other keyspaces'))).toBe(true);
  });

  test('fit into a document of MongoDB with room to spare', () => {
    expect(MAX_ALL_PROFILES_BYTES * 2).toBeLessThan(16 * 2 ** 20);
  });
});

test('what a keyspace’s types are called, and allow, may change for ever: only how secrets are written is kept', () => {
  let formats: readonly DatedFormat[] = [];
  for (let version = 1; version <= 500; version++) {
    const types = DEFAULT.types.map((type) => ({
      ...type,
      label: `Label ${version}`,
      scopes: [`s${version}`],
    }));
    formats = withFormat(formats, version, { ...DEFAULT, types });
  }
  expect(formats).toHaveLength(1);
  expect(JSON.stringify(formats).length).toBeLessThan(300);
});

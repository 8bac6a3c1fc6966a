// Who could: the list of keys by a scope that is asked of them, against what the verifier answers for the very same keys.
import { describe, expect, test } from 'vitest';
import { scopeCatalogue } from '../../events/keyspaces/permissions.ts';
import { compilePolicy } from '../../services/verifier/policy.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { KeysDocument, type KeysQueryVariables } from '../generated/graphql.ts';
import { preset, PRESETS } from '../keyspaces/presets.ts';
import { ADMIN, createInstallation } from './installation.ts';

const REST = { resources: { all: true, ids: [] }, flags: [], origins: [], ipRanges: [], rateLimit: null };

/** Every set of one scope, none, and everything. */
function contents(slug: (typeof PRESETS)[number]) {
  const { permissions } = preset(slug);
  const all = [...new Set([...scopeCatalogue(permissions).scopes.map(({ id }) => id), ...permissions.superScopes])];
  const sets = all.map((scope) => ({ scopes: [scope], unrestricted: false }));
  return { all, sets: [...sets, { scopes: [], unrestricted: false }, { scopes: [], unrestricted: true }] };
}

describe.each(PRESETS)('keys of the preset %s', (slug) => {
  test('are listed by what they allow exactly where the verifier lets them in', async () => {
    const profile = preset(slug);
    const own = await createInstallation({ profiles: [profile] });
    try {
      const { all, sets } = contents(slug);
      const nameOf = (set: (typeof sets)[number]): string => (set.unrestricted ? 'all' : (set.scopes[0] ?? 'none'));
      for (const set of sets) await own.plant([nameOf(set)], { keyspace: slug, data: set });
      for (const scope of [...all, 'something:else']) {
        const lets = (set: (typeof sets)[number]): boolean =>
          compilePolicy({ type: profile.types[0]!.id, ...REST, ...set }, { profile, version: 1 } as never).grants(
            scope,
          );
        const args: KeysQueryVariables = { workspace: 'acme', first: 100, filter: { allows: scope } };
        const { keys } = (await own.run(KeysDocument, args, ADMIN)).workspace!;
        const listed = keys.edges.map(({ node }) => node.name);
        expect(listed.sort(), scope).toEqual(sets.filter(lets).map(nameOf).sort());
        expect(keys.totalCount, scope).toBe(listed.length);
      }
    } finally {
      await own.stop();
    }
  });
});

test('what one keyspace implies says nothing of the keys of another', async () => {
  const own = await createInstallation({
    profiles: [
      { ...DEFAULT_PROFILE, permissions: { freeForm: true, implications: [{ scope: 'write', implies: ['read'] }] } },
      { ...DEFAULT_PROFILE, slug: 'other', types: [{ id: 'secret', label: 'Key', prefix: 'ot' }] },
    ],
  });
  try {
    await own.plant(['writes'], { data: { scopes: ['write'] } });
    await own.plant(['reads'], { data: { scopes: ['read'] } });
    await own.plant(['writes elsewhere'], { keyspace: 'other', data: { scopes: ['write'] } });
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const args: KeysQueryVariables = { workspace: 'acme', first: 1, after, filter: { allows: 'read' } };
      const { keys } = (await own.run(KeysDocument, args, ADMIN)).workspace!;
      expect(keys.totalCount).toBe(2);
      seen.push(...keys.edges.map(({ node }) => node.name));
      if (!keys.pageInfo.hasNextPage) break;
      after = keys.pageInfo.endCursor ?? null;
    }
    expect(seen).toEqual(['reads', 'writes']);
  } finally {
    await own.stop();
  }
});

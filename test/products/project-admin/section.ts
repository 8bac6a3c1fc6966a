// Project-admin P1: for all but administrators the section does not exist.
import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../../schema/global-ids.ts';
import { globalId } from '../../support/api.ts';
import type { Person, Product } from '../harness.ts';

const SLUG = 'project-admin';
const CRM = { name: 'CRM_Query', scopes: ['contacts:read'] };
const EVERYTHING = `query ($workspace: String!, $slug: String!, $key: ID!, $section: ID!, $atLeast: Position!) {
  keyspaces { slug }
  key(id: $key, atLeast: $atLeast) { id }
  node(id: $key) { id }
  section: node(id: $section) { id }
  workspace(id: $workspace) {
    keyspaces { slug }
    keyspace(slug: $slug) { id }
    keys(first: 100, atLeast: $atLeast) { totalCount nodes { id } }
    ofSection: keys(first: 100, filter: { keyspace: $slug, status: [ACTIVE, DISABLED, EXPIRED, REVOKED, DELETED] }) {
      totalCount nodes { id }
    }
    history(first: 100) { nodes { id } }
  }
}`;

interface Seen {
  readonly keyspaces: readonly { readonly slug: string }[];
  readonly key: unknown;
  readonly node: unknown;
  readonly section: unknown;
  readonly workspace: {
    readonly keyspaces: readonly { readonly slug: string }[];
    readonly keyspace: unknown;
    readonly keys: unknown;
    readonly ofSection: unknown;
    readonly history: unknown;
  } | null;
}

const EDITS = [
  ['updateKey', { name: 'Mine' }],
  ['changeScopes', { scopes: [] }],
  ['changeRestrictions', { origins: [] }],
  ['changeExpiry', { expiresAt: null }],
  ['disableKey', {}],
  ['enableKey', {}],
  ['regenerateKey', {}],
  ['retirePreviousSecret', {}],
  ['revokeKey', {}],
  ['deleteKey', {}],
] as const;

export function section(product: () => Product): void {
  test('project-admin P1: only administrators create, see and manage keys; for all others the section does not exist', async () => {
    const { code, place } = product();
    const { workspaceId, admin, member, auditor, viewer, stranger, operator } = await place();
    const { keyId, secret, position } = await admin.create(CRM);
    const gone = await admin.create(CRM);
    const { position: atLeast } = await admin.change('deleteKey', gone.keyId);
    const look = (person: Person, key = keyId) =>
      person.api.query<Seen>(EVERYTHING, {
        ...{ workspace: workspaceId, slug: SLUG, key: globalId(key), atLeast },
        section: encodeGlobalId('Keyspace', `${workspaceId}/${SLUG}`),
      });

    const seen = await look(admin);
    expect(seen).toMatchObject({ key: { id: globalId(keyId) }, section: { id: expect.any(String) as unknown } });
    expect(seen.keyspaces.map(({ slug }) => slug)).toContain(SLUG);
    expect((await admin.keyspace())?.actions).toEqual(['CREATE', 'VIEW', 'SEE_USAGE']);

    const random = `key_${'0'.repeat(22)}`;
    for (const person of [member, auditor, viewer]) {
      for (const id of [keyId, gone.keyId, random]) {
        const found = await look(person, id);
        expect(found).toMatchObject({ key: null, node: null, section: null });
        expect(found.keyspaces.map(({ slug }) => slug)).not.toContain(SLUG);
        expect(found.workspace?.keyspaces.map(({ slug }) => slug)).not.toContain(SLUG);
        expect(found.workspace).toMatchObject({
          keyspace: null,
          keys: { totalCount: 0, nodes: [] },
          ofSection: { totalCount: 0, nodes: [] },
          history: { nodes: [] },
        });
      }
      const foreign = await stranger.tryCreate(CRM);
      expect(foreign).toMatchObject({ __typename: 'NotFound' });
      expect(await person.tryCreate(CRM)).toEqual(foreign);
      for (const [name, input] of EDITS) {
        const unknown = await stranger.attempt(name, random, input);
        expect(unknown).toMatchObject({ __typename: 'NotFound' });
        for (const who of [person, stranger]) {
          expect(await who.attempt(name, keyId, input), name).toEqual(unknown);
          expect(await who.attempt(name, gone.keyId, input), name).toEqual(unknown);
        }
      }
    }
    expect(await look(stranger)).toMatchObject({ key: null, node: null, section: null, workspace: null });
    // An operator defines the product, and has no key of a project that is not theirs.
    expect(await look(operator)).toMatchObject({ key: null, workspace: null });
    expect(await operator.tryCreate(CRM)).toMatchObject({ __typename: 'NotFound' });

    expect(await admin.api.history(keyId, atLeast)).toHaveLength(1);
    expect(await code(secret, position, { scopes: ['contacts:read'] })).toBe('VALID');
  });
}

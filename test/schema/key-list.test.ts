// The list of keys: filters, orders and what a role leaves out of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { at } from '../fakes/author.ts';
import { KeysDocument, type KeyFilter, type KeyOrder } from '../generated/graphql.ts';
import { ADMIN, caller, createInstallation, GUARDED, type Installation } from './installation.ts';

const MEMBER = caller({ acme: 'member' });

describe('the list', () => {
  let own: Installation;
  beforeAll(async () => {
    own = await createInstallation({ profiles: [DEFAULT_PROFILE, GUARDED] });
    await own.plant(['Alpha Deploy'], { data: { scopes: ['x:read'], ownerId: 'u-1', expiresAt: at(500_000) } });
    await own.plant(['Beta Deploy'], {
      data: { scopes: ['y:read'], resources: { all: false, ids: ['r1'] }, expiresAt: at(900_000) },
    });
    await own.plant(['gamma'], { data: { unrestricted: true, scopes: [], environment: 'live', type: 'public' } });
    await own.plant(['guarded'], { keyspace: 'guarded' });
    await own.plant(['elsewhere'], { workspaceId: 'globex' });
  });
  afterAll(() => own.stop());

  const names = async (filter: KeyFilter, orderBy?: KeyOrder, as = ADMIN) =>
    (
      await own.run(KeysDocument, { workspace: 'acme', first: 100, filter, ...(orderBy ? { orderBy } : {}) }, as)
    ).workspace!.keys.edges.map(({ node }) => node.name);

  test.each<[string, KeyFilter, string[]]>([
    ['text: beginnings of words', { text: 'dep' }, ['Beta Deploy', 'Alpha Deploy']],
    ['text: all words', { text: 'dep ALPHA' }, ['Alpha Deploy']],
    ['text: no middle of a word', { text: 'eploy' }, []],
    ['scope: listed or unrestricted', { scope: 'x:read' }, ['gamma', 'Alpha Deploy']],
    ['resource: listed or all', { resource: 'r1' }, ['guarded', 'gamma', 'Beta Deploy', 'Alpha Deploy']],
    ['resource: not listed', { resource: 'r2', keyspace: 'default' }, ['gamma', 'Alpha Deploy']],
    ['owner', { owner: 'u-1' }, ['Alpha Deploy']],
    ['environment and type', { environment: 'live', type: 'public' }, ['gamma']],
    ['keyspace', { keyspace: 'guarded' }, ['guarded']],
    ['a keyspace that does not exist', { keyspace: '__proto__' }, []],
    ['expiresBefore', { expiresBefore: at(600_000) }, ['Alpha Deploy']],
    ['unusedSince: never used', { unusedSince: at(1) }, ['guarded', 'gamma', 'Beta Deploy', 'Alpha Deploy']],
    ['status', { status: ['DISABLED'] }, []],
    [
      'status: one value is a list of one',
      { status: 'ACTIVE' as never },
      ['guarded', 'gamma', 'Beta Deploy', 'Alpha Deploy'],
    ],
    ['tags: all of these', { tags: ['nobody-has-it'] }, []],
    [
      'nulls are as if absent',
      { text: null, status: null, tags: null, owner: null },
      ['guarded', 'gamma', 'Beta Deploy', 'Alpha Deploy'],
    ],
    ['text that means something elsewhere', { text: '.* $gt __proto__ %' }, []],
  ])('filters by %s', async (_, filter, expected) => {
    expect(await names(filter)).toEqual(expected);
  });

  test('is ordered by name without regard to case, and by expiry with those that never expire last', async () => {
    expect(await names({}, { field: 'NAME', direction: 'ASC' })).toEqual([
      'Alpha Deploy',
      'Beta Deploy',
      'gamma',
      'guarded',
    ]);
    expect((await names({}, { field: 'EXPIRES_AT', direction: 'ASC' })).slice(0, 2)).toEqual([
      'Alpha Deploy',
      'Beta Deploy',
    ]);
    expect((await names({}, { field: 'EXPIRES_AT', direction: 'DESC' })).slice(0, 2)).toEqual([
      'Beta Deploy',
      'Alpha Deploy',
    ]);
  });

  test('leaves out the keyspaces that the role may not view', async () => {
    expect(await names({}, undefined, MEMBER)).toEqual(['gamma', 'Beta Deploy', 'Alpha Deploy']);
    expect(await names({ keyspace: 'guarded' }, undefined, MEMBER)).toEqual([]);
  });

  test.each<[string, KeyFilter]>([
    ['text', { text: 'x'.repeat(201) }],
    ['text', { text: 'a\u0000b' }],
    ['text', { text: Array.from({ length: 21 }, (_, number) => `w${number}`).join(' ') }],
    ['owner', { owner: '\ud800' }],
    ['tags', { tags: Array.from({ length: 51 }, String) }],
    ['scope', { scope: 'x'.repeat(65) }],
  ])('a filter by %s that is too long, or that no key can meet, is refused with its name', async (member, filter) => {
    const { codes, errors } = await own.refusal(KeysDocument, { workspace: 'acme', first: 1, filter });
    expect(codes).toEqual(['BAD_USER_INPUT']);
    expect(errors[0]!.message).toContain(`filter.${member}`);
  });
});

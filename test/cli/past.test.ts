// `keyfold keys list|show --as-of` and `keyfold audit access-review`: what they ask, and what they make of the answers.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEY, keyfold, startStub, type Ran, type Stub } from './command.ts';

const AS_OF = '2030-01-31T02:00:00+02:00';
const THEN = '2030-01-31T00:00:00.000Z';
let api: Stub;
beforeEach(async () => {
  api = await startStub();
});
afterEach(() => api.close());
const run = (...argv: string[]): Promise<Ran> =>
  keyfold(argv, { env: { KEYFOLD_URL: api.url, KEYFOLD_TOKEN: 'token-of-mine' } });
const asked = (index = 0) => api.seen[index]?.body.variables;

describe('keys as of a time', () => {
  it('keys list --as-of asks for the list as it was then', async () => {
    const keys = { totalCount: 1, pageInfo: { hasNextPage: false, endCursor: null }, nodes: [KEY] };
    api.answer = () => ({ body: { data: { workspace: { keys } } } });
    const ran = await run('keys', 'list', '--scope', 'a:read', '--as-of', AS_OF);
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining(KEY.keyId) as string });
    expect(asked()).toMatchObject({ asOf: THEN, filter: { scope: 'a:read' } });
  });

  it('an empty list says of which time it is', async () => {
    const keys = { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] };
    api.answer = () => ({ body: { data: { workspace: { keys } } } });
    expect((await run('keys', 'list', '--as-of', AS_OF)).err).toBe(`No keys as of ${THEN}, or not for this caller.\n`);
    expect(api.seen).toHaveLength(1);
  });

  it('keys show --as-of asks for the key as it was then', async () => {
    api.answer = () => ({ body: { data: { key: KEY } } });
    expect(await run('keys', 'show', KEY.keyId, '--as-of', AS_OF, '--json')).toMatchObject({ code: 0 });
    expect(asked()).toMatchObject({ asOf: THEN });
  });

  it('without it, now is asked for', async () => {
    api.answer = () => ({ body: { data: { key: KEY } } });
    await run('keys', 'show', KEY.keyId);
    expect(asked()).not.toHaveProperty('asOf');
  });

  it('what is no time is refused before anything is asked', async () => {
    expect((await run('keys', 'list', '--as-of', 'yesterday')).code).toBe(2);
    expect(api.seen).toHaveLength(0);
  });
});

describe('audit access-review', () => {
  const access = (more: object = {}) => ({
    ...{ version: 1, name: 'n', owner: { id: 'u-1', email: null }, status: 'ACTIVE', scopes: ['a:read', 'a:write'] },
    ...{ unrestricted: false, resources: { all: true, ids: [] }, expiresAt: null, ...more },
  });
  const row = (keyId: string, name: string, more: object = {}) => ({
    key: { keyId, name, preview: 'p', keyspace: { slug: 'default' }, lastUsedAt: '2030-02-01T00:00:00.000Z' },
    ...{ before: access(), after: access(), changeCount: 0, changes: [], ...more },
  });
  const changes = [
    { type: 'SCOPES_CHANGED', time: '2030-01-02T00:00:00.000Z', actor: { kind: 'USER', id: 'ada' }, data: {} },
    { type: 'KEY_REVOKED', time: '2030-01-03T00:00:00.000Z', actor: null, data: {} },
  ];
  const ROWS = [
    row('key_1', 'stays'),
    row('key_2', '=HYPERLINK("x")', { after: access({ status: 'REVOKED', scopes: [] }), changeCount: 2, changes }),
    row('key_3', 'new, and\nlarge', { before: null, after: access({ unrestricted: true, owner: null }) }),
  ];
  beforeEach(() => {
    api.answer = ({ body }) => {
      const second = body.variables?.after === 'c1';
      const pageInfo = { hasNextPage: !second, endCursor: second ? 'c2' : 'c1' };
      const rows = second ? ROWS.slice(2) : ROWS.slice(0, 2);
      return { body: { data: { workspace: { accessReview: { totalCount: 3, pageInfo, rows } } } } };
    };
  });
  const review = (...more: string[]) =>
    run('audit', 'access-review', '--from', '2030-01-01T00:00:00Z', '--to', AS_OF, '--workspace', 'acme', ...more);

  it('reads every page, and shows what is other than it was', async () => {
    const { code, out, err } = await review();
    expect([code, err]).toEqual([0, '3 keys.\n']);
    expect(asked()).toEqual({ workspace: 'acme', from: '2030-01-01T00:00:00.000Z', to: THEN, first: 100, after: null });
    expect(asked(1)).toMatchObject({ after: 'c1' });
    const lines = out.split('\n').map((line) => line.split(/ {2,}/));
    expect(lines[0]).toEqual(['KEY', 'NAME', 'OWNER', 'BEFORE', 'AFTER', 'CHANGES', 'LAST USED']);
    expect(lines[1]).toEqual([
      'key_1',
      'stays',
      'u-1',
      'ACTIVE: a:read, a:write',
      'the same',
      '0',
      '2030-02-01T00:00:00.000Z',
    ]);
    expect(lines[2]!.slice(3, 6)).toEqual(['ACTIVE: a:read, a:write', 'REVOKED: —', '2']);
    expect(lines[3]!.slice(2, 5)).toEqual(['—', '—', 'ACTIVE: unrestricted']);
  });

  it('--json has everything that was answered', async () => {
    const { out } = await review('--json');
    expect(JSON.parse(out)).toEqual({ from: '2030-01-01T00:00:00.000Z', to: THEN, rows: ROWS });
  });

  it('--csv is one line a key, and nothing in it is calculated by a spreadsheet', async () => {
    expect((await review('--csv')).out.trimEnd().split('\n')).toEqual([
      'key,name,keyspace,owner,ownerEmail,lastUsedAt,statusBefore,scopesBefore,resourcesBefore,expiresBefore,statusAfter,scopesAfter,resourcesAfter,expiresAfter,changes',
      'key_1,stays,default,u-1,,2030-02-01T00:00:00.000Z,ACTIVE,a:read a:write,*,,ACTIVE,a:read a:write,*,,',
      `key_2,"'=HYPERLINK(""x"")",default,u-1,,2030-02-01T00:00:00.000Z,ACTIVE,a:read a:write,*,,REVOKED,,*,,2030-01-02T00:00:00.000Z SCOPES_CHANGED user:ada; 2030-01-03T00:00:00.000Z KEY_REVOKED`,
      String.raw`key_3,"new, and\u000alarge",default,,,2030-02-01T00:00:00.000Z,,,,,ACTIVE,*,*,,`,
    ]);
  });

  it('both times are needed, and one form of answer', async () => {
    expect((await run('audit', 'access-review', '--from', AS_OF)).code).toBe(2);
    expect((await review('--json', '--csv')).code).toBe(2);
    expect(api.seen).toHaveLength(0);
  });

  it('a workspace that is none ends with 1', async () => {
    api.answer = () => ({ body: { data: { workspace: null } } });
    expect(await review()).toMatchObject({ code: 1, err: expect.stringContaining('NOT_FOUND') as string });
  });
});

// `keyfold keys …`: each command sends one operation with exactly the members that were given, and tells what came of it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEY, keyfold, startStub, type Ran, type Stub } from './command.ts';

const SECRET = 'kf_0123456789abcdefghijklmnopqrst012345';
const POSITION = 'p1_0-7';
const GLOBAL_ID = Buffer.from(`ApiKey:${KEY.keyId}`).toString('base64url');

let api: Stub;
beforeEach(async () => {
  api = await startStub();
  api.answer = ({ body }) => ({ body: { data: { result: payload(body.query ?? '') } } });
});
afterEach(() => api.close());

const payload = (query: string) => ({
  __typename: 'SomePayload',
  key: KEY,
  position: POSITION,
  warnings: [],
  ...(/\bsecret\b/.test(query)
    ? { secret: query.includes('createKey') || query.includes('regenerateKey') ? SECRET : null }
    : {}),
  ...(query.includes('predecessor { keyId } }') ? { predecessor: null } : {}),
});
const keys = (...argv: string[]): Promise<Ran> =>
  keyfold(['keys', ...argv], { env: { KEYFOLD_URL: api.url, KEYFOLD_TOKEN: 'token-of-mine' } });
const error = (more: Record<string, unknown>) => ({
  body: { data: { result: { __typename: 'X', path: null, ...more } } },
});
const input = (): Record<string, unknown> => api.seen[0]?.body.variables?.input as Record<string, unknown>;

/** Arguments → mutation and the members of its input besides id and commandId. */
const COMMANDS: readonly (readonly [argv: string, mutation: string, members: Record<string, unknown>])[] = [
  ['update ID --name x', 'updateKey', { name: 'x' }],
  [
    'update ID --description x --tags a,b --metadata {"a":1}',
    'updateKey',
    { description: 'x', tags: ['a', 'b'], metadata: { a: 1 } },
  ],
  [
    'update ID --no-description --no-metadata --no-owner',
    'updateKey',
    { description: null, metadata: null, owner: null },
  ],
  ['update ID --owner u1', 'updateKey', { owner: { id: 'u1' } }],
  ['update ID --owner u1 --owner-email a@b.example', 'updateKey', { owner: { id: 'u1', email: 'a@b.example' } }],
  ['scopes ID --scopes a,b', 'changeScopes', { scopes: ['a', 'b'] }],
  ['scopes ID --scopes ', 'changeScopes', { scopes: [] }],
  ['scopes ID --unrestricted', 'changeScopes', { unrestricted: true }],
  [
    'scopes ID --no-unrestricted --resources all --flags f',
    'changeScopes',
    { unrestricted: false, resources: { all: true, ids: [] }, flags: ['f'] },
  ],
  ['scopes ID --resources r1,r2', 'changeScopes', { resources: { all: false, ids: ['r1', 'r2'] } }],
  [
    'restrictions ID --origins https://a.example --ip-ranges 10.0.0.0/8,::1',
    'changeRestrictions',
    { origins: ['https://a.example'], ipRanges: ['10.0.0.0/8', '::1'] },
  ],
  ['restrictions ID --rate-limit 100/1m', 'changeRestrictions', { rateLimit: { limit: 100, windowSeconds: 60 } }],
  ['restrictions ID --no-rate-limit', 'changeRestrictions', { rateLimit: null }],
  ['expiry ID --at 2030-01-31T00:00:00Z', 'changeExpiry', { expiresAt: '2030-01-31T00:00:00.000Z' }],
  ['expiry ID --at 2030-01-31T02:00:00+02:00', 'changeExpiry', { expiresAt: '2030-01-31T00:00:00.000Z' }],
  ['expiry ID --never', 'changeExpiry', { expiresAt: null }],
  ['disable ID', 'disableKey', {}],
  ['disable ID --note why', 'disableKey', { note: 'why' }],
  ['enable ID', 'enableKey', {}],
  ['regenerate ID', 'regenerateKey', {}],
  ['regenerate ID --overlap 1h', 'regenerateKey', { overlapSeconds: 3600 }],
  ['retire ID', 'retirePreviousSecret', {}],
  ['revoke ID --reason Leaked --note why', 'revokeKey', { reason: 'Leaked', note: 'why' }],
  ['delete ID --note why --if-version 4', 'deleteKey', { note: 'why', ifVersion: 4 }],
  ['create --name x', 'createKey', { workspaceId: 'demo', keyspace: 'default', name: 'x' }],
  [
    'create --name x --workspace acme --keyspace dagen --type t --environment live --scopes a,b --unrestricted --resources r --flags f --origins https://a.example --ip-ranges ::1 --rate-limit 1/1s --expires-at 2030-01-01T00:00:00Z --description d --tags t --metadata {} --owner o',
    'createKey',
    {
      workspaceId: 'acme',
      keyspace: 'dagen',
      name: 'x',
      type: 't',
      environment: 'live',
      scopes: ['a', 'b'],
      unrestricted: true,
      resources: { all: false, ids: ['r'] },
      flags: ['f'],
      origins: ['https://a.example'],
      ipRanges: ['::1'],
      rateLimit: { limit: 1, windowSeconds: 1 },
      expiresAt: '2030-01-01T00:00:00.000Z',
      description: 'd',
      tags: ['t'],
      metadata: {},
      owner: { id: 'o' },
    },
  ],
];

describe('commands that change a key', () => {
  it.each(COMMANDS)('keys %s', async (argv, mutation, members) => {
    const ran = await keys(...argv.split(' ').map((part) => (part === 'ID' ? KEY.keyId : part)));
    expect(ran).toMatchObject({ code: 0 });
    expect(api.seen).toHaveLength(1);
    expect(api.seen[0]).toMatchObject({ path: '/graphql', authorization: 'Bearer token-of-mine' });
    expect(api.seen[0]?.body.query).toContain(`result: ${mutation}(input: $input)`);
    const { commandId, ...rest } = input();
    expect(commandId).toMatch(/^[0-9a-f-]{36}$/);
    expect(rest).toEqual({ ...members, ...(mutation === 'createKey' ? {} : { id: GLOBAL_ID }) });
    expect(ran.out).toMatch(new RegExp(`^position +${POSITION}$`, 'm'));
  });

  it('--expires-in and --in count from now', async () => {
    await keys('create', '--name', 'x', '--expires-in', '30d');
    const time = Date.parse(String(input().expiresAt));
    expect(Math.abs(time - Date.now() - 30 * 86_400_000)).toBeLessThan(60_000);
  });

  it('--command-id is sent as it is', async () => {
    await keys('disable', KEY.keyId, '--command-id', 'mine');
    expect(input().commandId).toBe('mine');
  });

  it.each([
    [['create', '--name', 'x'], '--expires-in', '--expires-at'],
    [['expiry', KEY.keyId], '--in', '--at'],
  ])(
    '%j %s beside a command id is refused, since it would be another time; the time itself is taken',
    async (...of) => {
      const [argv, relative, absolute] = of;
      const ran = await keys(...argv, relative, '30d', '--command-id', 'mine');
      expect([ran.code, ran.out, api.seen]).toEqual([2, '', []]);
      expect(ran.err).toMatch(new RegExp(`${relative} counts from now.*\\n.*${absolute} \\d{4}-`));
      expect((await keys(...argv, absolute, '2040-01-31T00:00:00Z', '--command-id', 'mine')).code).toBe(0);
      expect(input()).toMatchObject({ commandId: 'mine', expiresAt: '2040-01-31T00:00:00.000Z' });
    },
  );

  it.each([
    [['create', '--name', 'x'], '--expires-in', '--expires-at'],
    [['expiry', KEY.keyId], '--in', '--at'],
  ])('%j %s: what may be sent again after an unknown outcome is the very command that was sent', async (...of) => {
    const [argv, relative, absolute] = of;
    api.answer = () => error({ code: 'OUTCOME_UNKNOWN', message: 'unknown', commandId: 'c' });
    const ran = await keys(...argv, relative, '30d');
    const [, advised] = /send it again with (.*) in the place of/.exec(ran.err) ?? [];
    expect(advised).toBe(`--command-id ${String(input().commandId)} ${absolute} ${String(input().expiresAt)}`);
    await keys(...argv, ...advised!.split(' '));
    expect(api.seen[1]?.body.variables?.input).toEqual(input());
  });

  it.each([
    ['keys', 'create'],
    ['keys', 'create', '--name', 'x', '--metadata', '{'],
    ['keys', 'create', '--name', 'x', '--rate-limit', '5'],
    ['keys', 'create', '--name', 'x', '--expires-in', 'soon'],
    ['keys', 'create', '--name', 'x', '--expires-at', 'tomorrow'],
    ['keys', 'create', '--name', 'x', '--expires-at', '2030-01-01T00:00:00Z', '--expires-in', '1d'],
    ['keys', 'create', '--name', 'x', '--owner-email', 'a@b.example'],
    ['keys', 'create', '--name', 'x', '--json', '--shell'],
    ['keys', 'create', '--name', 'x', 'extra'],
    ['keys', 'create', '--name', 'x', '--workspace', 'bad ws'],
    ['keys', 'list', '--status', 'BAD'],
    ['keys', 'list', '--status', ''],
    ['keys', 'list', '--limit', '0'],
    ['keys', 'update', 'key_x'],
    ['keys', 'scopes', 'key_x'],
    ['keys', 'expiry', 'key_x'],
    ['keys', 'expiry', 'key_x', '--at', '2030-01-01T00:00:00Z', '--never'],
    ['keys', 'disable'],
    ['keys', 'disable', 'key_x', '--if-version', 'one'],
    ['keys', 'regenerate', 'key_x', '--overlap', '5'],
    ['keys', 'nonsense'],
    ['keys'],
    ['nonsense'],
  ])('%s %s %s %s is not understood: exit 2, nothing sent, with --json as JSON', async (...argv) => {
    const env = { KEYFOLD_URL: api.url, KEYFOLD_TOKEN: 'x' };
    const ran = await keyfold(argv, { env });
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(ran.err).not.toBe('');
    const json = await keyfold([...argv, '--json'], { env });
    expect([json.code, json.out]).toEqual([2, '']);
    const { error: told } = JSON.parse(json.err) as { error: { code: string; message: string } };
    expect(told.code).toBe('BAD_USER_INPUT');
    expect(told.message).toMatch(/^(?!error|\()./);
    expect(api.seen).toEqual([]);
  });

  it.each([
    [{ KEYFOLD_TOKEN: 'abc\n' }, 'KEYFOLD_TOKEN holds'],
    [{ KEYFOLD_TOKEN: 'a b' }, 'KEYFOLD_TOKEN holds'],
    [{ KEYFOLD_TOKEN: 'ä' }, 'KEYFOLD_TOKEN holds'],
    [{ KEYFOLD_TOKEN: 'abc', KEYFOLD_URL: 'http://ada:canary@127.0.0.1:1' }, 'KEYFOLD_URL must not hold a user or'],
    [{ KEYFOLD_TOKEN: 'abc', KEYFOLD_URL: 'https://ada@127.0.0.1:1' }, 'KEYFOLD_URL must not hold a user or'],
  ])('%j is refused in words, and nothing is sent', async (env, told) => {
    const ran = await keyfold(['keys', 'list'], { env: { KEYFOLD_URL: api.url, ...env } });
    expect([ran.code, ran.out, api.seen]).toEqual([2, '', []]);
    expect(ran.err).toContain(`BAD_SETTING: ${told}`);
    expect(ran.err).not.toContain('canary');
  });
});

describe('what a change prints', () => {
  it('lines that a shell can pick from, the secret once', async () => {
    const { out, err } = await keys('create', '--name', 'x');
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ +/)),
    ).toEqual([
      ['key', KEY.keyId],
      ['secret', SECRET],
      ['status', 'ACTIVE'],
      ['position', POSITION],
    ]);
    expect(err).not.toContain(SECRET);
  });

  it('with --shell variables for eval', async () => {
    const { out, err } = await keys('create', '--name', 'x', '--shell');
    expect(out).toBe(`KEY_ID='${KEY.keyId}'\nSECRET='${SECRET}'\nPOSITION='${POSITION}'\n`);
    expect(err).toBe('');
    expect((await keys('disable', KEY.keyId, '--shell')).out).toBe(`KEY_ID='${KEY.keyId}'\nPOSITION='${POSITION}'\n`);
  });

  it('with --shell a failure for eval too, so that no stale variable passes for a new one', async () => {
    expect((await keys('create', '--name', 'x', '--scopes', 'a', '--nonsense', '--shell')).out).toBe('false\n');
    const unreachable = { KEYFOLD_URL: 'http://127.0.0.1:1', KEYFOLD_TOKEN: 'x' };
    const ran = await keyfold(['keys', 'disable', KEY.keyId, '--shell'], { env: unreachable });
    expect([ran.code === 0, ran.out]).toEqual([false, 'false\n']);
  });

  it('with --json one object, the secret once', async () => {
    const { out } = await keys('create', '--name', 'x', '--json');
    expect(JSON.parse(out)).toMatchObject({
      keyId: KEY.keyId,
      secret: SECRET,
      position: POSITION,
      warnings: [],
      key: KEY,
    });
    expect(out.split(SECRET)).toHaveLength(2);
    expect(JSON.parse((await keys('disable', KEY.keyId, '--json')).out)).not.toHaveProperty('secret');
  });

  it('warnings on standard error, with what could steer a terminal written out', async () => {
    api.answer = () => ({
      body: {
        data: { result: { ...payload(''), warnings: [{ code: 'DISCOURAGED_NAME', message: 'better \u001b[31mnot' }] } },
      },
    });
    const { err } = await keys('disable', KEY.keyId);
    expect(err).toBe('warning DISCOURAGED_NAME: better \\u001b[31mnot\n');
  });
});

describe('what goes wrong', () => {
  it.each([
    [{ code: 'INVALID_INPUT', message: 'must be short', path: ['name'] }, 1, 'INVALID_INPUT: name: must be short'],
    [{ code: 'INVALID_INPUT', message: 'name must be short', path: ['name'] }, 1, 'INVALID_INPUT: name must be short'],
    [{ code: 'NOT_FOUND', message: 'there is no such key' }, 1, 'NOT_FOUND: there is no such key'],
    [{ code: 'NOT_ALLOWED', message: 'no' }, 1, 'NOT_ALLOWED: no\n  ask for another role'],
    [{ code: 'VERSION_CONFLICT', message: 'changed', expected: 1, actual: 2 }, 1, 'VERSION_CONFLICT: changed'],
    [
      { code: 'SECRET_ALREADY_REVEALED', message: 'shown', position: POSITION, key: KEY },
      1,
      'SECRET_ALREADY_REVEALED: shown',
    ],
    [{ code: 'STORAGE_FULL', message: 'full' }, 1, 'STORAGE_FULL: full\n  make room'],
    [
      { code: 'UNAVAILABLE', message: 'away', retryAfterSeconds: 5 },
      2,
      'UNAVAILABLE: away\n  try again; nothing was changed',
    ],
    [
      { code: 'OUTCOME_UNKNOWN', message: 'unknown', commandId: 'c' },
      2,
      /^OUTCOME_UNKNOWN: unknown\n.*--command-id c1/,
    ],
  ])('%j: exit %i', async (refusal, code, told) => {
    api.answer = () => error(refusal);
    const ran = await keys('disable', KEY.keyId, '--command-id', 'c1');
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toEqual(typeof told === 'string' ? expect.stringContaining(told) : expect.stringMatching(told));
    const json = await keys('disable', KEY.keyId, '--json');
    expect([json.code, json.out]).toEqual([code, '']);
    expect(JSON.parse(json.err)).toMatchObject({
      error: { code: refusal.code, message: expect.any(String) as string },
    });
  });

  it.each([
    [
      401,
      { errors: [{ message: 'm', extensions: { code: 'UNAUTHENTICATED' } }] },
      1,
      'UNAUTHENTICATED',
      /KEYFOLD_TOKEN/,
    ],
    [400, { errors: [{ message: 'm', extensions: { code: 'BAD_USER_INPUT' } }] }, 2, 'BAD_USER_INPUT', /m\n$/],
    [404, { code: 'NOT_FOUND', message: 'there is nothing here' }, 2, 'BAD_SETTING', /KEYFOLD_URL: .* not the API/],
    [200, {}, 2, 'UNEXPECTED_ANSWER', /--command-id/],
    [503, { errors: [{ message: 'm', extensions: { code: 'UNAVAILABLE' } }] }, 2, 'UNAVAILABLE', /--command-id/],
    [500, { data: null, errors: [{ message: 'm', extensions: { code: 'INTERNAL' } }] }, 2, 'INTERNAL', /--command-id/],
    [200, 'something else', 2, 'UNEXPECTED_ANSWER', /--command-id/],
    [502, '<html>', 2, 'UNEXPECTED_ANSWER', /--command-id/],
  ])('status %i with %j: exit %i, %s', async (status, body, code, name, advice) => {
    api.answer = () => ({ status, body });
    const ran = await keys('disable', KEY.keyId);
    expect([ran.code, ran.out, ran.err.split(':')[0]]).toEqual([code, '', name]);
    expect(ran.err).toMatch(advice);
  });

  it('a retry is told the key and the position of the first outcome, as text and as JSON', async () => {
    api.answer = () => error({ code: 'SECRET_ALREADY_REVEALED', message: 'handed out', position: POSITION, key: KEY });
    for (const argv of [
      ['create', '--name', 'x'],
      ['regenerate', KEY.keyId],
    ]) {
      const { code, out, err } = await keys(...argv);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(new RegExp(`^ +key +${KEY.keyId}$`, 'm'));
      expect(err).toMatch(new RegExp(`^ +position +${POSITION}$`, 'm'));
      const json = JSON.parse((await keys(...argv, '--json')).err) as object;
      expect(json).toMatchObject({ error: { keyId: KEY.keyId, position: POSITION } });
    }
  });

  it('what was not given and is needed is told with its option, of an owner with both', async () => {
    const told = async (path: readonly string[], ...argv: string[]) => {
      api.answer = () => error({ code: 'INVALID_INPUT', message: 'must be given', path });
      return (await keys('create', '--name', 'x', ...argv)).err;
    };
    expect(await told(['expiresAt'])).toBe('INVALID_INPUT: expiresAt: must be given\n  give --expires-at <time>\n');
    const both = 'INVALID_INPUT: owner.email: must be given\n  give --owner <id> and --owner-email <address>\n';
    expect(await told(['owner', 'email'])).toBe(both);
    expect(await told(['owner', 'email'], '--owner', 'u1')).toBe(both);
    const given = ['--owner', 'u1', '--owner-email', 'a@b.example'];
    for (const [path, ...argv] of [['owner', ...given], ['name'], ['workspaceId']])
      expect(await told([path ?? ''], ...argv)).toBe(`INVALID_INPUT: ${path}: must be given\n`);
  });

  it('every problem of an input is told, not only the first', async () => {
    const issues = [
      { path: ['name'], message: 'must be short' },
      { path: ['scopes', '0'], message: 'must be known' },
    ];
    api.answer = () => error({ code: 'INVALID_INPUT', message: 'name must be short', path: ['name'], issues });
    expect((await keys('create', '--name', 'x')).err).toBe(
      'INVALID_INPUT: name must be short\n  scopes.0 must be known\n',
    );
    api.answer = () => ({
      status: 400,
      body: {
        errors: ['name must be a string.', 'tags must be a list.'].map((message) => ({
          message,
          extensions: { code: 'BAD_USER_INPUT' },
        })),
      },
    });
    const ran = await keys('create', '--name', 'x');
    expect(ran).toMatchObject({
      code: 2,
      err: 'BAD_USER_INPUT: name must be a string.\n  tags must be a list.\n',
    });
  });

  it('nobody listening: exit 2, and where to look', async () => {
    await api.close();
    const ran = await keys('disable', KEY.keyId);
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(ran.err).toMatch(/^UNREACHABLE: nobody answers at http.*\n {2}start Keyfold, or set KEYFOLD_URL/);
    api = await startStub();
  });

  it('a connection that is cut: exit 2, and how to send it again', async () => {
    api.answer = () => null;
    const ran = await keys('disable', KEY.keyId, '--command-id', 'c1');
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(ran.err).toMatch(/^NO_ANSWER: .*\n.*--command-id c1/);
  });
});

describe('commands that look', () => {
  const page = (nodes: unknown[], next: string | null, total: number) => ({
    body: {
      data: {
        workspace: { keys: { totalCount: total, pageInfo: { hasNextPage: next !== null, endCursor: next }, nodes } },
      },
    },
  });

  it('list walks all pages up to its limit', async () => {
    api.answer = ({ body }) =>
      body.variables?.after === null ? page(Array(100).fill(KEY), 'c1', 150) : page(Array(50).fill(KEY), null, 150);
    const { out, err } = await keys(
      'list',
      '--limit',
      '150',
      '--status',
      'active,disabled',
      '--tags',
      'a,b',
      '--text',
      'x',
      '--at-least',
      POSITION,
    );
    expect(out.trimEnd().split('\n')).toHaveLength(151);
    expect(err).toBe('150 keys.\n');
    expect(api.seen.map(({ body }) => body.variables)).toEqual([
      {
        workspace: 'demo',
        first: 100,
        after: null,
        atLeast: POSITION,
        filter: { text: 'x', status: ['ACTIVE', 'DISABLED'], tags: ['a', 'b'] },
      },
      {
        workspace: 'demo',
        first: 50,
        after: 'c1',
        atLeast: POSITION,
        filter: { text: 'x', status: ['ACTIVE', 'DISABLED'], tags: ['a', 'b'] },
      },
    ]);
  });

  it('list as JSON, of nothing, and of a workspace that is not there', async () => {
    api.answer = () => page([KEY], null, 1);
    expect(JSON.parse((await keys('list', '--json')).out)).toEqual({ totalCount: 1, keys: [KEY] });
    api.answer = () => page([], null, 0);
    expect(JSON.parse((await keys('list', '--json')).out)).toEqual({ totalCount: 0, keys: [] });
    api.answer = () => ({ body: { data: { workspace: null } } });
    expect(await keys('list')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('NOT_FOUND') as string });
  });

  it('list takes statuses in whatever case, and refuses others with those that there are', async () => {
    api.answer = () => page([KEY], null, 1);
    await keys('list', '--status', 'disabled,Active');
    expect(api.seen[0]?.body.variables?.filter).toMatchObject({ status: ['ACTIVE', 'DISABLED'] });
    expect((await keys('list', '--status', 'ACTIVE,BAD')).err).toContain('ACTIVE, DISABLED, EXPIRED, REVOKED, DELETED');
  });

  it('--json escapes what could steer a terminal, and means the same', async () => {
    const name = 'a\u0085b\u009b31m\u202e\u2066\u200b\ufeffc';
    api.answer = () => page([{ ...KEY, name }], null, 1);
    const { out } = await keys('list', '--json');
    expect(out).toContain(String.raw`a\u0085b\u009b31m\u202e\u2066\u200b\ufeffc`);
    expect((JSON.parse(out) as { keys: { name: string }[] }).keys[0]?.name).toBe(name);
    api.answer = () => error({ code: 'INVALID_INPUT', message: name });
    const { err } = await keys('disable', KEY.keyId, '--json');
    expect(err).toContain(String.raw`\u202e`);
    expect(JSON.parse(err)).toMatchObject({ error: { message: name } });
  });

  it('list says whether a workspace has no keys at all, a mistyped name perhaps, or none that match', async () => {
    api.answer = () => page([], null, 0);
    expect(await keys('list', '--workspace', 'nope')).toEqual({
      code: 0,
      out: '',
      err: 'No keys in workspace nope.\n  Is it the right one? Its first key makes it: keyfold keys create --workspace nope --name …\n',
    });
    const total = ({ body }: { body: { variables?: Readonly<Record<string, unknown>> } }): number =>
      (body.variables?.filter as { status?: string[] }).status?.includes('DELETED') ? 3 : 0;
    api.answer = (request) => page([], null, total(request));
    expect(await keys('list', '--text', 'x')).toEqual({
      code: 0,
      out: '',
      err: 'No keys of workspace demo match; it has 3, deleted ones included: --status ACTIVE,DISABLED,EXPIRED,REVOKED,DELETED\n',
    });
  });

  it('show tells what is set, with user text made harmless', async () => {
    const name = 'a\u001b]0;x\u0007\nb\u202e';
    api.answer = () => ({ body: { data: { key: { ...KEY, name, description: 'd', metadata: { team: '\u202e' } } } } });
    const { out } = await keys('show', KEY.keyId);
    expect(out).toMatch(/^metadata +\{"team":"\\u202e"\}$/m);
    expect(out).toMatch(/^name +a\\u001b]0;x\\u0007\\u000ab\\u202e$/m);
    expect(out).not.toMatch(/revoked|null/);
    expect(api.seen[0]?.body.variables).toEqual({ id: GLOBAL_ID });
    api.answer = () => ({ body: { data: { key: null } } });
    expect((await keys('show', 'key_x')).code).toBe(1);
  });

  it('history tells every event, what, who and when, over all pages', async () => {
    const event = (version: number) => ({
      id: `k@${version}`,
      type: 'KEY_CREATED',
      version,
      time: '2026-01-01T00:00:00.000Z',
      actor: { kind: 'USER', id: 'alice' },
      data: { a: 1 },
      position: POSITION,
    });
    api.answer = ({ body }) => {
      const first = body.variables?.after === null;
      return {
        body: {
          data: {
            key: {
              keyId: KEY.keyId,
              history: { pageInfo: { hasNextPage: first, endCursor: 'c' }, nodes: [event(first ? 1 : 2)] },
            },
          },
        },
      };
    };
    const { out } = await keys('history', KEY.keyId);
    expect(out.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^VERSION +TIME +EVENT +WHO +WHAT$/),
      expect.stringMatching(/^1 +2026-01-01T00:00:00\.000Z +KEY_CREATED +user:alice +\{"a":1\}$/),
      expect.stringMatching(/^2 /),
    ]);
    expect(JSON.parse((await keys('history', KEY.keyId, '--json')).out)).toHaveLength(2);
  });
});

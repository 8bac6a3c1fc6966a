// The canary test: everything that takes input is driven with secrets and tokens, in good and in bad places, at the log
// level that says most. Of none of them any 12 characters may then be found anywhere, but in the one answer that shows a
// new secret and in what the command that was asked for a token prints.
import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSecret, generateSecret, hashSecret, secret as secretOf, type Pepper } from '../../events/secret.ts';
import { globalId, MUTATIONS, type Api, type MutationName, type Result } from '../support/api.ts';
import { createCanaries, type Hit } from '../support/canaries.ts';
import { cli } from '../support/cli.ts';
import { everyQuery, mutationNames } from '../support/everything.ts';
import type { Environment } from '../support/processes.ts';
import { WORKSPACE, type System } from '../support/system.ts';

const START_MS = 240_000;
const TEST_MS = 600_000;

export interface WatchedSystem {
  readonly system: System;
  /** For commands: where the API and the verifier are, and how to get in. */
  readonly env: Environment;
  /** Arguments of the command that prints a token of this system. */
  readonly tokenCommand: readonly string[];
  readonly verifierToken: string;
  /** Secrets of the installation that belong into their own file or setting only. */
  readonly ownSecrets: Readonly<Record<string, string>>;
  readonly pepper: Pepper;
  /** Everything that the system has printed and stored, by where it is; ends the system. */
  remains(): Promise<readonly (readonly [where: string, content: string | Uint8Array])[]>;
  dispose(): Promise<void>;
}

interface Raw {
  readonly method?: string;
  readonly path?: string;
  /** Name, value, name, value, … */
  readonly headers?: readonly string[];
  readonly body?: string;
}

export function noSecretAnywhere(on: string, start: () => Promise<WatchedSystem>): void {
  describe(`secrets and tokens, ${on}`, { timeout: TEST_MS }, () => {
    let watched: WatchedSystem;
    let admin: Api;
    const canaries = createCanaries();
    /** Verification hashes: for the log and the database only. */
    const hashes = createCanaries();
    const answers: [where: string, text: string][] = [];
    const driven = { mutations: new Set<string>(), queries: new Set<string>() };

    beforeAll(async () => {
      watched = await start();
      admin = await watched.system.api();
      canaries.add('the token of the caller', admin.token);
      canaries.add('VERIFIER_TOKEN', watched.verifierToken);
      for (const [name, value] of Object.entries(watched.ownSecrets)) canaries.add(name, value);
    }, START_MS);
    afterAll(() => watched.dispose(), START_MS);

    const heard = (where: string, text: string): string => {
      answers.push([where, text]);
      return text;
    };
    const newSecret = (name: string): string => {
      const made = generateSecret('kf', randomBytes).reveal();
      canaries.add(name, made);
      hashes.add(`the hash of ${name}`, hashSecret(secretOf(made), watched.pepper).hash);
      return made;
    };
    /** Of an answer that shows a secret: the secret is noted, and the rest of the answer is looked at like any other. */
    const withoutShown = (name: string, text: string): { secret: string; rest: string } => {
      const found = /kf_[0-9A-Za-z]{36}/.exec(text)?.[0] ?? '';
      expect(parseSecret(found), name).not.toBeNull();
      canaries.add(name, found);
      hashes.add(`the hash of ${name}`, hashSecret(secretOf(found), watched.pepper).hash);
      return { secret: found, rest: text.replaceAll(found, '') };
    };

    async function send(where: string, url: string, { method = 'POST', path = '', headers = [], body = '' }: Raw) {
      const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
        const { host } = new URL(url);
        const all = [
          'host',
          host,
          'content-length',
          String(Buffer.byteLength(body)),
          'connection',
          'close',
          ...headers,
        ];
        const request = httpRequest(`${url}${path}`, { method, agent: false, headers: all }, (response) => {
          const head = JSON.stringify(response.rawHeaders);
          let read = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (read += chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text: `${head}\n${read}` }));
        });
        request.on('error', reject).end(body);
      });
      return { status, text: where === '' ? text : heard(where, text) };
    }
    const JSON_BODY = ['content-type', 'application/json'];
    const asAdmin = (): string[] => [...JSON_BODY, 'authorization', `Bearer ${admin.token}`];
    const graphql = (where: string, query: string, variables: object = {}) =>
      send(where, admin.url, { path: '/graphql', headers: asAdmin(), body: JSON.stringify({ query, variables }) });
    const asCaller = (): string[] => [...JSON_BODY, 'authorization', `Bearer ${watched.verifierToken}`];
    const ask = async (where: string, body: object): Promise<string> => {
      const url = watched.system.verifiers[0]!.url;
      const sent = { path: '/v1/verify', headers: asCaller(), body: JSON.stringify(body) };
      return (await send(where, url, sent)).text;
    };
    /** Carries a mutation out; its answer is looked at, without the secret that it may show. */
    const mutate = async (name: MutationName, input: object): Promise<Result & { readonly shown: string }> => {
      driven.mutations.add(name);
      const { text } = await graphql('', MUTATIONS[name], { input });
      const { data } = bodyOf(text);
      const shows = typeof data?.result.secret === 'string';
      const { secret, rest } = shows ? withoutShown(`the secret that ${name} shows`, text) : { secret: '', rest: text };
      heard(name, rest);
      return { ...(data?.result ?? { __typename: '' }), shown: secret };
    };
    const command = async (name: string, args: readonly string[], stdin = '', env = watched.env) => {
      const result = await cli(args, env, stdin);
      heard(`keyfold ${name}, errors`, result.stderr);
      return result;
    };

    test('every mutation, with the secret of a key in good and in bad places', async () => {
      const place = { workspaceId: WORKSPACE, keyspace: 'default', name: 'Canary' };
      const created = await mutate('createKey', place);
      const { keyId } = created.key!;
      const id = globalId(keyId);
      const key = created.shown;
      const good: [MutationName, object][] = [
        ['updateKey', { id, name: 'Canary, renamed', description: 'd', tags: ['t'], metadata: { m: 1 } }],
        ['changeScopes', { id, scopes: ['orders:read'] }],
        ['changeRestrictions', { id, origins: ['https://example.com'], ipRanges: ['192.0.2.0/24'] }],
        ['changeExpiry', { id, expiresAt: '2099-01-01T00:00:00.000Z' }],
        ['disableKey', { id, note: 'n' }],
        ['enableKey', { id, note: 'n' }],
        ['regenerateKey', { id, overlapSeconds: 600 }],
        ['retirePreviousSecret', { id }],
        ['revokeKey', { id, note: 'n' }],
        ['rebuildProjections', {}],
        ['retryParked', {}],
      ];
      for (const [name, input] of good) expect((await mutate(name, input)).__typename, name).toMatch(/Payload$/);
      const other = await mutate('createKey', place);
      expect((await mutate('deleteKey', { id: globalId(other.key!.keyId) })).__typename).toMatch(/Payload$/);

      const spaced = `${key} ${key}`;
      const bad: [MutationName, object][] = [
        ['createKey', { ...place, workspaceId: key }],
        ['createKey', { ...place, keyspace: key }],
        ['createKey', { ...place, name: key.repeat(4) }],
        ['createKey', { ...place, scopes: [spaced], tags: [spaced.repeat(9)], owner: { id: `${key}@example.com` } }],
        ['createKey', { ...place, type: key, environment: key, flags: [key] }],
        ['createKey', { ...place, commandId: spaced }],
        ['updateKey', { id, name: '', metadata: { a: { b: { c: { d: { e: key } } } } } }],
        ['updateKey', { id: key, name: key }],
        ['changeScopes', { id, scopes: [spaced], resources: { ids: [spaced.repeat(9)] } }],
        ['changeRestrictions', { id, origins: [key], ipRanges: [key] }],
        ['changeExpiry', { id, expiresAt: key }],
        ['disableKey', { id: key, note: key.repeat(99) }],
        ['enableKey', { id, commandId: spaced }],
        ['regenerateKey', { id, overlapSeconds: key }],
        ['retirePreviousSecret', { id, [key]: 1 }],
        ['revokeKey', { id: globalId(key), reason: key }],
        ['deleteKey', { id: Buffer.from(key).toString('base64') }],
        ['discardRecord', { position: key, reason: 'r' }],
        ['discardRecord', { position: 'p1_0-0', reason: key }],
        ['retryParked', { position: key }],
        ['rebuildProjections', { commandId: spaced }],
      ];
      for (const [name, input] of bad) expect((await mutate(name, input)).__typename, name).not.toMatch(/Payload$/);
      expect([...driven.mutations].sort()).toEqual(mutationNames().sort());
    });

    test('every query and field, and secrets as arguments, variables, documents and bodies', async () => {
      const { key } = await mutate('createKey', { workspaceId: WORKSPACE, keyspace: 'default', name: 'Asked about' });
      const id = globalId(key!.keyId);
      const documents = everyQuery({
        node: `(id: "${id}")`,
        nodes: `(ids: ["${id}"])`,
        workspace: `(id: "${WORKSPACE}")`,
        key: `(id: "${id}")`,
      });
      for (const { field, text } of documents) {
        driven.queries.add(field);
        const answer = await graphql(`query ${field}`, text);
        expect(answer.status, text).toBe(200);
        expect(bodyOf(answer.text).errors, text).toBeUndefined();
      }
      const lost = newSecret('a secret in a query');
      const strange = [
        `{ node(id: "${lost}") { id } }`,
        `{ nodes(ids: ["${lost}"]) { id } }`,
        `{ key(id: "${lost}") { id } }`,
        `{ key(id: "${id}", atLeast: "${lost}") { id } }`,
        `{ key(id: 1.5e${lost}) { id } }`,
        `{ workspace(id: "${lost}") { id } }`,
        `{ workspace(id: "${WORKSPACE}") { keyspace(slug: "${lost}") { id } } }`,
        `{ workspace(id: "${WORKSPACE}") { keys(first: "${lost}") { totalCount } } }`,
        `{ workspace(id: "${WORKSPACE}") { keys(first: 1, after: "${lost}") { totalCount } } }`,
        `{ workspace(id: "${WORKSPACE}") { keys(first: 1, filter: { text: "${lost}", scope: "${lost}" }) { totalCount } } }`,
        `{ workspace(id: "${WORKSPACE}") { keys(first: 1, filter: { expiresBefore: "${lost}" }) { totalCount } } }`,
        `{ workspace(id: "${WORKSPACE}") { history(first: 1, filter: { actor: "${lost}", requestId: "${lost}" }) { totalCount } } }`,
        `{ viewer # ${lost}\n { operator } } }`,
        `{ viewer "${lost}" }`,
        `query { viewer { operator } ${lost.slice(0, 3)} "${lost}`,
      ];
      for (const document of strange) await graphql('a query with a secret in it', document);
      const byVariables =
        'query ($id: ID!, $n: Int, $p: Position) { key(id: $id, atLeast: $p) { history(first: $n) { nodes { id } } } }';
      for (const variables of [
        { id: lost },
        { id, n: lost },
        { id, p: lost },
        { id: [lost] },
        { id, n: { [lost]: lost } },
        { [lost]: 1 },
      ])
        await graphql('a query with a secret in its variables', byVariables, variables);
      const bodies = [
        `{"query": "${lost}`,
        `"${lost}"`,
        `[{"query":"{ viewer { operator } }","x":"${lost}"}]`,
        JSON.stringify({ query: lost }),
        JSON.stringify({ query: '{ viewer { operator } }', operationName: lost }),
        JSON.stringify({ query: '{ viewer { operator } }', variables: lost }),
      ];
      for (const body of bodies)
        await send('a strange body', admin.url, { path: '/graphql', headers: asAdmin(), body });
      expect([...driven.queries].sort()).toEqual([
        'health',
        'key',
        'keyspaces',
        'node',
        'nodes',
        'viewer',
        'workspace',
      ]);
    });

    test('credentials that are wrong, doubled, or in the wrong place of a request', async () => {
      const body = JSON.stringify({ query: '{ viewer { operator } }' });
      const lost = newSecret('a secret as a credential');
      const [head, claims] = admin.token.split('.');
      const forged = `${head}.${claims}.${randomBytes(64).toString('base64url')}`;
      canaries.add('a forged token', forged);
      const credentials = [
        ['authorization', `Bearer ${lost}`],
        ['authorization', `Bearer ${forged}`],
        ['authorization', `Basic ${Buffer.from(`user:${lost}`).toString('base64')}`],
        ['authorization', lost],
        ['authorization', `Bearer ${admin.token}`, 'authorization', `Bearer ${lost}`],
        ['authorization', `Bearer ${admin.token} ${lost}`],
        ['x-api-key', lost],
        ['cookie', `__Host-keyfold=${lost}; session=${lost}`],
        ['x-keyfold-csrf', lost, 'origin', `https://${lost}.example`, 'accept', lost],
      ];
      for (const headers of credentials) {
        const { status } = await send('a wrong credential', admin.url, {
          path: '/graphql',
          headers: [...JSON_BODY, ...headers],
          body,
        });
        expect(status).toBeGreaterThanOrEqual(400);
        for (const path of ['/v1/verify', `/v1/verify?key=${lost}`]) {
          const { url } = watched.system.verifiers[0]!;
          const asked = { path, headers: [...JSON_BODY, ...headers], body: JSON.stringify({ key: lost }) };
          expect((await send('a wrong credential', url, asked)).status).toBeGreaterThanOrEqual(400);
        }
      }
      const paths = [
        `/${lost}`,
        `/graphql?access_token=${lost}`,
        `/graphql?query=${lost}`,
        `/healthz?${lost}`,
        `/metrics/${lost}`,
      ];
      for (const url of [admin.url, watched.system.verifiers[0]!.url]) {
        for (const path of paths) {
          for (const method of ['GET', 'POST', 'DELETE'])
            await send('a secret in a URL', url, {
              method,
              path,
              headers: asAdmin(),
              body: method === 'POST' ? body : '',
            });
        }
      }
      const media = ['content-type', `text/${lost.slice(3)}`, 'authorization', `Bearer ${admin.token}`];
      await send('a strange media type', admin.url, { path: '/graphql', headers: media, body: lost });
    });

    test('every kind of verify call', async () => {
      const { shown: key, key: made } = await mutate('createKey', {
        workspaceId: WORKSPACE,
        keyspace: 'default',
        name: 'Verified',
        scopes: ['orders:read'],
      });
      const lost = newSecret('a secret that nobody has');
      const calls: [code: string, body: object][] = [
        ['VALID', { key, include: ['name', 'metadata'], request: { id: 'r-1', path: '/orders', method: 'GET' } }],
        ['INSUFFICIENT_SCOPE', { key, scopes: ['orders:write'] }],
        ['WRONG_KEYSPACE', { key, keyspace: lost }],
        ['WRONG_ENVIRONMENT', { key, environment: lost }],
        ['NOT_FOUND', { key: lost }],
        ['MALFORMED', { key: `${lost}x` }],
        ['MALFORMED', { key: `Bearer ${key}` }],
        ['MALFORMED', { key: `${key}${key}`.repeat(9) }],
        ['INVALID_INPUT', { key: [key] }],
        ['INVALID_INPUT', { key, atLeast: lost }],
        ['INVALID_INPUT', { key, ip: lost }],
        ['INVALID_INPUT', { key, permission: `${lost} and` }],
        ['INVALID_INPUT', { key, scopes: [`${lost} ${lost}`] }],
        ['INVALID_INPUT', { key, request: { id: `${lost} ${lost}` } }],
        ['INVALID_INPUT', { key, [lost]: lost }],
        ['VALID', { key, origin: lost, request: { path: `/?key=${key}`, userAgent: key } }],
        ['INSUFFICIENT_SCOPE', { key, flags: [lost] }],
      ];
      for (const [code, body] of calls) expect(await ask(`verify, ${code}`, body)).toContain(`"code":"${code}"`);
      const { url } = watched.system.verifiers[0]!;
      for (const body of [
        `{"key":"${lost}`,
        `{"key":"${key}","key":"${lost}"}`,
        `"${lost}"`,
        `{"key":"${lost.repeat(2000)}"}`,
      ])
        await send('a strange body', url, { path: '/v1/verify', headers: asCaller(), body });
      const renewed = await mutate('regenerateKey', { id: globalId(made!.keyId) });
      await ask('verify, retired', { key, atLeast: renewed.position });
      const seen = await ask('verify, renewed', { key: renewed.shown, atLeast: renewed.position });
      expect(seen).toContain('"code":"VALID"');
    });

    test('every command', async () => {
      const token = await cli(watched.tokenCommand, watched.env);
      expect(token.code).toBe(0);
      canaries.add('a token that was printed', token.stdout.trim());
      heard('keyfold token, errors', token.stderr);
      const env = { ...watched.env, KEYFOLD_TOKEN: token.stdout.trim() };
      const at = ['--workspace', WORKSPACE];

      const created = await command(
        'keys create',
        ['keys', 'create', '--name', 'By hand', '--scopes', 'orders:read', ...at],
        '',
        env,
      );
      expect(created.code).toBe(0);
      const { secret, rest } = withoutShown('the secret that keyfold keys create prints', created.stdout);
      heard('keyfold keys create', rest);
      const keyId = /key_\w{22}/.exec(rest)?.[0] ?? '';
      const commands: [name: string, args: string[], code: number, stdin?: string][] = [
        ['verify', ['verify', '--scope', 'orders:read'], 0, created.stdout],
        ['verify, json', ['verify', '--json'], 0, secret],
        ['verify, unknown', ['verify'], 1, newSecret('a secret on standard input')],
        ['verify, malformed', ['verify', '--json'], 1, `${secret}${secret}`],
        ['verify, bad option', ['verify', '--at-least', 'p1_9-9'], 2, secret],
        ['keys list', ['keys', 'list', ...at, '--json'], 0],
        ['keys list, text', ['keys', 'list', ...at, '--text', 'by'], 0],
        ['keys show', ['keys', 'show', keyId, ...at], 0],
        ['keys show, json', ['keys', 'show', keyId, ...at, '--json'], 0],
        ['keys update', ['keys', 'update', keyId, ...at, '--tags', 'x'], 0],
        ['keys scopes', ['keys', 'scopes', keyId, ...at, '--scopes', 'orders:write'], 0],
        ['keys restrictions', ['keys', 'restrictions', keyId, ...at, '--ip-ranges', '192.0.2.0/24'], 0],
        ['keys expiry', ['keys', 'expiry', keyId, ...at, '--in', '30d'], 0],
        ['keys disable', ['keys', 'disable', keyId, ...at, '--note', 'n'], 0],
        ['keys enable', ['keys', 'enable', keyId, ...at, '--json'], 0],
        ['keys history', ['keys', 'history', keyId, ...at], 0],
        ['keys history, json', ['keys', 'history', keyId, ...at, '--json'], 0],
        ['keys retire', ['keys', 'retire', keyId, ...at], 0],
        ['keys update, nothing', ['keys', 'update', keyId, ...at], 2],
        ['keys revoke', ['keys', 'revoke', keyId, ...at], 0],
        ['keys enable, revoked', ['keys', 'enable', keyId, ...at, '--json'], 1],
        ['keyspaces list', ['keyspaces', 'list', ...at], 0],
        ['keyspaces show', ['keyspaces', 'show', 'default', ...at], 0],
        ['projections status', ['projections', 'status', ...at], 0],
        ['projections status, json', ['projections', 'status', ...at, '--json'], 0],
        ['projections rebuild', ['projections', 'rebuild', ...at], 0],
        ['projections retry', ['projections', 'retry', ...at], 0],
        ['projections discard', ['projections', 'discard', ...at, '--position', 'p1_0-0', '--reason', 'r'], 1],
        ['help', ['--help'], 0],
      ];
      for (const [name, args, code, stdin] of commands) {
        const result = await command(name, args, stdin, env);
        expect([name, result.code, result.stderr]).toEqual([name, code, result.stderr]);
        heard(`keyfold ${name}`, result.stdout);
      }
      for (const shape of ['--json', '--shell']) {
        const again = await command('keys create', ['keys', 'create', '--name', 'Again', shape, ...at], '', env);
        heard('keyfold keys create', withoutShown(`the secret that keys create ${shape} prints`, again.stdout).rest);
        const id = /key_\w{22}/.exec(again.stdout)?.[0] ?? '';
        const renewed = await command('keys regenerate', ['keys', 'regenerate', id, shape, ...at], '', env);
        heard(
          'keyfold keys regenerate',
          withoutShown(`the secret that regenerate ${shape} prints`, renewed.stdout).rest,
        );
        expect((await command('keys delete', ['keys', 'delete', id, ...at], '', env)).code).toBe(0);
      }
      for (const wrong of [newSecret('a secret as a token'), `${token.stdout.trim()}x`]) {
        const refused = await command('keys list', ['keys', 'list'], '', { ...env, KEYFOLD_TOKEN: wrong });
        expect(refused.code).toBe(1);
        heard('keyfold keys list', refused.stdout);
      }
    });

    test('the search for them finds 12 characters of any, wherever they stand', () => {
      const key = newSecret('a control');
      const hidden = Buffer.concat([
        randomBytes(1000),
        Buffer.from(`{"x":"..${key.slice(7, 19)}.."}`),
        randomBytes(1000),
      ]);
      expect(canaries.scan('control', hidden)).toMatchObject([{ canary: 'a control' }]);
      expect(canaries.scan('control', `x${Buffer.from(`ab${key}`).toString('base64')}x`)[0]?.canary).toBe(
        'a control in base64',
      );
      expect(canaries.scan('control', Buffer.from(key).toString('hex'))[0]?.canary).toBe('a control in hexadecimal');
      expect(canaries.scan('control', `-${key.slice(7, 18)}-`)).toEqual([]);
      expect(canaries.size).toBeGreaterThan(15);
    });

    test('in no answer, no line of output, no metric, no file, no topic and no database is any of them', async () => {
      for (const url of [
        watched.system.addresses.api,
        ...watched.system.addresses.verifiers,
        ...watched.system.addresses.projectors,
      ])
        for (const path of ['/metrics', '/healthz', '/readyz'])
          await send(`${url}${path}`, url, { method: 'GET', path });
      expect(answers.length).toBeGreaterThan(200);
      const remains = await watched.remains();
      const hits: Hit[] = [...answers, ...remains].flatMap(([where, content]) => canaries.scan(where, content));
      expect(unique(hits)).toEqual([]);
      const visible = remains.filter(([where]) => where.startsWith('output'));
      expect(visible.reduce((sum, [, content]) => sum + content.length, 0)).toBeGreaterThan(0);
      expect(unique([...answers, ...visible].flatMap(([where, content]) => hashes.scan(where, content)))).toEqual([]);
      const stored = remains.filter(([where]) => !where.startsWith('output'));
      // Or nothing was looked at: the hashes do lie in the log and in the read models.
      expect(stored.flatMap(([where, content]) => hashes.scan(where, content)).length).toBeGreaterThan(0);
    });
  });
}

interface Body {
  readonly data?: { readonly result: Result } | null;
  readonly errors?: unknown;
}

/** The JSON of an answer that has its headers in the first line. */
const bodyOf = (text: string): Body => JSON.parse(text.slice(text.indexOf('\n') + 1)) as Body;

/** One line per canary and place. */
function unique(hits: readonly Hit[]): string[] {
  return [...new Set(hits.map(({ canary, where }) => `${canary} in ${where}`))];
}

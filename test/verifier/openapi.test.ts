// The OpenAPI document: well-formed for a checker of its own, and true: every real answer is one that it describes.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ANSWER_CODES } from '../../services/verifier/openapi-answers.ts';
import { openApiDocument } from '../../services/verifier/openapi.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { shop } from './forward-support.ts';
import { start, tokenAfter, type Answer } from './http-support.ts';
import { iso } from './support.ts';

interface Response {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

const document = JSON.parse(JSON.stringify(openApiDocument())) as Document;

/** With objects that take no members but their own, so that one that is not described is seen. */
const closed = (schema: unknown): unknown =>
  JSON.parse(
    JSON.stringify(schema)
      .replaceAll('#/components/schemas/', '#/$defs/')
      .replaceAll(/("properties":\{".*?"additionalProperties":)\{\}/g, '$1false'),
  );

function schemaOf(schema: object): z.ZodType {
  const $defs = closed(document.components.schemas);
  return z.fromJSONSchema({ ...(closed(schema) as object), $defs } as Parameters<typeof z.fromJSONSchema>[0]);
}

/** Every path and status that was seen. */
const seen = new Set<string>();
const OF_HTTP = ['date', 'connection', 'keep-alive', 'content-type', 'content-length', 'transfer-encoding'];
/** Sent with some answers of the status only. */
const SOMETIMES = ['retry-after', 'ratelimit', 'ratelimit-policy', 'x-keyfold-status', 'x-keyfold-body'];

function conforms(path: string, method: string, answer: Answer): void {
  const { responses } = document.paths[path]?.[method] ?? { responses: {} };
  const status = answer.status in responses ? String(answer.status) : 'default';
  const where = `${method} ${path} ${answer.status} ${answer.text}`;
  const response = responses[status];
  if (response === undefined) throw new Error(`not described: ${where}`);
  seen.add(`${path} ${status}`);
  const described = Object.keys(response.headers ?? {}).map((name) => name.toLowerCase());
  const sent = Object.keys(answer.headers).filter((name) => !OF_HTTP.includes(name));
  expect(
    described.filter((name) => !SOMETIMES.includes(name) || sent.includes(name)).toSorted(),
    `headers of ${where}`,
  ).toEqual(sent.toSorted());
  const content = Object.entries(response.content ?? {})[0];
  if (content === undefined) {
    expect(answer.text, where).toBe('');
    return;
  }
  const [type, { schema }] = content;
  expect(answer.headers['content-type'], where).toContain(type);
  const body: unknown = type === 'application/json' ? JSON.parse(answer.text) : answer.text;
  expect(schemaOf(schema).safeParse(body).error?.issues ?? [], where).toEqual([]);
}

describe('the OpenAPI document', () => {
  test('is served to everybody, as it is checked here', async () => {
    const of = await start({}, { token: 'a-token-that-nobody-guesses-0123456789' });
    const answer = await of.send({ method: 'GET', path: '/openapi.json' });
    expect(answer.body).toEqual(document);
    expect(document).toMatchObject({ openapi: '3.1.0' });
    conforms('/openapi.json', 'get', answer);
    conforms('/openapi.json', 'get', await of.send({ method: 'POST', path: '/openapi.json' }));
  });

  test('is a good one: its checker finds no error and has no warning', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyfold-openapi-'));
    try {
      const file = join(folder, 'openapi.json');
      await writeFile(file, JSON.stringify(document));
      const redocly = join(import.meta.dirname, '../../node_modules/@redocly/cli/bin/cli.js');
      const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
      const lint = [redocly, 'lint', file, '--extends', 'recommended-strict', '--format', 'json'];
      const { stdout } = await promisify(execFile)(process.execPath, lint, { env, cwd: folder }).catch(
        (error: unknown) => error as { readonly stdout: string },
      );
      const { problems } = JSON.parse(stdout) as { readonly problems: readonly { readonly message: string }[] };
      expect(problems.map(({ message }) => message)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 60_000);

  test('tells a member that it does not describe, and one that is missing', () => {
    const answer = schemaOf({ $ref: '#/components/schemas/Refusal' });
    const body = { code: 'X', message: 'm', requestId: 'r' };
    expect(answer.safeParse(body).success).toBe(true);
    expect(answer.safeParse({ ...body, more: 1 }).success).toBe(false);
    expect(answer.safeParse({ code: 'X', message: 'm' }).success).toBe(false);
    const verdict = schemaOf({ $ref: '#/components/schemas/Answer' });
    expect(verdict.safeParse({ ...body, valid: true }).success).toBe(false);
  });
});

describe('real answers are described', () => {
  const TOKEN = 'a-token-that-nobody-guesses-0123456789';
  const authorization = `Bearer ${TOKEN}`;
  const headers = { authorization, 'content-type': 'application/json' };

  test('of checks, one and many: every code', async () => {
    const of = await start({}, { token: TOKEN });
    const now = Date.now();
    const { writer } = of;
    const make = async (name: string, ...[data]: Parameters<typeof writer.create>[1][]) => {
      await of.log.append([writer.create(name, { environment: 'live', ...data })]);
      return { keyId: writer.keyId(name), key: writer.secretOf(writer.keyId(name)) };
    };
    const revoked = await make('revoked');
    const deleted = await make('deleted');
    const disabled = await make('disabled');
    const broken = await make('broken');
    const { key: expired } = await make('expired', { expiresAt: iso(now - 1000) });
    const { key: bound } = await make('bound', {
      ...{ origins: ['https://a.example'], scopes: ['a'], flags: ['f'], ownerId: 'u1' },
      ...{ expiresAt: iso(now + 1e9), resources: { all: false, ids: ['r1'] } },
    });
    const { key: fenced } = await make('fenced', { ipRanges: ['10.0.0.0/8'] });
    const { key: limited } = await make('limited', { rateLimit: { limit: 1, windowSeconds: 60 } });
    await of.log.append([
      writer.event(revoked.keyId, 'KeyRevoked', { reason: null }),
      writer.event(deleted.keyId, 'KeyDeleted', { destroyedDataKey: null }),
      writer.event(disabled.keyId, 'KeyDisabled', {}),
    ]);
    of.log.put({ key: broken.keyId, value: Buffer.from('{ not json') });
    await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
    const from = { key: bound, origin: 'https://a.example' };
    const checks = [
      ...[{ key: 'nonsense' }, { key: deleted.key }, { key: revoked.key }, { key: broken.key }, { key: disabled.key }],
      ...[{ key: expired }, { key: bound, keyspace: 'other' }, { key: bound, environment: 'test' }, { key: fenced }],
      ...[{ key: bound }, { ...from, scopes: ['b'] }, { ...from, resource: { type: 't', id: 'r2' } }],
      ...[{ key: limited, cost: 2 }, { key: limited }],
      { ...from, include: ['name', 'metadata'] },
    ];
    const codes = [];
    const ask = (path: string, body: unknown, more: Record<string, string> = headers) =>
      of.send({ path, headers: more, body: typeof body === 'string' ? body : JSON.stringify(body) });
    for (const check of checks) {
      const answer = await ask('/v1/verify', check);
      conforms('/v1/verify', 'post', answer);
      codes.push(answer.body.code);
    }
    expect(codes.slice(0, -1)).toEqual([...ANSWER_CODES]);
    conforms('/v1/verify/batch', 'post', await ask('/v1/verify/batch', checks));

    for (const path of ['/v1/verify', '/v1/verify/batch']) {
      conforms(path, 'post', await ask(path, 'nonsense'));
      conforms(path, 'post', await ask(path, {}));
      conforms(path, 'post', await ask(path, '{}', { 'content-type': 'application/json' }));
      conforms(path, 'post', await ask(path, ''.padEnd(70_000), headers));
      conforms(path, 'post', await ask(path, '{}', { authorization }));
      conforms(path, 'post', await of.send({ method: 'PUT', path, headers }));
    }
    of.log.hold();
    const [position] = await of.log.append([writer.create('later')]);
    const late = { key: bound, atLeast: tokenAfter(position!) };
    const stale = await ask('/v1/verify', late);
    expect(stale.body.code).toBe('STALE');
    conforms('/v1/verify', 'post', stale);
    conforms('/v1/verify/batch', 'post', await ask('/v1/verify/batch', [late, from]));
  });

  test('of origins, health and metrics', async () => {
    const of = await start({}, { token: TOKEN });
    const get = (path: string, method = 'GET', more: Record<string, string> = { authorization }) =>
      of.send({ method, path, headers: more });
    const path = '/v1/origin-allowed';
    const query = `${path}?keyspace=default&origin=https://a.example`;
    conforms(path, 'get', await get(query));
    conforms(path, 'get', await get(path));
    conforms(path, 'get', await get(query, 'GET', {}));
    conforms(path, 'get', await get(query, 'POST'));
    for (const open of ['/healthz', '/readyz', '/metrics']) {
      conforms(open, 'get', await get(open, 'GET', {}));
      conforms(open, 'get', await get(open, 'POST', {}));
    }
    of.log.setDown(true);
    of.clock.monotonic += 60_000;
    conforms(path, 'get', await get(query));
    conforms('/readyz', 'get', await get('/readyz'));
  });

  test('of preflights', async () => {
    const of = await start({ type: 'open', origins: ['https://a.example'] }, { token: TOKEN });
    const types = [...DEFAULT_PROFILE.types, { id: 'open', label: 'Open', prefix: 'open', public: true }];
    await of.log.append([of.writer.keyspace({ ...DEFAULT_PROFILE, types }, 2)]);
    await of.verifier.whenReached(await of.log.end(), AbortSignal.timeout(5000));
    const asked = { origin: 'https://a.example', 'access-control-request-method': 'GET' };
    const ask = async (headers: Record<string, string>, status: number) => {
      const more = { 'x-keyfold-verifier-token': TOKEN, ...headers };
      const answer = await of.send({ method: 'OPTIONS', path: '/v1/origin-allowed/default', headers: more });
      expect(answer.status, answer.text).toBe(status);
      conforms('/v1/origin-allowed/{keyspace}', 'options', answer);
    };
    await ask({ ...asked, 'access-control-request-headers': 'x-api-key' }, 204);
    await ask({}, 400);
    await ask({ ...asked, 'x-keyfold-verifier-token': 'another' }, 503);
    await ask({ ...asked, origin: 'https://b.example' }, 403);
    of.log.setDown(true);
    of.clock.monotonic += 60_000;
    await ask(asked, 503);
  });

  test('of forward-auth', async () => {
    const PATH = '/v1/forward-auth/{gateway}';
    const of = await shop({ errors: { INSUFFICIENT_SCOPE: { status: 404, body: { error: 'gone' } } } });
    const check = async (question: Parameters<typeof of.ask>[0], status: number) => {
      const answer = await of.ask(question);
      expect(answer.status, answer.text).toBe(status);
      conforms(PATH, (question?.method ?? 'GET').toLowerCase(), answer);
    };
    for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH']) await check({ method }, 200);
    await check({ query: '&nonsense=1' }, 400);
    await check({ headers: { 'api-key': of.key(), 'x-forwarded-uri': '/a/../b' } }, 400);
    await check({ headers: {} }, 401);
    await check({ headers: {}, flavour: 'nginx' }, 401);
    await check({ query: '&environment=live' }, 403);
    await check({ query: '&scope=x' }, 404);
    await check({ query: '&scope=x', flavour: 'nginx' }, 403);
    const { writer } = of;
    const rateLimit = { limit: 1, windowSeconds: 60 };
    await of.append(writer.create('limited', { keyspace: 'shop', rateLimit }, { prefix: 'sk' }));
    const limited = { headers: { 'api-key': writer.secretOf(writer.keyId('limited')) } };
    await check(limited, 200);
    await check(limited, 429);
    await check({ ...limited, flavour: 'nginx' }, 403);
    of.log.setDown(true);
    of.clock.monotonic += 60_000;
    await check({}, 503);
    await check({ flavour: 'nginx' }, 403);
    const crowded = await shop();
    for (let i = 0; i < 20; i++) await crowded.ask({ headers: {} });
    conforms(PATH, 'get', await crowded.ask({ headers: {} }));
    conforms(PATH, 'get', await crowded.ask({ headers: {}, flavour: 'nginx' }));
    const guarded = await shop({}, {}, { token: TOKEN });
    conforms(PATH, 'get', await guarded.ask());
  });

  test('each status that is described was seen, but that of a failure of ours', () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.values(operations).flatMap(({ responses }) => Object.keys(responses).map((status) => `${path} ${status}`)),
    );
    const missing = [...new Set(described)].filter((each) => !seen.has(each));
    expect(missing.filter((each) => !each.endsWith(' 500'))).toEqual([]);
  });
});

// The other commands: token, serve, projections, keyspaces, dev; who a command speaks for; and --help everywhere.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIdentityService } from '../../services/api/identity.ts';
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import { openDataFolder } from '../../services/shared/data-folder.ts';
import { loadSettings, type Settings } from '../../services/shared/settings.ts';
import { keyfold, startStub, type Stub } from './command.ts';

let folder: string;
let api: Stub;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyfold-cli-'));
  api = await startStub();
});
afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

const data = () => join(folder, 'data');
const env = (more: Record<string, string> = {}) => ({ KEYFOLD_URL: api.url, KEYFOLD_TOKEN: 'x', ...more });

describe('keyfold token', () => {
  it('prints a token that the installation accepts, and nothing else', async () => {
    const { issuerKey } = await openDataFolder(data());
    const ran = await keyfold(
      ['token', '--workspace', 'acme', '--role', 'viewer', '--operator', '--subject', 'alice'],
      { env: { KEYFOLD_DATA: data() } },
    );
    expect(ran).toMatchObject({ code: 0, err: '' });
    const { trusted } = createLocalIssuer({ key: issuerKey, claim: 'keyfold' });
    const identity = createIdentityService({ issuers: [trusted], claim: 'keyfold', maxTokenAgeMs: 3_600_000 });
    expect(await identity.authenticate(['Authorization', `Bearer ${ran.out.trimEnd()}`], null)).toEqual({
      ok: true,
      identity: {
        actor: { kind: 'user', id: 'alice' },
        workspaces: new Map([['acme', 'viewer']]),
        operator: true,
        email: null,
      },
    });
  });

  it('has the e-mail address that is given, without which none is in it', async () => {
    await openDataFolder(data());
    const claims = async (...argv: string[]) =>
      decodeJwt((await keyfold(['token', '--role', 'admin', ...argv], { env: { KEYFOLD_DATA: data() } })).out.trim());
    expect(await claims('--email', 'alice@example.com')).toMatchObject({ email: 'alice@example.com' });
    expect(await claims()).not.toHaveProperty('email');
  });

  it.each([{ KAFKA_BROKERS: 'a:1' }, { MONGODB_URL: 'mongodb://a' }, { MONGODB_URL_FILE: '/x' }])(
    'is refused with %j',
    async (more) => {
      await openDataFolder(data());
      const ran = await keyfold(['token', '--role', 'admin'], { env: { KEYFOLD_DATA: data(), ...more } });
      expect([ran.code, ran.out]).toEqual([1, '']);
      expect(ran.err).toMatch(/^NOT_ENABLED: .*\n.*AUTH_ISSUER/);
    },
  );

  it('is refused before the first start, and makes nothing', async () => {
    const ran = await keyfold(['token', '--role', 'admin'], { env: { KEYFOLD_DATA: data() } });
    expect([ran.code, ran.out]).toEqual([1, '']);
    expect(ran.err).toMatch(/start Keyfold first/);
    await expect(stat(data())).rejects.toThrow();
  });

  it.each([
    ['--role', 'owner'],
    ['--workspace', 'acme'],
    ['--role', 'admin', '--subject', 'alice@example.com'],
    ['--role', 'admin', '--workspace', 'bad ws'],
    ['--role', 'admin', '--email', 'alice'],
    [],
  ])('%s %s %s %s is not understood', async (...argv) => {
    expect((await keyfold(['token', ...argv], { env: { KEYFOLD_DATA: data() } })).code).toBe(2);
  });
});

describe('who a command speaks for', () => {
  const list = (more: Record<string, string>) =>
    keyfold(['keys', 'list', '--workspace', 'acme'], { env: { KEYFOLD_URL: api.url, ...more } });

  it('KEYFOLD_TOKEN, when it is set', async () => {
    await list({ KEYFOLD_TOKEN: 'mine', KEYFOLD_DATA: data() });
    expect(api.seen[0]?.authorization).toBe('Bearer mine');
  });

  it('with embedded storage an admin and operator of the workspace, for some minutes', async () => {
    await openDataFolder(data());
    await list({ KEYFOLD_DATA: data() });
    const claims = decodeJwt(api.seen[0]?.authorization?.slice('Bearer '.length) ?? '');
    expect(claims).toMatchObject({ sub: 'cli', keyfold: { workspaces: { acme: 'admin' }, operator: true } });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeLessThanOrEqual(300);
  });

  it('elsewhere KEYFOLD_TOKEN is needed, and the refusal says so', async () => {
    const ran = await list({ KAFKA_BROKERS: 'a:1', MONGODB_URL: 'mongodb://a', KEYFOLD_DATA: data() });
    expect([ran.code, ran.err]).toEqual([1, expect.stringContaining('KEYFOLD_TOKEN is not set')]);
    expect(api.seen).toEqual([]);
  });
});

describe('keyfold serve', () => {
  it('starts with the settings of the environment; --services wins', async () => {
    const started: Settings[] = [];
    const serve = (settings: Settings, print: (text: string) => void): Promise<number> => {
      started.push(settings);
      print('ready');
      return Promise.resolve(0);
    };
    expect(await keyfold(['serve'], { env: { API_PORT: '4700' }, serve })).toEqual({
      code: 0,
      out: 'ready\n',
      err: '',
    });
    expect(started[0]?.ports.api).toBe(4700);
    const split = await keyfold(['serve', '--services', 'api'], { env: {}, serve });
    expect([split.code, started.length]).toEqual([1, 1]);
    expect(split.err).toMatch(/KEYFOLD_SERVICES/);
  });

  it('tells all problems at once and exits 1', async () => {
    const ran = await keyfold(['serve'], { env: { API_PORT: 'x', LOG_LEVEL: 'loud', MONGODB_URL: 'mongodb://a' } });
    expect([ran.code, ran.out]).toEqual([1, '']);
    for (const name of [
      'API_PORT',
      'LOG_LEVEL',
      'KAFKA_BROKERS',
      'KEYFOLD_PEPPERS',
      'KEYFOLD_SEALING_KEYS',
      'AUTH_ISSUER',
    ]) {
      expect(ran.err).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
  });

  it('passes the exit code on, tells warnings, and names what failed', async () => {
    expect((await keyfold(['serve'], { serve: () => Promise.resolve(3) })).code).toBe(3);
    expect((await keyfold(['serve'], { env: { HOST: '0.0.0.0' } })).err).toMatch(/^warning: VERIFIER_TOKEN/);
    const failing = (): Promise<number> =>
      Promise.reject(Object.assign(new Error('the folder is in use'), { code: 'STORAGE_IN_USE' }));
    expect(await keyfold(['serve'], { serve: failing })).toEqual({
      code: 1,
      out: '',
      err: 'STORAGE_IN_USE: the folder is in use\n',
    });
  });
});

describe('keyfold projections', () => {
  const parked = { aggregateId: 'key_x', position: 'p1_0-3', reason: 'not JSON', time: '2026-01-01T00:00:00.000Z' };
  const health = (generation: string, progress: number | null, records: unknown[] = []) => ({
    body: {
      data: {
        health: {
          projections: [
            { name: 'keys', lag: 2, generation, rebuild: progress === null ? null : { progress }, parked: records },
          ],
          verifiers: [{ id: 'v1', asOf: null, position: 'p1_0-9', leaseUntil: null }],
        },
      },
    },
  });
  const result = (more: Record<string, unknown>) => ({
    body: { data: { result: { __typename: 'P', position: 'p1_0-9', ...more } } },
  });

  it('status tells lag, generations, parked records and verifiers', async () => {
    api.answer = () => health('g1', 0.5, [parked]);
    const { code, out } = await keyfold(['projections', 'status'], { env: env() });
    expect(code).toBe(0);
    for (const line of [/^keys +g1 +2 +1 +50 %$/m, /^p1_0-3 +key_x .* not JSON$/m, /^v1 +— +p1_0-9$/m])
      expect(out).toMatch(line);
    expect(JSON.parse((await keyfold(['projections', 'status', '--json'], { env: env() })).out)).toMatchObject({
      projections: [{ parked: [parked] }],
    });
  });

  it('status says so where no verifier can be listed', async () => {
    const none = health('g1', null);
    none.body.data.health.verifiers = [];
    api.answer = () => none;
    const { out } = await keyfold(['projections', 'status'], { env: env() });
    expect(out).toMatch(/^No verifier holds a lease: /m);
    expect(out).not.toContain('VERIFIER');
  });

  it('rebuild of another generation than the live one says where to look, and input that is wrong is final', async () => {
    const conflict = {
      __typename: 'VersionConflict',
      code: 'VERSION_CONFLICT',
      message: 'it is 1',
      position: undefined,
    };
    api.answer = () => result(conflict);
    const ran = await keyfold(['projections', 'rebuild', '--if-version', '99'], { env: env() });
    expect([ran.code, ran.err]).toEqual([
      1,
      'VERSION_CONFLICT: it is 1\n  look which generation is live: keyfold projections status\n',
    ]);
    const wrong = { status: 400, body: { errors: [{ message: 'no', extensions: { code: 'BAD_USER_INPUT' } }] } };
    const answers = [result({ generation: 'g2' }), wrong];
    api.answer = () => answers.shift() ?? null;
    expect(await keyfold(['projections', 'rebuild'], { env: env() })).toMatchObject({
      code: 2,
      err: expect.stringContaining('BAD_USER_INPUT') as string,
    });
  });

  it('status is for operators', async () => {
    api.answer = () => ({ body: { data: { health: null } } });
    expect(await keyfold(['projections', 'status'], { env: env() })).toMatchObject({
      code: 1,
      err: expect.stringContaining('NOT_ALLOWED') as string,
    });
  });

  it('rebuild waits until it has switched, and tells how far it is', async () => {
    const answers = [result({ generation: 'g2' }), health('g1', 0), health('g1', 0.25), health('g2', null)];
    api.answer = () => answers.shift() ?? null;
    const ran = await keyfold(['projections', 'rebuild'], { env: env() });
    expect(ran).toMatchObject({ code: 0, err: 'generation g2: 0 %\ngeneration g2: 25 %\ngeneration g2: 100 %\n' });
    expect(ran.out).toMatch(/^generation +g2\nposition +p1_0-9$/m);
  });

  it('rebuild that is given up: exit 1', async () => {
    const answers = [result({ generation: 'g2' }), health('g1', 0.9), health('g1', null)];
    api.answer = () => answers.shift() ?? null;
    expect(await keyfold(['projections', 'rebuild'], { env: env() })).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('REBUILD_FAILED') as string,
    });
  });

  it('rebuild waits as long as it moves, and no longer: exit 2, as it may still end well', async () => {
    let polls = 0;
    api.answer = ({ body }) =>
      body.query?.includes('mutation') ? result({ generation: 'g2' }) : health('g1', Math.min(polls++, 2) / 10);
    const ran = await keyfold(['projections', 'rebuild', '--timeout', '1s'], { env: env() });
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(ran.err).toMatch(/10 %\n.*20 %\nNO_PROGRESS: generation g2 has not moved for 1 s\n.*projections status/);
  });

  it('rebuild goes on waiting while the API does not answer for a moment', async () => {
    const away = { status: 503, body: { errors: [{ message: 'no', extensions: { code: 'UNAVAILABLE' } }] } };
    const answers = [result({ generation: 'g2' }), away, health('g1', 0.5), null, health('g2', null)];
    api.answer = () => answers.shift() ?? null;
    expect(await keyfold(['projections', 'rebuild'], { env: env() })).toMatchObject({ code: 0 });
    const never = [result({ generation: 'g2' })];
    api.answer = () => never.shift() ?? away;
    const ran = await keyfold(['projections', 'rebuild', '--timeout', '1s'], { env: env() });
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('NO_PROGRESS')]);
  });

  it('rebuild and retry pass --if-version and --command-id on', async () => {
    const given = ['--if-version', '3', '--command-id', 'c-1'];
    api.answer = () => result({ generation: 'g4', parked: [] });
    await keyfold(['projections', 'rebuild', '--no-wait', ...given], { env: env() });
    await keyfold(['projections', 'retry', '--position', 'p1_0-3', ...given], { env: env() });
    expect(api.seen.map(({ body }) => body.variables?.input)).toEqual([
      { ifVersion: 3, commandId: 'c-1' },
      { ifVersion: 3, commandId: 'c-1', position: 'p1_0-3' },
    ]);
  });

  it('rebuild --no-wait asks once', async () => {
    api.answer = () => result({ generation: 'g2' });
    expect((await keyfold(['projections', 'rebuild', '--no-wait', '--json'], { env: env() })).code).toBe(0);
    expect(api.seen).toHaveLength(1);
  });

  it('retry tells what is still parked: exit 1 while something is', async () => {
    api.answer = () => result({ parked: [] });
    expect((await keyfold(['projections', 'retry'], { env: env() })).code).toBe(0);
    expect(api.seen[0]?.body.variables?.input).toEqual({ commandId: expect.any(String) as string });
    api.answer = () => result({ parked: [parked] });
    const ran = await keyfold(['projections', 'retry', '--position', 'p1_0-3'], { env: env() });
    expect([ran.code, ran.err]).toEqual([1, expect.stringContaining('STILL_PARKED')]);
    expect(ran.out).toMatch(/^p1_0-3 +key_x/m);
  });

  it('discard names the record and the reason', async () => {
    api.answer = () => result({ key: { keyId: 'key_x' } });
    const ran = await keyfold(['projections', 'discard', '--position', 'p1_0-3', '--reason', 'by hand'], {
      env: env(),
    });
    expect(ran).toMatchObject({ code: 0, out: 'key       key_x\nposition  p1_0-9\n' });
    expect(api.seen[0]?.body.variables?.input).toMatchObject({ position: 'p1_0-3', reason: 'by hand' });
    expect((await keyfold(['projections', 'discard', '--position', 'p1_0-3'], { env: env() })).code).toBe(2);
  });
});

describe('keyfold keyspaces', () => {
  it('lists them, and shows one as YAML', async () => {
    const one = {
      slug: 'default',
      name: 'Default',
      version: 1,
      types: [{ id: 'secret', label: 'S' }],
      permissions: { model: 'FLAT' },
      actions: [],
      source: 'slug: default\n',
    };
    api.answer = () => ({ body: { data: { keyspaces: [one] } } });
    expect((await keyfold(['keyspaces', 'list'], { env: env() })).out).toMatch(/^default +Default +1 +FLAT +secret$/m);
    expect((await keyfold(['keyspaces', 'show', 'default'], { env: env() })).out).toBe('slug: default\n');
    expect((await keyfold(['keyspaces', 'show', 'other'], { env: env() })).code).toBe(1);
  });
});

describe('keyfold dev', () => {
  it('env makes settings that are taken with Kafka and MongoDB, privately and once', async () => {
    const dir = join(folder, 'dev');
    const first = await keyfold(['dev', 'env', dir, '--port', '4499']);
    const file = join(dir, 'keyfold.env');
    expect(first).toMatchObject({ code: 0, out: `${file}\n` });
    const text = await readFile(file, 'utf8');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    const settings = { ...parseEnv(text), KAFKA_BROKERS: 'a:1', MONGODB_URL: 'mongodb://a/b' };
    expect(loadSettings(settings)).toMatchObject({
      ok: true,
      warnings: [],
      settings: { auth: { jwksUrl: 'http://127.0.0.1:4499/jwks.json' } },
    });
    await keyfold(['dev', 'env', dir, '--port', '4500']);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('token and issuer of one folder belong together', async () => {
    const dir = join(folder, 'dev');
    const free = await startStub();
    const port = new URL(free.url).port;
    await free.close();
    await keyfold(['dev', 'env', dir, '--port', port]);
    const token = (await keyfold(['dev', 'token', dir, '--workspace', 'demo', '--role', 'admin'])).out.trimEnd();
    const child = execFile(process.execPath, [join(import.meta.dirname, '../../bin/keyfold.js'), 'dev', 'issuer', dir]);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await new Promise<void>((resolve, reject) => {
      child.stderr?.once('data', () => resolve());
      child.once('exit', () => reject(new Error('the issuer has ended')));
    });
    const jwks = (await (await fetch(`http://127.0.0.1:${port}/jwks.json`)).json()) as {
      keys: Record<string, string>[];
    };
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(jwks.keys[0]).not.toHaveProperty('d');
    const { createLocalJWKSet } = await import('jose');
    const identity = createIdentityService({
      issuers: [
        {
          issuer: `http://127.0.0.1:${port}`,
          audience: 'keyfold',
          typ: 'at+jwt',
          keys: createLocalJWKSet(jwks),
        },
      ],
      claim: 'keyfold',
      maxTokenAgeMs: 3_600_000,
    });
    expect(await identity.authenticate(['Authorization', `Bearer ${token}`], null)).toMatchObject({ ok: true });
  });

  it('token without a folder says how to make it', async () => {
    const ran = await keyfold(['dev', 'token', join(folder, 'none'), '--role', 'admin']);
    expect([ran.code, ran.out]).toEqual([1, '']);
    expect(ran.err).toMatch(/keyfold dev env/);
  });
});

describe('--help', () => {
  const commands = (help: string): string[] => {
    const section = help.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '';
    return [...section.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name ?? '').filter((name) => name !== 'help');
  };

  it('is there for every command, with an example for each that does something', async () => {
    const visited: string[] = [];
    const visit = async (path: readonly string[]): Promise<void> => {
      const { code, out, err } = await keyfold([...path, '--help']);
      expect([code, err], path.join(' ')).toEqual([0, '']);
      const below = commands(out);
      if (below.length === 0) {
        visited.push(path.join(' '));
        expect(out, path.join(' ')).toMatch(/\nExamples?:\n {2}\S/);
      }
      for (const name of below) await visit([...path, name]);
    };
    await visit([]);
    expect(visited.sort()).toEqual(
      [
        'audit access-review',
        'audit checkpoint',
        'audit requests',
        'audit shadow',
        'audit verify',
        'backup',
        'restore',
        'events export',
        'events follow',
        'sealing rewrap',
        'sealing status',
        'serve',
        'sessions end',
        'sessions list',
        'sign-in',
        'token',
        'verify',
        'dev env',
        'dev issuer',
        'dev token',
        'keyspaces apply',
        'keyspaces list',
        'keyspaces show',
        'peppers status',
        'projections discard',
        'projections rebuild',
        'projections retry',
        'projections status',
        ...[
          'create',
          'delete',
          'disable',
          'enable',
          'expiry',
          'forget',
          'forget-owner',
          'history',
          'list',
          'regenerate',
          'restrictions',
          'retire',
          'revoke',
          'scopes',
          'show',
          'update',
        ].map((name) => `keys ${name}`),
      ].sort(),
    );
  });
});

describe('bin/keyfold.js', () => {
  it('runs as it is committed, by its own name', async () => {
    const file = join(import.meta.dirname, '../../bin/keyfold.js');
    expect((await stat(file)).mode & 0o111).toBe(0o111);
    const { code, out } = await new Promise<{ code: number; out: string }>((resolve) => {
      execFile(file, ['keys', 'nonsense'], (error, stdout) =>
        resolve({ code: (error as { code?: number } | null)?.code ?? 0, out: stdout }),
      );
    });
    expect([code, out]).toEqual([2, '']);
  });
});

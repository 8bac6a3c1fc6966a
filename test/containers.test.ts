// What the deployment files promise, read from the files themselves: nothing here starts a container.
// The linters for both run by `test/tools/check-containers.ts`.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadSettings } from '../services/shared/settings.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: unknown;
  readonly entrypoint?: unknown;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly cap_add?: unknown;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test?: unknown; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
};
const services = Object.entries(compose.services).map(([name, service]) => ({ name, service }));
const running = (kind: string) => services.filter(({ service }) => service.environment?.KEYFOLD_SERVICES === kind);

describe('docker-compose.yml', () => {
  it('starts Kafka, MongoDB, an API, two projectors and two verifiers', () => {
    expect(compose.services).toHaveProperty('kafka');
    expect(compose.services).toHaveProperty('mongodb');
    expect([running('api').length, running('projector').length, running('verifier').length]).toEqual([1, 2, 2]);
  });

  it.each(services)('gives $name nothing but what it needs', ({ service }) => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.cap_add).toBeUndefined();
    expect(service.privileged).toBeUndefined();
    expect(service.security_opt).toContain('no-new-privileges:true');
    expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(service.volumes ?? []).not.toContainEqual(expect.stringMatching(/^[./~]/));
  });

  it.each(services)('opens no port of $name but on 127.0.0.1', ({ service }) => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(services)('pins the image of $name to a version', ({ service }) => {
    if (service.build === undefined) expect(service.image).toMatch(/^[a-z/]+:\d+\.\d+\.\d+$/);
    else expect(service.build).toBe('.');
  });

  it('keeps log and store in a network that leads nowhere else', () => {
    expect(compose.networks.stores?.internal).toBe(true);
    for (const name of ['kafka', 'mongodb']) {
      expect(compose.services[name]).toMatchObject({ networks: ['stores'] });
      expect(compose.services[name]?.ports).toBeUndefined();
    }
  });

  it('waits for healthy stores and made secrets before it starts Keyfold', () => {
    for (const { service } of [...running('api'), ...running('projector'), ...running('verifier')]) {
      expect(service.depends_on).toMatchObject({
        kafka: { condition: 'service_healthy' },
        mongodb: { condition: 'service_healthy' },
        settings: { condition: 'service_completed_successfully' },
      });
    }
    for (const name of ['kafka', 'mongodb']) expect(compose.services[name]?.healthcheck?.test).toBeDefined();
  });

  it('contains no secret: every one comes from a file that is made at the first start', () => {
    for (const { service } of services) {
      for (const name of Object.keys(service.environment ?? {})) {
        expect(name).not.toMatch(/PASSWORD|SECRET|TOKEN|PEPPER|_KEYS?\b/);
      }
    }
    expect(read('docker-compose.yml')).not.toMatch(/:\/\/[^/\s]+:[^/\s]+@/);
    for (const { service } of [...running('api'), ...running('projector'), ...running('verifier')]) {
      expect(service.entrypoint).toEqual(['node', '--env-file=/data/keyfold.env', 'bin/keyfold.js']);
      expect(service.command).toEqual(['serve']);
      expect((service.volumes as string[]).filter((volume) => volume !== 'usage:/usage')).toEqual([
        'settings:/data:ro',
      ]);
    }
  });

  it('gives every process settings that are accepted, with what `keyfold dev env` makes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyfold-compose-'));
    try {
      const [command, ...rest] = (compose.services.settings?.command ?? []) as string[];
      const args = [command ?? '', ...rest].map((argument) => argument.replace('/data', folder));
      await promisify(execFile)(process.execPath, [join(root, 'bin', 'keyfold.js'), ...args]);
      const made = parseEnv(await readFile(join(folder, 'keyfold.env'), 'utf8'));
      for (const { service } of [...running('api'), ...running('projector'), ...running('verifier')]) {
        const loaded = loadSettings({ HOST: '0.0.0.0', ...made, ...service.environment });
        expect(loaded).toMatchObject({ ok: true, warnings: [], settings: { storage: { kind: 'distributed' } } });
      }
      // Each of the keys that data is made with; an API without the ones that it signs with is refused.
      for (const name of ['KEYFOLD_PEPPERS', 'KEYFOLD_SEALING_KEYS', 'KEYFOLD_CHECKPOINT_KEYS'])
        expect(made[name]).toMatch(/^[\w-]+:[A-Za-z0-9+/]{43}=$/);
      const without = { ...made, KEYFOLD_CHECKPOINT_KEYS: '' };
      for (const { service } of running('api'))
        expect(loadSettings({ HOST: '0.0.0.0', ...without, ...service.environment })).toMatchObject({
          ok: false,
          problems: [expect.stringContaining('KEYFOLD_CHECKPOINT_KEYS')],
        });
      expect(made.AUTH_JWKS_URL).toBe('http://127.0.0.1:4400/jwks.json');
      expect(JSON.stringify(compose.services.issuer?.healthcheck?.test)).toContain(made.AUTH_JWKS_URL);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('sets the broker as protocol T demands', () => {
    expect(compose.services.kafka?.environment).toMatchObject({
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_LOG_CLEANUP_POLICY: 'delete',
      KAFKA_LOG_RETENTION_MS: '-1',
      KAFKA_LOG_RETENTION_BYTES: '-1',
      KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE: 'false',
      KAFKA_MIN_INSYNC_REPLICAS: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
    });
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');
  const last = (instruction: string): string =>
    [...dockerfile.matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))].at(-1)?.[1] ?? '';

  it('runs as a numeric user who is not root', () => {
    expect(last('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it('starts without a shell, so that signals reach the process', () => {
    expect(JSON.parse(last('ENTRYPOINT'))).toEqual(['node', 'bin/keyfold.js']);
    expect(JSON.parse(last('CMD'))).toEqual(['serve']);
  });

  it('asks for its own health without a shell', () => {
    expect(JSON.parse(last('HEALTHCHECK').replace(/^.* CMD /, ''))).toEqual(['node', 'dist/services/healthcheck.js']);
  });

  it('pins its base image, runs no install script and leaves development packages behind', () => {
    for (const [, image] of dockerfile.matchAll(/^FROM (\S+)/gm))
      expect(image).toMatch(/^node:20\.\d+\.\d+-[a-z]+-slim$/);
    expect(dockerfile).toContain('npm ci --ignore-scripts');
    expect(dockerfile).toContain('npm prune --omit=dev --ignore-scripts');
  });

  it('is built from named files only', () => {
    const [first, ...rest] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
    for (const line of rest) expect(line).toMatch(/^!/);
  });
});

describe('the health check', () => {
  /** Its exit code beside services that answer with these statuses; `null`: nobody listens. */
  async function check(chosen: string, statuses: { readonly api: number | null; readonly verifier: number | null }) {
    const ports: Record<string, string> = { KEYFOLD_SERVICES: chosen };
    const servers = await Promise.all(
      Object.entries(statuses).map(async ([name, status]) => {
        const server = createServer((_, response) => response.writeHead(status ?? 500).end()).listen(0, '127.0.0.1');
        await once(server, 'listening');
        ports[`${name.toUpperCase()}_PORT`] = String((server.address() as AddressInfo).port);
        if (status === null) server.close();
        return server;
      }),
    );
    const script = join(root, 'services', 'healthcheck.ts');
    const env = { PATH: process.env.PATH, ...ports };
    const child = execFile(process.execPath, ['--import', 'tsx', script], { cwd: root, env });
    const [code] = (await once(child, 'exit')) as [number];
    for (const server of servers) server.close();
    return code;
  }

  it('passes when every service of the container answers', async () => {
    expect(await check('all', { api: 200, verifier: 200 })).toBe(0);
    expect(await check('verifier', { api: null, verifier: 200 })).toBe(0);
  });

  it('fails when one of them does not answer, or not with 200', async () => {
    expect(await check('all', { api: 200, verifier: null })).toBe(1);
    expect(await check('api,verifier', { api: 503, verifier: 200 })).toBe(1);
  });
});

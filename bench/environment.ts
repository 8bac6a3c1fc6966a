// The environments that benchmarks run in: a data folder of their own, or the servers that test/services/ starts.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalIssuer } from '../services/api/local-issuer.ts';
import { openCore, type Core } from '../services/core.ts';
import { makeIssuerKey, readIssuerKey } from '../services/shared/data-folder.ts';
import { createLogger } from '../services/shared/logger.ts';
import { loadSettings, type Settings } from '../services/shared/settings.ts';
import { fill, WORKSPACE, type Dataset } from './dataset.ts';

export type Environment = Readonly<Record<string, string>>;

export function settingsOf(environment: Environment): Settings {
  const loaded = loadSettings(environment);
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return loaded.settings;
}

export interface Folder extends Dataset {
  readonly environment: Environment;
  /** An admin's token of the bench workspace. */
  readonly token: string;
  remove(): Promise<void>;
}

/** A data folder with `count` keys; nobody holds it when this resolves. */
export async function makeFolder(count: number): Promise<Folder> {
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-bench-'));
  const environment = { KEYFOLD_DATA: folder, API_PORT: '0', VERIFIER_PORT: '0', PROJECTOR_PORT: '0' };
  const core = await openCore(settingsOf(environment), createLogger({ level: 'error' }));
  const dataset = await fill(core, count);
  await core.close();
  const issuer = createLocalIssuer({ key: await readIssuerKey(folder), claim: 'keyfold' });
  const token = await issuer.mint({ subject: 'bench', operator: true, workspaces: { [WORKSPACE]: 'admin' } });
  return { ...dataset, environment, token, remove: () => rm(folder, { recursive: true }) };
}

export interface Installation {
  readonly environment: Environment;
  /** An admin's token of the bench workspace. */
  readonly token: string;
  close(): Promise<void>;
}

/** An empty installation on KAFKA_BROKERS and MONGODB_URL, with an identity provider on loopback. */
export async function makeInstallation(): Promise<Installation> {
  const { KAFKA_BROKERS = '', MONGODB_URL = '' } = process.env;
  const name = `bench${randomBytes(4).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-bench-'));
  const secret = (): string => `k1:${randomBytes(32).toString('base64')}`;
  const database = new URL(MONGODB_URL);
  database.pathname = `/${name}`;
  const issuer = createLocalIssuer({ key: await makeIssuerKey(), claim: 'keyfold' });
  const jwks = createServer((_, response) => response.end(JSON.stringify(issuer.jwks))).listen(0, '127.0.0.1');
  await once(jwks, 'listening');
  return {
    token: await issuer.mint({ subject: 'bench', operator: true, workspaces: { [WORKSPACE]: 'admin' } }),
    close: async () => {
      jwks.close();
      await rm(folder, { recursive: true });
    },
    environment: {
      KEYFOLD_DATA: folder,
      KAFKA_BROKERS,
      MONGODB_URL: database.toString(),
      KAFKA_TOPIC_PREFIX: name,
      KEYFOLD_PEPPERS: secret(),
      KEYFOLD_SEALING_KEYS: secret(),
      KEYFOLD_CHECKPOINT_KEYS: secret(),
      AUTH_ISSUER: issuer.trusted.issuer,
      AUTH_AUDIENCE: issuer.trusted.audience,
      AUTH_JWKS_URL: `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/jwks.json`,
      API_PORT: '0',
      VERIFIER_PORT: '0',
      PROJECTOR_PORT: '0',
    },
  };
}

export async function withCore<T>(environment: Environment, work: (core: Core) => Promise<T>): Promise<T> {
  const core = await openCore(settingsOf(environment), createLogger({ level: 'error' }));
  try {
    return await work(core);
  } finally {
    await core.close();
  }
}

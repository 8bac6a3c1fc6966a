// An embedded installation's data folder: processes on it, and a look into it when nobody holds it.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLog } from '../../events/logs/embedded.ts';
import { createDataKeys, type DataKeys } from '../../projections/personal.ts';
import { openEmbeddedStore } from '../../projections/stores/embedded.ts';
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import { openDataFolder, readIssuerKey } from '../../services/shared/data-folder.ts';
import { apiClient, verifierClient, type Api, type VerifierClient } from './api.ts';
import type { Sources } from './contents.ts';
import { startKeyfold, type Environment, type KeyfoldProcess } from './processes.ts';
import { WORKSPACE } from './system.ts';

export interface RunningFolder {
  readonly process: KeyfoldProcess;
  readonly api: Api;
  readonly verifier: VerifierClient;
}

export interface EmbeddedFolder {
  readonly path: string;
  readonly env: Environment;
  /** `keyfold serve` on this folder; does not wait. */
  launch(env?: Environment): KeyfoldProcess;
  /** The same, once it is ready. */
  start(env?: Environment): Promise<RunningFolder>;
  /** Log and store as they lie there; the processes must have ended. */
  inside<T>(work: (sources: Sources & { readonly dataKeys: DataKeys }) => Promise<T>): Promise<T>;
  remove(): Promise<void>;
}

export async function makeFolder(name = 'data'): Promise<EmbeddedFolder> {
  const root = await mkdtemp(join(tmpdir(), 'keyfold-e2e-'));
  const path = join(root, name);
  const base = { KEYFOLD_DATA: path, API_PORT: '0', VERIFIER_PORT: '0', LOG_LEVEL: 'info' };
  const launch = (env: Environment = {}): KeyfoldProcess => startKeyfold(['serve'], { ...base, ...env });
  return {
    path,
    env: base,
    launch,
    async start(env) {
      const process = launch(env);
      await process.ready();
      const { api = '', verifier = '' } = process.urls();
      const issuer = createLocalIssuer({ key: await readIssuerKey(path), claim: 'keyfold' });
      const token = await issuer.mint({ subject: 'alice', workspaces: { [WORKSPACE]: 'admin' }, operator: true });
      return { process, api: apiClient({ url: api, token }), verifier: verifierClient({ url: verifier, token: null }) };
    },
    async inside(work) {
      const log = await openEmbeddedLog({ directory: path });
      const store = await openEmbeddedStore({ directory: path, now: new Date().toISOString() });
      const { sealingKeys } = await openDataFolder(path);
      try {
        return await work({ log, store, dataKeys: createDataKeys({ store, sealingKeys, randomBytes }) });
      } finally {
        await log.close();
        await store.close();
      }
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

// A whole system in this process: all services on one core, which tests can reach into. It can be stopped and started
// again on what it has written.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCore, type Core } from '../../services/core.ts';
import { serveOn, type Running } from '../../services/serve.ts';
import type { IssuerKey } from '../../services/shared/data-folder.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { loadSettings } from '../../services/shared/settings.ts';
import type { Environment } from './processes.ts';
import { createSystem, type System, type SystemParts } from './system.ts';

const READY_MS = 120_000;

export interface InProcess extends System {
  readonly core: Core;
  /** Stops it and starts it again on the same data; `this` is of no use after that. */
  restart(): Promise<InProcess>;
}

interface Options {
  readonly env: Environment;
  /** Of an issuer elsewhere; absent: the data folder's own. */
  readonly issuer?: SystemParts['issuer'];
  readonly dispose: () => Promise<void>;
}

/** A system on embedded storage, in a temporary folder. */
export async function startEmbedded(env: Environment = {}): Promise<InProcess & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'keyfold-e2e-'));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return { ...(await start({ env: { KEYFOLD_DATA: join(folder, 'data'), ...env }, dispose })), folder };
}

/** A system of any settings; the ports are its own choice. */
export async function start(options: Options): Promise<InProcess> {
  const { env, issuer, dispose } = options;
  const loaded = loadSettings({ API_PORT: '0', VERIFIER_PORT: '0', PROJECTOR_PORT: '0', LOG_LEVEL: 'silent', ...env });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const { settings } = loaded;
  const core = await openCore(settings, createLogger({ level: settings.logLevel }));
  const running = await serveOn(core);
  if (!(await running.whenReady(AbortSignal.timeout(READY_MS))))
    throw new Error(JSON.stringify(await running.readiness()));
  const address = addressIn(running);
  const system = createSystem({
    issuer: issuer ?? { key: ownIssuer(core) },
    apis: [address('api')],
    verifiers: [address('verifier')],
    verifierToken: settings.verifierToken,
    projectors: [],
    stop: async () => {
      await running.stop();
      await dispose();
    },
  });
  return {
    ...system,
    core,
    restart: async () => {
      await running.stop();
      return start(options);
    },
  };
}

const addressIn =
  ({ services }: Running) =>
  (name: string): string => {
    const url = services.find((service) => service.name === name)?.url;
    if (url == null) throw new Error(`no ${name} is running`);
    return url;
  };

function ownIssuer({ issuerKey }: Core): IssuerKey {
  if (!issuerKey) throw new Error('this installation has no issuer of its own');
  return issuerKey;
}

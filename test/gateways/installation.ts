// Keyfold as a process of its own, with the gateways of docs/gateways/ in front of one upstream, and keys to call with.
import { randomBytes } from 'node:crypto';
import { generateSecret } from '../../events/secret.ts';
import { verifierClient, type Api } from '../support/api.ts';
import { makeFolder } from '../support/embedded-folder.ts';
import { createKey, type MadeKey } from '../support/keys.ts';
import type { Environment, KeyfoldProcess } from '../support/processes.ts';
import { RUN, startGateway, type Behind, type RunGateway, type RunningGateway } from './gateways.ts';
import { startUpstream, type Upstream } from './upstream.ts';

export interface Installation {
  readonly keyfold: KeyfoldProcess;
  readonly api: Api;
  readonly gateways: Readonly<Record<RunGateway, RunningGateway>>;
  readonly upstream: Upstream;
  /** What the gateways stand before. */
  readonly behind: Behind;
  /** A key that the verifier knows of by now. */
  key(input?: Readonly<Record<string, unknown>>): Promise<MadeKey>;
  /** Waits until the verifier has seen a position. */
  seen(position: string): Promise<void>;
  stop(): Promise<void>;
}

const TOKEN = randomBytes(32).toString('hex');

/** The gateways' own address is the only one whose word is taken. */
export async function startInstallation(env: Environment = {}): Promise<Installation> {
  const folder = await makeFolder();
  const { process, api, verifier } = await folder.start({
    ...{ VERIFIER_TOKEN: TOKEN, TRUSTED_PROXIES: '127.0.0.1' },
    ...env,
  });
  const client = verifierClient({ url: verifier.url, token: TOKEN });
  const upstream = await startUpstream();
  const behind = {
    ...{ verifierPort: Number(new URL(verifier.url).port), verifierToken: TOKEN },
    upstreamPort: upstream.port,
  };
  const [nginx, caddy] = await Promise.all(RUN.map((name) => startGateway(name, behind)));
  if (!nginx || !caddy) throw new Error('both gateways run');
  const seen = async (position: string): Promise<void> => {
    await client.verify(madeUp('kf'), { atLeast: position });
  };
  return {
    ...{ keyfold: process, api, upstream, behind, seen, gateways: { nginx, caddy } },
    key: async (input = {}) => {
      const made = await createKey(api, input);
      await seen(made.position);
      return made;
    },
    stop: async () => {
      await Promise.all([nginx.stop(), caddy.stop(), upstream.stop()]);
      process.signal('SIGCONT');
      await process.kill();
      await folder.remove();
    },
  };
}

/** A key of the right form that was never made. */
export const madeUp = (prefix: string): string => generateSecret(prefix, randomBytes).reveal();

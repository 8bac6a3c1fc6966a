// A system as tests meet it, whatever it is made of: addresses, tokens of its own issuer, and a stop that leaves nothing.
import type { Role } from '../../events/keyspaces/profile.ts';
import { createLocalIssuer } from '../../services/api/local-issuer.ts';
import type { IssuerKey } from '../../services/shared/data-folder.ts';
import { apiClient, verifierClient, type Api, type VerifierClient } from './api.ts';

export const WORKSPACE = 'acme';
const ADMIN: Readonly<Record<string, Role>> = { [WORKSPACE]: 'admin' };

/** Who a token speaks for; absent: an admin of {@link WORKSPACE} who operates the installation. */
export interface As {
  readonly subject?: string;
  readonly workspaces?: Readonly<Record<string, Role>>;
  readonly operator?: boolean;
  readonly email?: string;
}

export interface System {
  /** A client of the API; `instance`: which of several. */
  api(as?: As, instance?: number): Promise<Api>;
  readonly verifiers: readonly VerifierClient[];
  /** Base addresses of everything that answers /readyz and /metrics. */
  readonly addresses: {
    readonly api: string;
    readonly verifiers: readonly string[];
    readonly projectors: readonly string[];
  };
  stop(): Promise<void>;
}

export interface SystemParts {
  readonly issuer: { readonly key: IssuerKey; readonly issuer?: string; readonly audience?: string };
  readonly apis: readonly [string, ...string[]];
  readonly verifiers: readonly string[];
  readonly verifierToken: string | null;
  /** Where projectors listen that are processes of their own; with embedded storage the API's port says it all. */
  readonly projectors: readonly string[];
  readonly stop: () => Promise<void>;
}

export function createSystem({ issuer, apis, verifiers, verifierToken, projectors, stop }: SystemParts): System {
  const minter = createLocalIssuer({ ...issuer, claim: 'keyfold' });
  return {
    async api({ subject = 'alice', workspaces = ADMIN, operator = true, email } = {}, instance = 0) {
      const token = await minter.mint({ subject, workspaces, operator, ...(email === undefined ? {} : { email }) });
      return apiClient({ url: apis[instance] ?? apis[0], token });
    },
    verifiers: verifiers.map((url) => verifierClient({ url, token: verifierToken })),
    addresses: { api: apis[0], verifiers, projectors },
    stop,
  };
}

/** What /readyz says. */
export async function readyz(url: string): Promise<{ status: number; body: { status: string; reasons: string[] } }> {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, body: (await response.json()) as { status: string; reasons: string[] } };
}

/** The value of a metric without labels. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`no metric ${name}`);
  return Number(value);
}

// Sign-in links, of embedded storage: one is printed when the process is ready, and POST /session/codes makes another for
// whoever holds a token of the data folder's own issuer, who can be anybody anyway. It signs in the one whom the token names.
import type { AddressSource } from '../shared/client-address.ts';
import { isLoopback } from '../shared/networks.ts';
import { refusalOf, refuse, REFUSALS, sendJson } from './answers.ts';
import type { Identity, IdentityService } from './identity.ts';
import type { Route } from './routes.ts';
import type { SignedIn, SignInCode, SignInCodes } from './sign-in-codes.ts';

const PATH = '/session/codes';
const ONLY_POST = { ...REFUSALS.method, message: 'Use POST.', headers: { allow: 'POST' } } as const;

/** Who runs an embedded installation. */
export const OWNER: SignedIn = { subject: 'local', email: null, workspaces: { demo: 'admin' }, operator: true };

export interface SignInLink extends SignInCode {
  /** `…/sign-in#code=…`: behind the #, so that no server and no log sees the code. */
  readonly url: string;
}

export interface SignInLinks {
  /** `null`: no browser could be given a cookie under this installation's address. */
  issue(who: SignedIn): SignInLink | null;
  readonly route: Route;
}

export interface SignInLinksOptions {
  readonly codes: SignInCodes;
  /** Of the data folder's own issuer alone. */
  readonly identity: Pick<IdentityService, 'authenticate'>;
  readonly clientAddress: (request: AddressSource) => string | null;
  /** PUBLIC_URL */
  readonly publicUrl: string | null;
  /** Where the API listens; known once it does. */
  readonly address: () => string;
}

export function createSignInLinks(options: SignInLinksOptions): SignInLinks {
  const { codes, identity, clientAddress, publicUrl, address } = options;

  function issue(who: SignedIn): SignInLink | null {
    const base = publicUrl ?? loopbackAddress(address());
    if (base === null) return null;
    const made = codes.issue(who);
    return { ...made, url: `${base}/sign-in#code=${made.code}` };
  }

  const route: Route = (request, response, path, search) => {
    if (path !== PATH) return null;
    if (request.method !== 'POST') {
      refuse(response, ONLY_POST);
      return Promise.resolve();
    }
    const query = new URLSearchParams(search);
    return identity.authenticate(request.rawHeaders, query, clientAddress(request), {}).then((caller) => {
      if (!caller.ok) {
        refuse(response, refusalOf(caller));
        return;
      }
      const link = issue(signedInAs(caller.identity));
      if (link === null) refuse(response, NO_ADDRESS);
      else sendJson(response, 201, 'application/json', link);
    });
  };
  return { issue, route };
}

const NO_ADDRESS = {
  status: 403,
  code: 'FORBIDDEN',
  message: 'HOST is no loopback address: set PUBLIC_URL to the https:// address that browsers reach this under.',
} as const;

/** Of a token, which speaks for people: no workspace has the standing of a key. */
export function signedInAs({ actor, email, workspaces, operator }: Identity): SignedIn {
  const roles = [...workspaces].flatMap(([id, standing]) =>
    typeof standing === 'string' ? [[id, standing] as const] : [],
  );
  return { subject: actor.id, email, workspaces: Object.fromEntries(roles), operator };
}

/** Where a browser on the same machine reaches what listens there. */
function loopbackAddress(address: string): string | null {
  const url = new URL(address);
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') return `http://127.0.0.1:${url.port}`;
  return isLoopback(url.hostname) ? address : null;
}

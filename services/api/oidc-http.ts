// GET /session/start and /session/callback: to the identity provider and back. What a sign-in is recognised by waits in a
// cookie of its own, Lax, since the way back begins elsewhere. Whatever fails leads to the page that was asked for, which is
// the one to sign in then, with a word for why.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressSource } from '../shared/client-address.ts';
import { refuse, REFUSALS } from './answers.ts';
import type { IdentityService } from './identity.ts';
import { OidcError, type Oidc, type OidcFailure, type PendingSignIn } from './oidc.ts';
import type { Route } from './routes.ts';
import { beginSession, type SessionHttpOptions } from './session-http.ts';
import { signedInAs } from './sign-in-links.ts';

export const CALLBACK_PATH = '/session/callback';
const START_PATH = '/session/start';
const SIGN_IN_PATH = '/sign-in';
const FIRST_PAGE = '/';
/** How long one may take at the provider, in seconds. */
const PENDING_S = 600;
const MAX_RETURN = 1024;
const ONLY_GET = { ...REFUSALS.method, message: 'Use GET.', headers: { allow: 'GET' } } as const;

export interface OidcHttpOptions extends Pick<SessionHttpOptions, 'sessions' | 'cookies' | 'logger' | 'metrics'> {
  readonly oidc: Oidc;
  /** What access tokens are verified by. */
  readonly identity: Pick<IdentityService, 'authenticate'>;
  readonly clientAddress: (request: AddressSource) => string | null;
  /** PUBLIC_URL */
  readonly publicUrl: string;
}

interface Waiting extends PendingSignIn {
  readonly returnTo: string;
}

export function createOidcHttp(options: OidcHttpOptions): Route {
  const { oidc, identity, clientAddress, cookies, logger, metrics, publicUrl } = options;

  async function start(response: ServerResponse, returnTo: string): Promise<void> {
    const { url, pending } = await oidc.start();
    const waiting = { ...pending, returnTo };
    response.appendHeader('set-cookie', cookies.pending.set(encode(waiting), PENDING_S));
    redirect(response, url.href);
  }

  async function finish(
    request: IncomingMessage,
    response: ServerResponse,
    search: string,
    waiting: Waiting | null,
  ): Promise<void> {
    if (waiting === null) throw new OidcError('expired', 'the browser holds no sign-in that has begun');
    const token = await oidc.finish(new URL(`${publicUrl}${CALLBACK_PATH}?${search}`), waiting);
    const credential = ['authorization', `Bearer ${token}`];
    const found = await identity.authenticate(credential, null, clientAddress(request), {});
    if (!found.ok && found.code === 'UNAVAILABLE')
      throw new OidcError('unavailable', 'the access token cannot be checked now (AUTH_JWKS_URL)');
    if (!found.ok || found.identity.actor.kind !== 'user')
      throw new OidcError('not_accepted', 'the access token is not accepted: see AUTH_AUDIENCE, AUTH_TYP, AUTH_CLAIM');
    await beginSession(options, request, response, { who: signedInAs(found.identity), method: 'oidc' });
    redirect(response, waiting.returnTo);
  }

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    search: string,
  ): Promise<void> {
    const begins = path === START_PATH;
    const waiting = begins ? null : decode(cookies.pending.read(request.rawHeaders));
    const returnTo = begins
      ? localPath(new URLSearchParams(search).get('returnTo'))
      : (waiting?.returnTo ?? FIRST_PAGE);
    // Used up, whatever comes of it.
    if (!begins) response.appendHeader('set-cookie', cookies.pending.clear());
    try {
      await (begins ? start(response, returnTo) : finish(request, response, search, waiting));
    } catch (error) {
      const failure: OidcFailure = error instanceof OidcError ? error.failure : 'unavailable';
      const outcome = failure === 'unavailable' ? 'failed' : 'refused';
      metrics.signIns.inc({ method: 'oidc', outcome });
      logger.warn({ err: error }, 'nobody could be signed in');
      redirect(response, `${returnTo === FIRST_PAGE ? SIGN_IN_PATH : returnTo}#error=${failure}`);
    }
  }

  return (request, response, path, search) => {
    if (path !== START_PATH && path !== CALLBACK_PATH) return null;
    if (request.method === 'GET') return answer(request, response, path, search);
    refuse(response, ONLY_GET);
    return Promise.resolve();
  };
}

/** No page that this leads to is told of the code in this one's address. */
function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'referrer-policy': 'no-referrer', 'content-length': 0 }).end();
}

/** A page of the console, without a fragment, which would be read as what came of it; anything else leads to the first one. */
function localPath(path: string | null): string {
  const isLocal = path !== null && path.length <= MAX_RETURN && /^\/(?![/\\])[\x21\x22\x24-\x5b\x5d-\x7e]*$/.test(path);
  return isLocal ? path : FIRST_PAGE;
}

const encode = ({ state, nonce, verifier, returnTo }: Waiting): string =>
  [state, nonce, verifier, Buffer.from(returnTo).toString('base64url')].join('.');

function decode(text: string | null): Waiting | null {
  const [state = '', nonce = '', verifier = '', path = '', ...more] = (text ?? '').split('.');
  if (more.length > 0 || [state, nonce, verifier].some((each) => !/^[\w-]{20,200}$/.test(each))) return null;
  return { state, nonce, verifier, returnTo: localPath(Buffer.from(path, 'base64url').toString()) };
}

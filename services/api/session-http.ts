// /session: who is signed in to the console (GET), signing in with the code of a link (POST), signing out (DELETE). Answers
// go to pages of our own only. A page of another origin cannot sign its visitor out. It can lead them here by a link, which
// signs in whoever is not signed in; to take somebody's place it needs `replace`, and the console asks that person first.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { StoreFullError } from '../../projections/read-store.ts';
import type { SessionRow } from '../../projections/sessions.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import { refuse, REFUSALS, sendJson, type FrontRefusal } from './answers.ts';
import { isJsonBody } from './media-types.ts';
import { readBody } from './request-body.ts';
import type { Route } from './routes.ts';
import { isCsrfSafe, originOf } from './same-origin.ts';
import type { ConsoleCookies } from './session-cookie.ts';
import { MAX_AGE_MS, type ConsoleSessions } from './sessions.ts';
import type { SignedIn, SignInCodes } from './sign-in-codes.ts';

const PATH = '/session';
const MAX_BODY = 4096;

export interface SessionHttpOptions {
  readonly sessions: ConsoleSessions;
  readonly cookies: ConsoleCookies;
  /** `null`: nobody signs in by a link. */
  readonly codes: SignInCodes | null;
  /** Whether one may sign in at the identity provider. */
  readonly oidc: boolean;
  /** PUBLIC_URL */
  readonly publicUrl: string | null;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly metrics: Pick<Metrics, 'signIns'>;
}

const METHODS = { ...REFUSALS.method, message: 'Use GET, POST or DELETE.', headers: { allow: 'GET, POST, DELETE' } };
const OTHER_ORIGIN = { status: 403, code: 'FORBIDDEN', message: 'This is for pages of the console only.' } as const;
const NOT_SAFE = {
  status: 403,
  code: 'FORBIDDEN',
  message:
    'Signing in needs https (PUBLIC_URL), or a browser on the same machine that asks for 127.0.0.1 or localhost.',
} as const;
const NO_LINKS = { status: 403, code: 'FORBIDDEN', message: 'Nobody signs in by a link here.' } as const;
const BAD_BODY = {
  status: 400,
  code: 'BAD_USER_INPUT',
  message: 'The body must be { "code": "…", "replace": false }.',
} as const;
const USED_UP = {
  status: 401,
  code: 'UNAUTHENTICATED',
  message: 'This link was used already, or is older than 10 minutes. Get another one: npx keyfold sign-in',
} as const;
const SOMEBODY_ELSE = {
  status: 409,
  code: 'CONFLICT',
  message: 'Somebody else is signed in: "replace": true signs them out. The link is still good.',
} as const;
const AWAY = { status: 503, code: 'UNAVAILABLE', message: 'The read store does not answer: ask again.' } as const;
const FULL = { status: 503, code: 'UNAVAILABLE', message: 'No space is left on the disk of the read store.' } as const;

const signInBody = z.object({ code: z.string().min(1).max(256), replace: z.boolean().default(false) });
type SignInBody = z.infer<typeof signInBody>;

/** Begins a session and gives its cookie; the one that the browser had is ended. */
export async function beginSession(
  { sessions, cookies, logger, metrics }: Pick<SessionHttpOptions, 'sessions' | 'cookies' | 'logger' | 'metrics'>,
  { rawHeaders }: IncomingMessage,
  response: ServerResponse,
  signIn: { readonly who: SignedIn; readonly method: SessionRow['method'] },
): Promise<SessionRow> {
  const former = cookies.session.read(rawHeaders);
  const { row, secret } = await sessions.begin(signIn.who, signIn.method);
  // Nobody has its cookie from now on: that it lasts until its time is no reason to sign nobody in.
  if (former !== null)
    await sessions.end(former).catch((error: unknown) => {
      logger.warn({ err: error }, 'a former session could not be ended');
    });
  response.appendHeader('set-cookie', cookies.session.set(secret, MAX_AGE_MS / 1000));
  metrics.signIns.inc({ method: signIn.method, outcome: 'ok' });
  logger.info({ subject: signIn.who.subject, method: signIn.method }, 'somebody has signed in to the console');
  return row;
}

export function createSessionHttp(options: SessionHttpOptions): Route {
  const { sessions, cookies, codes, publicUrl, logger, metrics } = options;
  const methods = [...(codes ? ['code'] : []), ...(options.oidc ? ['oidc'] : [])];

  const tell = (response: ServerResponse, row: SessionRow | null): void =>
    sendJson(response, 200, 'application/json', {
      signedIn: row !== null,
      subject: row?.subject ?? null,
      methods,
      expiresAt: row?.expiresAt ?? null,
      idleUntil: row?.until ?? null,
    });

  /** Looking is no use: a page that is open and idle stays signed in no longer for it. */
  async function show({ rawHeaders }: IncomingMessage, response: ServerResponse): Promise<void> {
    const secret = originOf(rawHeaders, publicUrl) === 'other' ? null : cookies.session.read(rawHeaders);
    tell(response, secret === null ? null : await sessions.find(secret, false));
  }

  /** Whether the browser is signed in, and not as them. */
  async function isSomebodyElse({ rawHeaders }: IncomingMessage, { subject }: SignedIn): Promise<boolean> {
    const secret = cookies.session.read(rawHeaders);
    const row = secret === null ? null : await sessions.find(secret, false);
    return row !== null && row.subject !== subject;
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await bodyOf(request);
    if (asked === null) return;
    if ('status' in asked) {
      refuse(response, asked);
      return;
    }
    const redeemed = codes?.redeem(asked.code) ?? null;
    if (redeemed === null) {
      metrics.signIns.inc({ method: 'code', outcome: 'refused' });
      refuse(response, codes ? USED_UP : NO_LINKS);
      return;
    }
    try {
      if (!asked.replace && (await isSomebodyElse(request, redeemed.who))) {
        redeemed.giveBack();
        refuse(response, SOMEBODY_ELSE);
        return;
      }
      tell(response, await beginSession(options, request, response, { who: redeemed.who, method: 'code' }));
    } catch (error) {
      redeemed.giveBack();
      metrics.signIns.inc({ method: 'code', outcome: 'failed' });
      throw error;
    }
  }

  async function signOut({ rawHeaders }: IncomingMessage, response: ServerResponse): Promise<void> {
    const secret = cookies.session.read(rawHeaders);
    if (secret !== null) await sessions.end(secret);
    response.writeHead(204, { 'set-cookie': cookies.session.clear() }).end();
  }

  /** What is wrong with where a request comes from, or with its form. */
  function formRefusal({ method, rawHeaders }: IncomingMessage): FrontRefusal | null {
    const origin = originOf(rawHeaders, publicUrl);
    switch (method ?? '') {
      case 'GET':
        return null;
      case 'POST':
        // A program says nothing of its origin; a page cannot but do so, nor send JSON to another one's.
        if (origin === 'other') return OTHER_ORIGIN;
        if (!cookies.safe(rawHeaders)) return NOT_SAFE;
        return isJsonBody(rawHeaders) ? null : REFUSALS.mediaType;
      case 'DELETE':
        return isCsrfSafe(rawHeaders) && origin === 'own' ? null : REFUSALS.notOfConsole;
      default:
        return METHODS;
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (request.method === 'GET') await show(request, response);
      else if (request.method === 'POST') await signIn(request, response);
      else await signOut(request, response);
    } catch (error) {
      logger.warn({ err: error }, 'sessions could not be read or written');
      refuse(response, error instanceof StoreFullError ? FULL : AWAY);
    }
  }

  return (request, response, path) => {
    if (path !== PATH) return null;
    const refusal = formRefusal(request);
    if (refusal === null) return answer(request, response);
    refuse(response, refusal);
    return Promise.resolve();
  };
}

/** `null`: the caller has gone. */
async function bodyOf(request: IncomingMessage): Promise<SignInBody | FrontRefusal | null> {
  const body = await readBody(request, MAX_BODY);
  if (!body.ok) return body.reason === 'TOO_LARGE' ? REFUSALS.tooLarge : null;
  try {
    const read = signInBody.safeParse(JSON.parse(body.bytes.toString('utf8')));
    return read.success ? read.data : BAD_BODY;
  } catch {
    return BAD_BODY;
  }
}

// OPTIONS /v1/origin-allowed/{keyspace}: a browser's preflight as a gateway hands it on, answered in the gateway's place.
// What follows the preflight is checked against its own key; here it is said only which origins may ask at all.
import type { IncomingMessage } from 'node:http';
import { createTokenCheck } from './caller.ts';
import type { Checker } from './checker.ts';
import { TOKEN_HEADER } from './forward-request.ts';
import { createHeaderReader } from '../shared/headers.ts';
import { ORIGIN_ALLOWED, originQuery } from './origin-allowed.ts';
import { inputRefusal, reply, type FlatHeaders, type Reply } from './responses.ts';

export interface PreflightOptions {
  readonly checker: Pick<Checker, 'allowsOrigin'>;
  /** VERIFIER_TOKEN; `null`: whoever reaches the port may ask. */
  readonly token: string | null;
  readonly requestId: (given: string | null) => string;
  /** Seconds, of what cannot be told now. */
  readonly retryAfter: string;
  /** Told of every question without {@link PreflightOptions.token}: only our log says what is wrong. */
  readonly onUnknownGateway: () => void;
}

const PREFIX = `${ORIGIN_ALLOWED}/`;
const METHOD = 'access-control-request-method';
const HEADERS = 'access-control-request-headers';
const valuesOf = createHeaderReader([TOKEN_HEADER.toLowerCase(), 'x-request-id', 'origin', METHOD, HEADERS]);
/** What an answer repeats: tokens (RFC 9110, 5.6.2), and nothing of a length that is no preflight's. */
const TOKENS = /^[\w!#$%&'*+.^`|~-]+(?: *, *[\w!#$%&'*+.^`|~-]+)*$/;
const MAX_REPEATED = 1024;
const MAX_AGE_SECONDS = '600';
const VARY: FlatHeaders = ['vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'];

const repeatable = (value: string | null): value is string =>
  value !== null && value.length <= MAX_REPEATED && TOKENS.test(value);

/** @returns what replies to a request; `null`: it is none of these. The path's query is the client's and is not read. */
export function createPreflight(options: PreflightOptions) {
  const { checker, token, requestId: idFor, retryAfter, onUnknownGateway } = options;
  const isCaller = createTokenCheck(token);
  const cannotTell = (code: string, message: string, requestId: string): Reply =>
    reply(503, JSON.stringify({ code, message, requestId }), ['retry-after', retryAfter, ...VARY]);
  return (request: IncomingMessage, path: string): Reply | null => {
    if (!path.startsWith(PREFIX) || request.method !== 'OPTIONS') return null;
    const [given = null, id = null, origin = null, method = null, headers = null] = valuesOf(request.rawHeaders);
    const requestId = idFor(id);
    if (!isCaller(given)) {
      onUnknownGateway();
      return cannotTell('UNAVAILABLE', 'the origin cannot be checked at present', requestId);
    }
    const read = originQuery.safeParse({ keyspace: path.slice(PREFIX.length), origin });
    if (!read.success || !repeatable(method)) {
      const message = 'must be a preflight, with Origin and Access-Control-Request-Method once each';
      return inputRefusal(requestId, { path: [], message });
    }
    // L4: no await from here to the answer.
    const answer = checker.allowsOrigin(read.data.keyspace, read.data.origin);
    if (answer === null) return cannotTell('STALE', 'the verifier cannot prove that its view is fresh', requestId);
    if (!answer.allowed) {
      const message = 'no key may be used from this origin';
      return reply(403, JSON.stringify({ code: 'ORIGIN_NOT_ALLOWED', message, requestId }), VARY);
    }
    const asked: FlatHeaders = repeatable(headers) ? ['access-control-allow-headers', headers] : [];
    const told: FlatHeaders = [
      ...['access-control-allow-origin', read.data.origin, 'access-control-allow-methods', method, ...asked],
      ...['access-control-max-age', MAX_AGE_SECONDS, ...VARY, 'cache-control', 'no-store', 'x-request-id', requestId],
    ];
    return { status: 204, headers: told, body: '', encoding: 'latin1' };
  };
}

// The credential of a request: exactly one Bearer token, in its header. A second credential, one in the query, an
// unreadable or over-long one: all of them are no credential, and no answer tells which it was.
import { headerValues } from '../shared/headers.ts';

const MAX_TOKEN_LENGTH = 8192;
const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i;
/** Where people put credentials by mistake, and where logs keep them. */
const IN_QUERY = new Set(['access_token', 'token', 'api_key', 'apikey', 'key', 'authorization', 'id_token']);

/**
 * The Bearer token of a request, or `null`.
 *
 * @param rawHeaders as they came: `req.headers` hides a header that was sent twice.
 */
export function bearerToken(rawHeaders: readonly string[], query: URLSearchParams | null): string | null {
  const [authorization, ...others] = headerValues(rawHeaders, 'authorization');
  if (authorization === undefined || others.length > 0 || headerValues(rawHeaders, 'x-api-key').length > 0) return null;
  if (query !== null && [...query.keys()].some((name) => IN_QUERY.has(name.toLowerCase()))) return null;
  const token = BEARER.exec(authorization)?.[1] ?? null;
  return token !== null && token.length <= MAX_TOKEN_LENGTH ? token : null;
}

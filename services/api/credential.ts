// The credential of a request: exactly one, a JWT as a Bearer token or an API key, in a header. A second one, one in the
// query, an unreadable or over-long one: all of them are no credential, and no answer tells which it was. The console's
// cookie, which a browser adds to whatever it sends, counts only where nothing else was sent.
import { isWellFormed } from '../verifier/credential.ts';

export type Credential =
  | { readonly kind: 'token'; readonly token: string }
  /** What has the form of a key is never read as a token. */
  | { readonly kind: 'key'; readonly key: string; readonly sent: SentIn }
  /** What the console's cookie holds. */
  | { readonly kind: 'session'; readonly secret: string };

/** Where a key stood. */
export interface SentIn {
  /** The header's name, in lower case. */
  readonly header: string;
  /** Whether it stood behind the word Bearer. */
  readonly bearer: boolean;
}

const MAX_TOKEN_LENGTH = 8192;
const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i;
/** Whatever stands in these is meant as a credential; in any other header, what has the form of a key. */
const CREDENTIAL_HEADERS = new Set(['authorization', 'x-api-key']);
/** Where people put credentials by mistake, and where logs keep them. */
const IN_QUERY = new Set(['access_token', 'token', 'api_key', 'apikey', 'key', 'authorization', 'id_token']);

/**
 * The credential of a request, or `null`. Which headers a key may stand in is its keyspace's affair.
 *
 * @param rawHeaders as they came: `req.headers` hides a header that was sent twice.
 * @param sessionOf what the console's cookie holds, if there is one; absent: cookies are no credentials.
 */
export function credentialOf(
  rawHeaders: readonly string[],
  query: URLSearchParams | null,
  sessionOf: (rawHeaders: readonly string[]) => string | null = () => null,
): Credential | null {
  if (query !== null && [...query].some(([name, value]) => IN_QUERY.has(name.toLowerCase()) || isWellFormed(value)))
    return null;
  const [credential, ...others] = credentialsIn(rawHeaders);
  if (credential !== undefined) return others.length > 0 ? null : credential;
  const secret = sessionOf(rawHeaders);
  return secret === null ? null : { kind: 'session', secret };
}

/** Every credential, and `null` for each that cannot be read. */
function credentialsIn(rawHeaders: readonly string[]): (Credential | null)[] {
  const found: (Credential | null)[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const header = rawHeaders[i]?.toLowerCase() ?? '';
    const value = rawHeaders[i + 1] ?? '';
    const token = BEARER.exec(value)?.[1] ?? null;
    const text = token ?? value;
    if (isWellFormed(text)) found.push({ kind: 'key', key: text, sent: { header, bearer: token !== null } });
    else if (CREDENTIAL_HEADERS.has(header)) found.push(header === 'authorization' ? readToken(token) : null);
  }
  return found;
}

function readToken(token: string | null): Credential | null {
  return token !== null && token.length <= MAX_TOKEN_LENGTH ? { kind: 'token', token } : null;
}

// Where a client sends its key: read from the headers that were named and from nowhere else, as the verifier's
// forward-auth reads it. Two credentials are none: whoever stands behind might take the other one.

export interface CredentialHeader {
  readonly name: string;
  /** Whether the key stands behind the word Bearer (RFC 6750, 2.1). */
  readonly bearer: boolean;
}

/** Those of the keyspace `default`. */
export const DEFAULT_HEADERS: readonly CredentialHeader[] = [
  { name: 'Authorization', bearer: true },
  { name: 'X-API-Key', bearer: false },
];

export interface Credentials {
  /**
   * The key that was sent; `null`: none was, or more than one.
   *
   * @param rawHeaders name, value, name, value, … as they came over the wire.
   */
  read(rawHeaders: readonly string[], query: string): string | null;
  /** What a client has to do, as a sentence. */
  readonly advice: string;
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string;
}

const BEARER = /^bearer +(\S+)$/i;
/** Characters and length of every key; neither a comma, which joins two headers in one, nor a space. */
const KEY = /^[A-Za-z0-9_-]{1,256}$/;
const KEYSPACE = /^[A-Za-z0-9_-]{1,64}$/;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** Every value of a header, in order. @param name in lower case. */
export function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}

/** @throws TypeError for headers or a keyspace that cannot be meant. */
export function createCredentials(headers: readonly CredentialHeader[], keyspace: string): Credentials {
  if (headers.length === 0 || !headers.every(({ name }) => HEADER_NAME.test(name))) {
    throw new TypeError('headers must name at least one header');
  }
  if (!KEYSPACE.test(keyspace)) throw new TypeError('keyspace must be the slug of a keyspace');
  const names = [...new Set(headers.map(({ name }) => name.toLowerCase()))];
  const takes = (name: string, bearer: boolean): boolean =>
    headers.some((header) => header.name.toLowerCase() === name && header.bearer === bearer);

  function keyIn(name: string, value: string): string | null {
    const behind = takes(name, true) ? (BEARER.exec(value)?.[1] ?? null) : null;
    const key = behind ?? (takes(name, false) ? value : '');
    return KEY.test(key) ? key : null;
  }

  return {
    read: (rawHeaders, query) => {
      const sent = names.flatMap((name) => valuesOf(rawHeaders, name).map((value) => ({ name, value })));
      const [only, ...others] = sent;
      if (only === undefined || others.length > 0) return null;
      const key = keyIn(only.name, only.value);
      // Once more in the URL it is in logs by now.
      const isCopied = key !== null && [...new URLSearchParams(query)].flat().some((text) => text.includes(key));
      return isCopied ? null : key;
    },
    advice: `send the key once, as ${headers.map(({ name, bearer }) => `${name}: ${bearer ? 'Bearer ' : ''}<key>`).join(' or ')}`,
    challenge: headers.some(({ bearer }) => bearer)
      ? `Bearer realm="${keyspace}"`
      : headers.map(({ name }) => `ApiKey realm="${keyspace}", header="${name}"`).join(', '),
  };
}

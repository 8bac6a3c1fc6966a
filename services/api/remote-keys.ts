// The identity provider's public keys (JWKS), fetched and kept by jose: at most one fetch in 30 s however many unknown
// key ids are asked for, never longer than 5 s, never more than 256 KiB, never past a redirect. Whatever goes wrong,
// nobody is let in: the token cannot be checked, and that is what the answer says.
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import type { Logger } from '../shared/logger.ts';

export interface RemoteKeysOptions {
  readonly url: string;
  readonly logger: Logger;
  /** Milliseconds. */
  readonly timeoutMs?: number;
}

/** The keys cannot be had now: whether a token is good is not known. */
export class KeysUnavailableError extends Error {
  readonly code = 'KEYS_UNAVAILABLE';
}

export const FETCH_TIMEOUT_MS = 4_000;
export const MAX_JWKS_BYTES = 256 * 1024;
/** Between two fetches that unknown key ids ask for, and after a failed one. */
const COOL_DOWN_MS = 30_000;
/** After a failed fetch as long as there are no keys at all: a provider that starts up later is found soon. */
const COLD_RETRY_MS = 5_000;
const MAX_AGE_MS = 600_000;

export function createRemoteKeys({ url, logger, timeoutMs = FETCH_TIMEOUT_MS }: RemoteKeysOptions): JWTVerifyGetKey {
  let failedAt = Number.NEGATIVE_INFINITY;
  let loaded = false;
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: timeoutMs,
    cooldownDuration: COOL_DOWN_MS,
    cacheMaxAge: MAX_AGE_MS,
    [customFetch]: async (input, init) => {
      // jose waits between two fetches only after one that succeeded.
      if (performance.now() - failedAt < (loaded ? COOL_DOWN_MS : COLD_RETRY_MS))
        throw new KeysUnavailableError('waiting');
      failedAt = performance.now();
      const response = await fetch(input, init);
      const body = await readBounded(response, MAX_JWKS_BYTES);
      return new Response(body, { status: response.status });
    },
  });
  /** A fetch that came to something is over: only then does a failure count no longer. */
  const noteSuccess = (): void => {
    if (!keys.coolingDown) return;
    loaded = true;
    failedAt = Number.NEGATIVE_INFINITY;
  };
  return async (header, token) => {
    try {
      const key = await keys(header, token);
      noteSuccess();
      return key;
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
        noteSuccess();
        throw error;
      }
      if (!(error instanceof KeysUnavailableError)) {
        logger.warn({ err: error }, 'the keys at AUTH_JWKS_URL cannot be had');
      }
      throw new KeysUnavailableError('the keys of the identity provider cannot be had', { cause: error });
    }
  };
}

async function readBounded(response: Response, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
    if (done) return new Uint8Array(Buffer.concat(chunks));
    size += value.length;
    if (size > limit) {
      await reader?.cancel();
      throw new KeysUnavailableError(`the key set is larger than ${limit} bytes`);
    }
    chunks.push(value);
  }
}

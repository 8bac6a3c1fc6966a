// Whose key a request came with. Held beside the request, under its identity: no header and no member of it can pretend.
import type { Verified } from './outcome.ts';

const proven = new WeakMap<object, Verified>();

export function remember(request: object, verified: Verified): void {
  proven.set(request, verified);
}

/**
 * What the verifier answered about the key of a request that a guard let pass.
 *
 * @param request of node:http, Express or Fastify, or Hono's context: what the handler was called with.
 * @throws TypeError where no guard has let it pass for its key, also when it passed by `failOpen`.
 */
export function keyOf(request: object): Verified {
  const verified = proven.get(request);
  if (verified === undefined) throw new TypeError('no key was proven for this request: is it guarded?');
  return verified;
}

/** As {@link keyOf}; `null` where it throws. For handlers behind `failOpen`. */
export function findKey(request: object): Verified | null {
  return proven.get(request) ?? null;
}

// The guard that all frameworks share: finds the key of a request, asks the verifier, and says whether the request may
// pass. Fails closed: what is not proven is refused, unless `failOpen` says otherwise for an outage.
import { isIP } from 'node:net';
import { REQUEST_ID, told } from './answer.ts';
import type { VerifierClient } from './client.ts';
import { createCredentials, DEFAULT_HEADERS, valuesOf, type CredentialHeader } from './credential.ts';
import type { Refusal, Refused, Resource, Unavailable, VerifyRequest } from './outcome.ts';
import { remember } from './proven.ts';
import { answerTo, sent, type GuardAnswer, type SentAnswer } from './refusal.ts';

/** What a request needs of its key. Nothing: any valid key of the keyspace. */
export type Needs = {
  readonly [
    Member in 'scopes' | 'permission' | 'resource' | 'flags' | 'environment' | 'cost' | 'include'
  ]?: NonNullable<VerifyRequest[Member]>;
};

/** `R`: the framework's request; of Hono its context. */
export interface GuardOptions<R> {
  /** Whose keys are taken; the client's, or else `default`, unless given. */
  readonly keyspace?: string | undefined;
  /** Where the key is sent; `Authorization: Bearer` and `X-API-Key` unless given. */
  readonly headers?: readonly CredentialHeader[] | undefined;
  readonly needs?: Needs | ((request: R) => Needs | Promise<Needs>) | undefined;
  /** What the request is about to reach. */
  readonly resource?: ((request: R) => Resource | Promise<Resource>) | undefined;
  /**
   * The client's address; the socket's unless given. Behind a proxy of yours: what the framework makes of its headers,
   * once it is told whom to trust. `undefined`, or no address: keys that are restricted by address are refused.
   */
  readonly ip?: ((request: R) => string | undefined) | undefined;
  /** The request's name in answers and logs, 1–64 letters, digits or . _ -; a new one unless given. */
  readonly requestId?: ((request: R) => string | undefined) | undefined;
  /** In place of the client's. */
  readonly timeoutMs?: number | undefined;
  /** Asked when the verifier could not tell; `true` lets the request pass without a proven key. Absent: it never does. */
  readonly failOpen?: ((request: R, outcome: Unavailable) => boolean) | undefined;
  /** Shapes the answer to a request that does not pass, which is given as it would be. */
  readonly onRefused?: ((answer: GuardAnswer, refusal: Refusal, request: R) => GuardAnswer) | undefined;
}

/** What a guard looks at, as it came over the wire. */
export interface Arrived {
  readonly rawHeaders: readonly string[];
  readonly method: string | undefined;
  /** Path and query. */
  readonly url: string | undefined;
  /** The socket's. */
  readonly address: string | undefined;
}

/** `null`: the request may pass; else the answer to it. */
export type Guard<R> = (request: R, arrived: Arrived) => Promise<SentAnswer | null>;

/** The verifier's limits: beyond them nothing is gained, and the whole question would be refused. */
const MAX = { origin: 2048, path: 8192, userAgent: 2048 } as const;

const noKey = (requestId: string): Refused => ({
  ...{ valid: false, code: 'MALFORMED', ...told({}), requestId, retryAfterSeconds: null },
});

function header(rawHeaders: readonly string[], name: string, max: number): string | undefined {
  const values = valuesOf(rawHeaders, name);
  return values.length === 0 ? undefined : values.join(', ').slice(0, max);
}

/** @throws TypeError for options that cannot be meant. */
export function createGuard<R extends object>(client: VerifierClient, options: GuardOptions<R>): Guard<R> {
  const { headers = DEFAULT_HEADERS, needs = {}, resource, ip, failOpen, onRefused, timeoutMs } = options;
  const keyspace = options.keyspace ?? client.keyspace ?? 'default';
  const credentials = createCredentials(headers, keyspace);

  function idOf(request: R): string {
    const given = options.requestId?.(request);
    return given !== undefined && REQUEST_ID.test(given) ? given : `req_${crypto.randomUUID().replaceAll('-', '')}`;
  }

  async function questionOf(request: R, { rawHeaders, method, url = '', address }: Arrived, key: string, id: string) {
    const needed: unknown = typeof needs === 'function' ? await needs(request) : needs;
    const reached: unknown = resource === undefined ? undefined : await resource(request);
    // A function that forgets to answer, or a look-up that finds none, must not mean that nothing is needed.
    if (typeof needed !== 'object' || needed === null || Object.values(needed).includes(undefined)) {
      throw new TypeError('needs must be an object, and none of its members undefined');
    }
    if (resource !== undefined && (typeof reached !== 'object' || reached === null)) {
      throw new TypeError('resource must answer an object');
    }
    const from = ip === undefined ? address : ip(request);
    const [path = ''] = url.split('?', 1);
    return {
      ...(needed as Needs),
      ...(resource === undefined ? {} : { resource: reached as Resource }),
      key,
      keyspace,
      origin: header(rawHeaders, 'origin', MAX.origin),
      ip: from !== undefined && isIP(from) !== 0 && !from.includes('%') ? from : undefined,
      request: {
        id,
        method,
        // Without its query, which is nobody's business; and a key in it would be written down.
        path: path.includes(key) ? undefined : path.slice(0, MAX.path),
        userAgent: header(rawHeaders, 'user-agent', MAX.userAgent)?.replaceAll(key, ''),
      },
    } satisfies VerifyRequest;
  }

  async function judge(request: R, arrived: Arrived): Promise<SentAnswer | null> {
    const requestId = idOf(request);
    const { url = '' } = arrived;
    const key = credentials.read(arrived.rawHeaders, url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');
    // Refused here: an outage must not let pass what came without a key.
    const outcome =
      key === null
        ? noKey(requestId)
        : await client.verify(await questionOf(request, arrived, key, requestId), { timeoutMs });
    if (outcome.valid) {
      remember(request, outcome);
      return null;
    }
    // Nothing but `true`, as a program without types may answer a promise.
    if (outcome.code === 'UNAVAILABLE' && (failOpen?.(request, outcome) as unknown) === true) return null;
    const { advice, challenge } = credentials;
    const answer = answerTo(outcome, { advice, challenge, requestId });
    return sent(onRefused === undefined ? answer : onRefused(answer, outcome, request));
  }

  return async (request, arrived) => {
    try {
      return await judge(request, arrived);
    } catch (error) {
      // To some frameworks a failure without an error, or with a word for one, is none.
      throw error instanceof Error ? error : new Error('the guard failed', { cause: error });
    }
  };
}

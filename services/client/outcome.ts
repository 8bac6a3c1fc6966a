// What is asked of the verifier and what comes of it, as types: the client says only what the HTTP contract says, and
// nothing of the rest of this package is needed to read it.

export interface Resource {
  readonly type: string;
  readonly id: string;
}

/** The body of `POST /v1/verify`. A member that is absent is not checked. */
export interface VerifyRequest {
  /** Any text: what is not a key is `MALFORMED`. */
  readonly key: string;
  /** Absent: the client's, or else a key of any keyspace. */
  readonly keyspace?: string | undefined;
  /** All needed; with `permission`, both must hold. At most 100. */
  readonly scopes?: readonly string[] | undefined;
  /** Such as `a:read and (b:write or c)`. */
  readonly permission?: string | undefined;
  readonly resource?: Resource | undefined;
  readonly flags?: readonly string[] | undefined;
  /** The raw `Origin` header. A key that is restricted by origin is refused without it. */
  readonly origin?: string | undefined;
  /** The client's address. A key that is restricted by address is refused without it. */
  readonly ip?: string | undefined;
  readonly environment?: string | undefined;
  /** Tokens of the key's rate limit that the call costs; 1 unless given. */
  readonly cost?: number | undefined;
  /** Personal data that the answer is to hold. */
  readonly include?: readonly ('name' | 'metadata')[] | undefined;
  /** A position that the verifier waits for: at most 5 s, and no longer than the client's time-out. */
  readonly atLeast?: string | undefined;
  /** The call that is being checked. `id`: 1–64 letters, digits or . _ -; answers and logs name it. */
  readonly request?:
    | {
        readonly id?: string | undefined;
        readonly method?: string | undefined;
        readonly path?: string | undefined;
        readonly userAgent?: string | undefined;
      }
    | undefined;
}

export interface RateLimit {
  /** Per window. */
  readonly limit: number;
  readonly remaining: number;
  /** RFC 3339. */
  readonly resetAt: string;
  /** Granted from this verifier's own share, while its store is away. */
  readonly degraded: boolean;
}

/** What an answer tells about a key. */
export interface KeyFacts {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly keyspace: string;
  /** The version of the profile that decided. */
  readonly keyspaceVersion: number;
  readonly type: string;
  readonly environment: string | null;
  readonly scopes: readonly string[];
  /** Has every scope of its catalogue, whatever `scopes` lists. */
  readonly unrestricted: boolean;
  readonly resources: { readonly all: boolean; readonly ids: readonly string[] };
  readonly flags: readonly string[];
  /** The opaque id. */
  readonly owner: string | null;
  /** RFC 3339. */
  readonly expiresAt: string | null;
  readonly rateLimit: RateLimit | null;
  /** The key's version in its history. */
  readonly version: number;
}

interface Answered {
  /** RFC 3339: the moment up to which the verifier is proven to know everything. */
  readonly asOf: string;
  readonly requestId: string | null;
  /** With `include` only; `null`: there is none, or it cannot be read now. */
  readonly name?: string | null;
  /** With `include` only; `null`: there is none, or it cannot be read now. */
  readonly metadata?: Readonly<Record<string, unknown>> | null;
}

/** The key may do what was asked. */
export interface Verified extends KeyFacts, Answered {
  readonly valid: true;
  readonly code: 'VALID';
}

/** Why a key may not, in the order in which it is decided. */
export type RefusalCode =
  | 'MALFORMED'
  | 'NOT_FOUND'
  | 'REVOKED'
  | 'QUARANTINED'
  | 'DISABLED'
  | 'EXPIRED'
  | 'WRONG_KEYSPACE'
  | 'WRONG_ENVIRONMENT'
  | 'IP_NOT_ALLOWED'
  | 'ORIGIN_NOT_ALLOWED'
  | 'INSUFFICIENT_SCOPE'
  | 'RESOURCE_NOT_ALLOWED'
  | 'RATE_LIMITED';

type Told = { readonly [Fact in keyof KeyFacts]: KeyFacts[Fact] | null };

/** The key may not do what was asked. Of what is `MALFORMED` or `NOT_FOUND` nothing is told. */
export interface Refused extends Told, Partial<Answered> {
  readonly valid: false;
  /** A later verifier may know more codes: what is not known here is a refusal all the same. */
  readonly code: RefusalCode;
  readonly requestId: string | null;
  /** When it may be tried again; of `RATE_LIMITED` only. */
  readonly retryAfterSeconds: number | null;
}

/** The verifier takes no such request: a scope that is none, say, or the id of a resource that is too long. */
export interface NotTaken {
  readonly valid: false;
  readonly code: 'INVALID_INPUT';
  /** Of the member that is wrong; `[]`: the request itself. */
  readonly path: readonly string[];
  readonly message: string;
  readonly requestId: string | null;
}

/**
 * Why the verifier could not tell.
 * - `TIMEOUT`: no answer within the time
 * - `ABORTED`: by the caller's signal
 * - `CONNECTION`: it cannot be reached
 * - `STALE`: it cannot prove that it knows the newest changes
 * - `UNAUTHENTICATED`: the client's own token is missing or wrong
 * - `FAILED`: it, or a proxy before it, answered 5xx
 * - `UNREADABLE`: what answered is no verifier
 */
export type UnavailableReason =
  'TIMEOUT' | 'ABORTED' | 'CONNECTION' | 'STALE' | 'UNAUTHENTICATED' | 'FAILED' | 'UNREADABLE';

/** Nothing is known about the key: neither that it may nor that it may not. */
export interface Unavailable {
  readonly valid: false;
  readonly code: 'UNAVAILABLE';
  readonly reason: UnavailableReason;
  /** As the verifier asked for. */
  readonly retryAfterSeconds: number | null;
  readonly requestId: string | null;
}

/** Whatever is not `VALID` is no permission. */
export type Outcome = Verified | Refused | NotTaken | Unavailable;
export type Refusal = Exclude<Outcome, Verified>;

export function unavailable(
  reason: UnavailableReason,
  requestId: string | null = null,
  retryAfterSeconds: number | null = null,
): Unavailable {
  return { valid: false, code: 'UNAVAILABLE', reason, retryAfterSeconds, requestId };
}

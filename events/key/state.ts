// The state of a key: what its events add up to, without anything personal. Verifiers hold exactly this.
import type { Actor } from '../ids.ts';
import type { Metadata, RateLimit, Resources } from '../fields.ts';
import type { VerificationHash } from '../secret.ts';

/** What is stored of the lifecycle; EXPIRED is judged by the clock when it is asked for ({@link statusAt}). */
export type StoredStatus = 'ACTIVE' | 'DISABLED' | 'REVOKED' | 'DELETED';
export type KeyStatus = StoredStatus | 'EXPIRED';

export interface KeyState {
  readonly keyId: string;
  readonly workspaceId: string;
  /** Events so far; the last one's hash and time (E2, E5). */
  readonly version: number;
  readonly head: string;
  readonly time: string;
  readonly keyspace: string;
  /** The profile version that the key was made under: what is stored (preview, token format) follows it. */
  readonly keyspaceVersion: number;
  readonly status: StoredStatus;
  readonly type: string;
  readonly environment: string | null;
  readonly scopes: readonly string[];
  readonly unrestricted: boolean;
  readonly resources: Resources;
  readonly flags: readonly string[];
  readonly origins: readonly string[];
  readonly ipRanges: readonly string[];
  readonly rateLimit: RateLimit | null;
  /** ISO time from which the key is expired; `null`: never. */
  readonly expiresAt: string | null;
  readonly preview: string;
  readonly ownerId: string | null;
  readonly predecessor: string | null;
  readonly createdAt: string;
  readonly createdBy: Actor;
  readonly lastRotatedAt: string | null;
  readonly revocation: { readonly reason: string | null; readonly at: string; readonly by: Actor } | null;
  readonly secret: VerificationHash;
  /** During an overlap: verifiers stop accepting it at `retiresAt` by themselves. */
  readonly previousSecret: (VerificationHash & { readonly retiresAt: string }) | null;
  /** Number of the data key that the next event's personal part is sealed under. */
  readonly dataKeyNumber: number;
}

/** The personal side of a key: opened from sealed parts by the projector; blank once forgotten. */
export interface KeyDetails {
  readonly name: string;
  readonly description: string | null;
  readonly email: string | null;
  readonly tags: readonly string[];
  readonly metadata: Metadata | null;
  readonly revocationNote: string | null;
}

/** The details of a key whose data key is gone. */
export const FORGOTTEN: KeyDetails = {
  name: '',
  description: null,
  email: null,
  tags: [],
  metadata: null,
  revocationNote: null,
};

/** The status at a moment: a stored one, or EXPIRED where it would have been ACTIVE or DISABLED. */
export function statusAt(state: Pick<KeyState, 'status' | 'expiresAt'>, now: string): KeyStatus {
  const alive = state.status === 'ACTIVE' || state.status === 'DISABLED';
  return alive && state.expiresAt !== null && state.expiresAt <= now ? 'EXPIRED' : state.status;
}

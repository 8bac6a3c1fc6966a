// A found key: what a check reads of one, and what the hash is to it that led there.
import type { StoredStatus } from '../../events/key/state.ts';
import type { Holder } from './holders.ts';
import type { KeyPolicy } from './policy.ts';

/** What a check reads of one key: a copy, as it is now. */
export interface KeyRecord extends Holder {
  readonly keyId: string;
  readonly version: number;
  readonly status: StoredStatus;
  /** Epoch milliseconds from which the key is expired; `Infinity`: never. */
  readonly expiresAt: number;
  readonly policy: KeyPolicy;
}

/** A key, and what the hash by which it was found is to it. */
export interface FoundKey {
  readonly record: KeyRecord;
  readonly secret: 'CURRENT' | 'PREVIOUS' | 'RETIRED';
  /** Epoch milliseconds from which a previous secret is retired; `-Infinity` for others. */
  readonly retiresAt: number;
}

// Decisions: what `decide` answers, for both kinds of aggregate. Errors are tagged values with the contract's codes.
import type { AnyNewEvent } from './catalogue.ts';
import type { KeyStatus } from './key/state.ts';
import type { ProfileDiff } from './keyspaces/diff.ts';
import type { Problem } from './problem.ts';
import type { Secret } from './secret.ts';

/** A refusal; `type` is the GraphQL type, the code is its upper snake case. */
export type Refusal =
  | {
      readonly type: 'InvalidInput';
      readonly message: string;
      readonly path: readonly string[];
      /** Everything that is wrong, where that is more than one thing. */
      readonly issues?: readonly Problem[];
    }
  | { readonly type: 'NotFound'; readonly message: string }
  /** The caller's role may not, or the calling key would go beyond itself. */
  | { readonly type: 'NotAllowed'; readonly message: string }
  /** The keyspace forbids it. */
  | { readonly type: 'NotEnabled'; readonly message: string }
  | { readonly type: 'InvalidState'; readonly message: string; readonly status: KeyStatus }
  | { readonly type: 'VersionConflict'; readonly message: string; readonly expected: number; readonly actual: number };

/** Advice that comes with a success. */
export interface Warning {
  /** Upper snake case: `DISCOURAGED_NAME`, `EXPIRY_BAND`, … */
  readonly code: string;
  readonly message: string;
}

/** E1: one event of one aggregate, or none. */
export type Decision =
  | {
      readonly kind: 'event';
      readonly event: AnyNewEvent;
      /** Only of commands that make one; handed out by the attempt that won (W1). */
      readonly secret?: Secret;
      /** Only of profiles. */
      readonly diff?: ProfileDiff;
      readonly warnings?: readonly Warning[];
    }
  /** A new key that carries the edit; the old one is unchanged. The event belongs to the new key's aggregate. */
  | {
      readonly kind: 'successor';
      readonly keyId: string;
      readonly event: AnyNewEvent<'KeyCreated'>;
      readonly secret: Secret;
      readonly warnings?: readonly Warning[];
    }
  /** Already so. Counts only on a fresh generation (W3). */
  | { readonly kind: 'unchanged' }
  /** Counts only on a fresh generation (W3). */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export function refused(refusal: Refusal): Extract<Decision, { kind: 'refused' }> {
  return { kind: 'refused', refusal };
}

/** Refuses a member of the input, named by its path; `what` goes on after it and quotes no value. */
export function invalid(path: readonly string[], what: string): Extract<Refusal, { type: 'InvalidInput' }> {
  return { type: 'InvalidInput', message: `${path.join('.') || 'input'} ${what}`, path };
}

export function versionConflict(expected: number, actual: number): Refusal {
  const message = `version ${expected} was expected, it is at ${actual}`;
  return { type: 'VersionConflict', message, expected, actual };
}

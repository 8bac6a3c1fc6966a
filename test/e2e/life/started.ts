// What the parts of a life share: the system that was started, its administrator, and a check at a position.
import type { Api } from '../../support/api.ts';
import type { System } from '../../support/system.ts';

export interface Life {
  readonly system: System;
  readonly admin: Api;
  /** What all verifiers say at a position. */
  readonly verify: (secret: string, atLeast: string, request?: object) => Promise<string>;
}

/** The system, once it runs: for use within tests. */
export type Started = () => Life;

/** Bounds something that comes by itself: a clock, a projector's round. */
export const BY_ITSELF = { timeout: 60_000, interval: 50 };

export const inFuture = (ms: number): string => new Date(Date.now() + ms).toISOString();

// What a service of a process is to whoever starts and stops it.
import type { Readiness } from './shared/health.ts';

export interface Service {
  readonly name: 'api' | 'projector' | 'verifier';
  /** Where it listens; `null` for one without a port of its own. */
  readonly url: string | null;
  /** Of an API: a new link that signs who runs it in to the console; absent or `null`: there is no signing in by one. */
  readonly signInLink?: () => string | null;
  readiness(): Readiness | Promise<Readiness>;
  /** Takes no new work, finishes what is in flight for at most `deadlineMs`, then ends. */
  stop(deadlineMs: number): Promise<void>;
}

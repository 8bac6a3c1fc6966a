// The calling key of a command, where there is one: what it is by the facts that the command is decided on, and whether it
// may still hand the decision over. What it was when the request came in decides nothing (W2, L8).
import { NO_SUCH_KEY } from '../../events/key/subject.ts';
import { standingOfKey } from '../../events/key/standing.ts';
import type { Caller } from '../../schema/context.ts';
import type { Facts } from './facts.ts';
import * as outcomes from './outcomes.ts';

/** The id of the key that calls; `null`: the caller is none. */
export function actingKeyId({ actor }: Pick<Caller, 'actor'>): string | null {
  return actor.kind === 'key' ? actor.id : null;
}

/** The caller as these facts have it: a key that is not active any more has access to nothing. */
export function callerBy({ acting, actingEmail, keyspaces }: Facts, caller: Caller, now: string): Caller {
  if (actingKeyId(caller) === null) return caller;
  const standing = acting && standingOfKey(acting, keyspaces, now);
  return { ...caller, email: actingEmail, workspaces: new Map(standing ? [[acting.workspaceId, standing]] : []) };
}

/** `settled` is to be called once what was handed over is decided or timed out. */
export type HandOver =
  | { readonly kind: 'free'; readonly settled: () => void }
  | { readonly kind: 'behind' }
  | { readonly kind: 'refused'; readonly outcome: outcomes.Failed };

const nothing = (): void => undefined;

/**
 * L8: what stands against handing over, in this very tick, what was decided on these facts. `behind`: the key has changed
 * since, or a profile, so it is to be decided again once the read models know.
 */
export function handOver({ acting, keyspaces }: Facts, { recheck }: Caller): HandOver {
  if (recheck === undefined) return { kind: 'free', settled: nothing };
  const checked = recheck();
  if (checked.ok) {
    const isKnown = checked.version <= (acting?.version ?? 0) && checked.keyspacesVersion <= keyspaces.version;
    if (isKnown) return { kind: 'free', settled: checked.settled };
    checked.settled();
    return { kind: 'behind' };
  }
  const outcome =
    checked.code === 'UNAVAILABLE'
      ? outcomes.unavailable('the calling key cannot be checked now')
      : outcomes.failed(NO_SUCH_KEY);
  return { kind: 'refused', outcome };
}

// Whether a caller may go on: asked again and again while it is being answered, without counting as a use of its key.
import type { Caller } from '../../schema/context.ts';
import { publicError } from '../../schema/graphql-errors.ts';
import { REFUSALS } from './answers.ts';
import type { Authentication } from './identity.ts';

/**
 * Answers the caller as their credential speaks for them now: a token's by its claims until it is over, a key while a view
 * that holds a lease finds it good (L8). Rejects with what the caller may be told.
 */
export function createRecheck(caller: Caller, authenticate: () => Promise<Authentication>): () => Promise<Caller> {
  return async () => {
    if (caller.recheck) {
      const checked = caller.recheck();
      if (!checked.ok) throw over(checked.code);
      checked.settled(); // nothing is handed over
      return caller;
    }
    const again = await authenticate();
    if (!again.ok) throw over(again.code === 'UNAUTHENTICATED' ? again.code : 'UNAVAILABLE');
    return { ...caller, ...again.identity };
  };
}

const over = (code: 'UNAUTHENTICATED' | 'UNAVAILABLE') =>
  publicError(code, code === 'UNAVAILABLE' ? REFUSALS.unavailable.message : REFUSALS.unauthenticated.message);

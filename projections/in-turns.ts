// A long piece of work on the event loop, in turns: others in the process get theirs in between.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Items that are dealt with in one go: a few milliseconds at most. */
const AT_ONCE = 25;

/** Hands all items to `work`, in their order, some at a time. */
export async function inTurns<T>(
  all: readonly T[],
  work: (some: readonly T[]) => void,
  atOnce = AT_ONCE,
): Promise<void> {
  for (let from = 0; from < all.length; from += atOnce) {
    if (from > 0) await nextTurn();
    work(all.slice(from, from + atOnce));
  }
}

/** Goes through steps, each in a turn of its own, to what they come to. */
export async function stepInTurns<R>(steps: Generator<undefined, R, undefined>): Promise<R> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

// One read for many callers: who asks while a read is under way shares the next one with all who ask meanwhile.
// Nobody is answered by a read that began before the question.

/** `read` gets all who share it; reads do not overlap. */
export function shareReads<P, T>(read: (callers: readonly P[]) => Promise<T>): (caller: P) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: { readonly callers: P[]; readonly answer: Promise<T> } | null = null;

  return (caller) => {
    if (!next) {
      const callers: P[] = [];
      const answer = last.then(() => {
        next = null;
        return read(callers);
      });
      last = answer.catch(() => undefined);
      next = { callers, answer };
    }
    next.callers.push(caller);
    return next.answer;
  };
}

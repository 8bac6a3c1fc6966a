// One question on its way for all who ask it at the same time.

/**
 * Answers every caller with an answer that was asked for *after* its call: callers that come while a question is under
 * way share the next one.
 */
export function coalesce<T>(ask: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  let following: Promise<T> | undefined;
  function start(): Promise<T> {
    const asked = ask().finally(() => {
      if (current === asked) current = undefined;
    });
    return (current = asked);
  }
  return () => {
    if (!current) return start();
    following ??= current
      .catch(() => undefined)
      .then(() => {
        following = undefined;
        return start();
      });
    return following;
  };
}

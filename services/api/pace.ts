// A pace: in one turn of the event loop so much is done and no more; what else there is waits, in order, for the next one,
// and everybody else in the process gets theirs in between.

/** Resolves when the next piece may be done. @param atOnce pieces in one turn of the event loop. */
export function createPace(atOnce: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  let left = atOnce;
  let turning = false;

  function nextTurn(): void {
    const going = waiting.splice(0, atOnce);
    left = atOnce - going.length;
    turning = going.length > 0;
    if (turning) setImmediate(nextTurn);
    for (const go of going) go();
  }

  return () => {
    if (!turning) setImmediate(nextTurn);
    turning = true;
    if (left === 0) return new Promise((resolve) => waiting.push(resolve));
    left -= 1;
    return Promise.resolve();
  };
}

// Memos: what was computed from a text, kept for the last few texts that came. What throws, or is not worth it, is not kept.

/**
 * `compute` behind a cache of at most `limit` results; the one that was put in first leaves first.
 *
 * @param keeps whether a result is kept; default: every one.
 */
export function createMemo<T>(
  compute: (text: string) => T,
  limit: number,
  keeps: (result: T) => boolean = () => true,
): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const result = compute(text);
    if (!keeps(result)) return result;
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size >= limit) known.delete(oldest);
    known.set(text, result);
    return result;
  };
}

// Memos: what was computed from a text, kept for the last few texts that came. What throws, or is not worth it, is not kept.

/** Copied: what was cut out of a longer text would keep all of that alive. */
const copyOf = (text: string): string => Buffer.from(text).toString();

/**
 * `compute` behind a cache of at most `limit` results: half of them are the newest, and once there is another half, those
 * before it go that have not come again. One by one they would leave behind holes, through which V8 looks for the oldest.
 *
 * @param keeps whether a result is kept; default: every one.
 */
export function createMemo<T>(
  compute: (text: string) => T,
  limit: number,
  keeps: (result: T) => boolean = () => true,
): (text: string) => T {
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  return (text) => {
    const recent = young.get(text);
    if (recent !== undefined) return recent;
    const before = old.get(text);
    const result = before === undefined ? compute(text) : before;
    if (before === undefined && !keeps(result)) return result;
    if (young.size >= limit / 2) [young, old] = [new Map<string, T>(), young];
    young.set(copyOf(text), result);
    return result;
  };
}

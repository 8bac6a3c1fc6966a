// A token log: when how many tokens of a limit were used, oldest first, so that any window can be counted (R1).
// What is close together in time is one entry, counted at the later moment (R6): its size is bounded, never its total.

/** Tokens of one moment, milliseconds on the clock of whoever keeps them. */
export interface Tokens {
  readonly at: number;
  readonly tokens: number;
}

export interface TokenLog {
  /** Of all entries. */
  total(): number;
  size(): number;
  /** `null`: it is empty. */
  oldest(): number | null;
  add(at: number, tokens: number): void;
  /** Forgets what was used at that moment or before. */
  forget(until: number): void;
  /** Oldest first. */
  entries(): readonly Tokens[];
}

const MAX_EXACT = 2000;
const SLICES = 1000;
const MAX_FORGOTTEN = 1000;

/**
 * R6: how far apart moments must be to be told apart, milliseconds. Every token has its own where they are few; else a
 * window has a thousand slices, so that a log never has more entries than about two thousand.
 */
export const grainOf = (limit: number, windowMs: number): number =>
  limit <= MAX_EXACT ? 1 : Math.max(1, Math.ceil(windowMs / SLICES));

/** The end of the slice that a moment lies in. */
export const sliceEnd = (at: number, grain: number): number => Math.ceil(at / grain) * grain;

export function createTokenLog(initial: readonly Tokens[] = []): TokenLog {
  const entries: { readonly at: number; tokens: number }[] = [];
  /** How many at the front are forgotten. */
  let start = 0;
  let total = 0;

  function add(at: number, tokens: number): void {
    let end = entries.length;
    while (end > start && (entries[end - 1]?.at ?? 0) > at) end--;
    const before = end > start ? entries[end - 1] : undefined;
    if (before?.at === at) before.tokens += tokens;
    else entries.splice(end, 0, { at, tokens });
    total += tokens;
  }

  for (const { at, tokens } of initial) add(at, tokens);
  return {
    total: () => total,
    size: () => entries.length - start,
    oldest: () => entries[start]?.at ?? null,
    add,
    forget: (until) => {
      for (let entry = entries[start]; entry !== undefined && entry.at <= until; entry = entries[start]) {
        total -= entry.tokens;
        start++;
      }
      if (start > MAX_FORGOTTEN || start === entries.length) {
        entries.splice(0, start);
        start = 0;
      }
    },
    entries: () => entries.slice(start),
  };
}

/** When so many tokens of them will have been used: once these are forgotten, as many are free. `null`: never. */
export function usedBy(entries: readonly Tokens[], tokens: number): number | null {
  let sum = 0;
  for (const entry of entries) {
    sum += entry.tokens;
    if (sum >= tokens) return entry.at;
  }
  return null;
}

// What the checks of a profile share: problems with their paths, and the search for what stands twice.
import type { Problem } from '../../problem.ts';

type Step = string | number;

export function problem(path: readonly Step[], message: string): Problem {
  return { path: path.map(String), message };
}

/** `message` where `wrong`, nothing else. */
export function when(wrong: boolean, path: readonly Step[], message: string): readonly Problem[] {
  return wrong ? [problem(path, message)] : [];
}

/** One problem for each entry that repeats an earlier one. */
export function repeated<T>(
  list: readonly T[],
  idOf: (entry: T) => string,
  path: readonly Step[],
  member?: string,
): readonly Problem[] {
  const seen = new Set<string>();
  return list.flatMap((entry, index) => {
    const id = idOf(entry);
    const again = seen.has(id);
    seen.add(id);
    return when(again, [...path, index, ...(member === undefined ? [] : [member])], 'must not stand twice');
  });
}

/** One problem for each entry that is not known. */
export function unknown(
  list: readonly string[],
  known: ReadonlySet<string>,
  path: readonly Step[],
  what: string,
): readonly Problem[] {
  return list.flatMap((entry, index) => when(!known.has(entry), [...path, index], `must be ${what}`));
}

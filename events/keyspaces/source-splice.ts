// Two texts of a profile, spliced: top-level members that were not touched stay to the letter as the first has them, the
// others come from the second. Comments in front of a member belong to the part of the one before it, in both. Pure.
import { isMap, isScalar, type Document } from 'yaml';

export interface SourceParts {
  /** What stands before the first member. */
  readonly head: string;
  /** Each member up to the next. */
  readonly members: readonly { readonly name: unknown; readonly text: string }[];
}

/** @returns `null`: the members do not begin lines. */
export function partsOf(text: string, document: Document | null): SourceParts | null {
  const top = document?.contents;
  if (!isMap(top)) return null;
  const keys = top.items.flatMap(({ key }) => (isScalar(key) ? [{ name: key.value, at: key.range?.[0] ?? 0 }] : []));
  if (top.flow === true || keys.some(({ at }) => at > 0 && text[at - 1] !== '\n')) return null;
  const members = keys.map(({ name, at }, index) => ({ name, text: text.slice(at, keys[index + 1]?.at) }));
  return { head: text.slice(0, keys[0]?.at), members };
}

/** @param touched names of members that the second text may say otherwise. */
export function splice(before: SourceParts, after: SourceParts, touched: ReadonlySet<unknown>): string {
  const old = new Map(
    before.members.map(({ name, text }, at) => [name, { text, next: before.members[at + 1]?.name }] as const),
  );
  const parts = after.members.map(({ name, text }, at) => {
    const was = old.get(name);
    // Where another member follows than before, the comment in front of it is another one.
    return was === undefined || touched.has(name) || was.next !== after.members[at + 1]?.name ? text : was.text;
  });
  return [before.head, ...parts].join('');
}

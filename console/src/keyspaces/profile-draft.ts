// The draft of a profile: its text, and what a form has changed that is not in the text yet. Pure.
import type { EditedProfileQuery } from '../api/generated/graphql.ts';

type Edited = NonNullable<EditedProfileQuery['editedProfile']>;
export type ProfileMember = NonNullable<Edited['members']>[number];
export type ProfileProblem = Edited['problems'][number];
export type Path = readonly string[];

export interface Change {
  readonly path: Path;
  /** `undefined`: removed. */
  readonly value: unknown;
  /** As it was typed. */
  readonly text?: string;
}

export interface Draft {
  readonly text: string;
  /** What it was made from. */
  readonly source: string;
  readonly version: number;
  /** In their order; each path is what it is after those before it. */
  readonly changes: readonly Change[];
}

export const isDirty = ({ text, source, changes }: Draft): boolean => text !== source || changes.length > 0;

export const isSame = (one: Path, other: Path): boolean => one.join('\n') === other.join('\n');
export const isWithin = (path: Path, above: Path): boolean => above.every((step, at) => step === path[at]);

/** What is typed on in one field is one change. */
export function withChange(draft: Draft, change: Change): Draft {
  const last = draft.changes.at(-1);
  const goesOn = last?.text !== undefined && change.text !== undefined && isSame(last.path, change.path);
  return { ...draft, changes: [...(goesOn ? draft.changes.slice(0, -1) : draft.changes), change] };
}

type Values = Readonly<Record<string, unknown>>;

/** A profile with a change made, as the server will make it. */
export function changed(profile: unknown, { path, value }: Change): unknown {
  const [step = '', ...further] = path;
  const next = further.length > 0 ? changed((profile as Values)[step] ?? {}, { path: further, value }) : value;
  if (Array.isArray(profile)) {
    const rows = profile as readonly unknown[];
    return next === undefined ? rows.toSpliced(Number(step), 1) : Object.assign([...rows], { [step]: next });
  }
  return { ...(profile as Values), [step]: next };
}

// Somebody else changed a key while it was edited: who did what, and the draft that goes on from where the key is now with
// what was entered.
import type { KeyNowQuery } from '../api/generated/graphql.ts';
import { draftOf, isChanged, memberOf, METADATA, type Draft, type KeyField } from '../form/draft.ts';
import { timeOf, textOf } from '../keys/key-values.ts';
import type { KeyRow, KeyspaceView } from '../keys/keyspace-words.ts';
import { formatExact } from '../texts/format.ts';
import { texts } from '../texts/texts.ts';

const words = texts.form.edit;
const eventNames: Readonly<Record<string, string>> = words.events;

export type KeyNow = NonNullable<KeyNowQuery['key']>;

/** A field's value, in words. */
export function shownOf({ id }: KeyField, row: KeyRow, view: KeyspaceView): string {
  const column = id === 'unrestricted' ? 'permissions' : id;
  const time = timeOf(column, row);
  const text = time === null ? textOf(column, row, view) : formatExact(time);
  return text === null || text === '' ? words.none : text;
}

/** What is different, and by whom, a line each. */
export function conflictLines(before: KeyRow, now: KeyNow, view: KeyspaceView): string[] {
  const [old, current] = [draftOf(before, view), draftOf(now, view)];
  const fields = view.fields
    .filter((field) => field.kind !== 'METADATA' && isChanged(field, old, current))
    .map((field) => words.conflictField(field.label, shownOf(field, before, view), shownOf(field, now, view)));
  const events = now.history.nodes
    .filter(({ version }) => version != null && version > before.version)
    .map(({ type, actor, time }) => words.conflictBy(eventNames[type] ?? type, actor?.id ?? '', formatExact(time)));
  return [...(events.length === 0 ? [words.conflictUnknown] : events), ...fields];
}

/** The key as it is now, with what was entered. */
export function rebased(fields: readonly KeyField[], base: Draft, draft: Draft, now: Draft): Draft {
  return fields
    .filter((field) => isChanged(field, base, draft))
    .reduce((merged, field): Draft => {
      const member = memberOf(field);
      if (!field.id.startsWith(METADATA)) return { ...merged, [member]: draft[member] };
      const name = field.id.slice(METADATA.length);
      return { ...merged, metadata: { ...merged.metadata, [name]: draft.metadata[name] } };
    }, now);
}

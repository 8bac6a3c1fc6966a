// The input of a mutation out of the fields of a form.
import type { KeyspaceView } from '../keys/keyspace-words.ts';
import { METADATA, type Draft, type KeyField } from './draft.ts';
import { valueOf } from './draft-values.ts';

type Members = Record<string, unknown>;

/** What is left out of the form is left to the keyspace. */
export function inputOf(fields: readonly KeyField[], draft: Draft, view: KeyspaceView, now: number): Members {
  const input: Members = {};
  let metadata: Members = {};
  for (const field of fields) {
    const value = valueOf(field, draft, view, now);
    if (value === undefined) continue;
    if (field.id.startsWith(METADATA)) metadata = { ...metadata, [field.id.slice(METADATA.length)]: value };
    else input[field.id] = value;
  }
  return Object.keys(metadata).length === 0 ? input : { ...input, metadata };
}

/** Of an edit, where leaving a member out leaves it as it is: what was emptied is null. */
export function changesOf(fields: readonly KeyField[], draft: Draft, view: KeyspaceView, now: number): Members {
  const entries = fields.some(({ id }) => id.startsWith(METADATA));
  return {
    ...Object.fromEntries(
      fields
        .filter(({ id }) => !id.startsWith(METADATA))
        .map((field) => [field.id, valueOf(field, draft, view, now) ?? null]),
    ),
    ...(entries ? { metadata: withoutEmpty(draft.metadata) } : {}),
  };
}

const withoutEmpty = (metadata: Draft['metadata']): Members =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => value != null && value !== ''));

// The state of a form about a key: the draft, what its rules and the server have against it, and which fields were touched.
import { useState } from 'react';
import type { Refusal } from '../api/outcome.ts';
import type { KeyspaceView } from '../keys/keyspace-words.ts';
import { memberOf, METADATA, type Draft, type DraftChange, type KeyField } from './draft.ts';
import { problemOf } from './draft-values.ts';

export interface KeyForm {
  readonly draft: Draft;
  readonly change: (change: DraftChange) => void;
  readonly replace: (draft: Draft) => void;
  /** What a field shows as wrong; nothing before it was touched. */
  readonly errorOf: (field: KeyField) => string | null;
  /** Fields that the server would refuse. */
  readonly wrong: readonly KeyField[];
  /** Puts what the server refused at its fields. @returns what belongs to none of them */
  readonly refuse: (refusal: Refusal) => string[];
}

export interface KeyFormOptions {
  readonly view: KeyspaceView;
  readonly fields: readonly KeyField[];
  readonly initial: Draft;
  /** Milliseconds. */
  readonly now: number;
}

export function useKeyForm({ view, fields, initial, now }: KeyFormOptions): KeyForm {
  const [draft, setDraft] = useState(initial);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<Readonly<Record<string, string>>>({});
  const problems = new Map(
    fields.flatMap((field) => {
      const problem = problemOf(field, draft, view, now);
      return problem === null ? [] : [[field.id, problem] as const];
    }),
  );
  const fieldOf = (path: readonly string[]): KeyField | undefined =>
    fields.find(({ id }) => id === `${METADATA}${path[1] ?? ''}` && path[0] === 'metadata') ??
    fields.find(({ id }) => id === path[0]);
  return {
    draft,
    change: (change) => {
      const members = new Set(Object.keys(change));
      const about = fields.filter((field) => members.has(memberOf(field))).map(({ id }) => id);
      setDraft((before) => ({ ...before, ...change }));
      setTouched((before) => new Set([...before, ...about]));
      setRefused((before) => Object.fromEntries(Object.entries(before).filter(([id]) => !about.includes(id))));
    },
    replace: setDraft,
    errorOf: ({ id }) => refused[id] ?? (touched.has(id) ? (problems.get(id) ?? null) : null),
    wrong: fields.filter(({ id }) => problems.has(id)),
    refuse: (refusal) => {
      const issues =
        refusal.__typename === 'InvalidInput'
          ? refusal.issues
          : [{ path: refusal.path ?? [], message: refusal.message }];
      const placed = issues.map(({ path, message }) => ({ field: fieldOf(path), path, message }));
      setRefused(Object.fromEntries(placed.flatMap(({ field, message }) => (field ? [[field.id, message]] : []))));
      return placed.flatMap(({ field, path, message }) =>
        field ? [] : [[path.join('.'), message].filter(Boolean).join(': ')],
      );
    },
  };
}

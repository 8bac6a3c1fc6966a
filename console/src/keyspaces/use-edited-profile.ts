// What the draft of a profile says, asked of the server, which reads and writes its text: one question at a time. Changes
// wait in the draft until an answer has them, so that none is lost, whatever becomes of the question.
import { useEffect, useRef, useState } from 'react';
import { useClients } from '../api/clients-context.tsx';
import { EditedProfileDocument } from '../api/generated/graphql.ts';
import { failureText } from '../app/load-failure.tsx';
import {
  changed,
  withChange,
  type Change,
  type Draft,
  type ProfileMember,
  type ProfileProblem,
} from './profile-draft.ts';

export type EditDraft = (update: (draft: Draft) => Draft) => void;

interface Answer {
  readonly source: string;
  readonly profile: unknown;
  readonly problems: readonly ProfileProblem[];
}

export interface EditedProfile {
  /** With all changes made; `null`: not known yet, or no YAML. */
  readonly profile: unknown;
  readonly members: readonly ProfileMember[];
  readonly problems: readonly ProfileProblem[];
  readonly changes: readonly Change[];
  /** Whether the text was read, and is no profile. */
  readonly unreadable: boolean;
  /** Whether the text has all changes that it can have. */
  readonly settled: boolean;
  /** Why there is no answer. */
  readonly failure: string | null;
  readonly retry: () => void;
  readonly change: (change: Change) => void;
  /** What was typed is complete. */
  readonly commit: () => void;
}

/** @param wanted whether the profile is shown; changes that wait are sent in any case. */
export function useEditedProfile(draft: Draft, edit: EditDraft, wanted: boolean): EditedProfile {
  const { uncached } = useClients();
  const { text, changes } = draft;
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [members, setMembers] = useState<readonly ProfileMember[]>([]);
  const [busy, setBusy] = useState(false);
  const [typing, setTyping] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const read = answer?.source === text ? answer : null;
  const unreadable = read !== null && read.profile == null;
  const latest = useRef(draft);
  const open = changes.length > 0 ? !unreadable : wanted && read === null;

  const ask = async (): Promise<void> => {
    setBusy(true);
    const variables = { source: text, changes: changes.map(({ path, value }) => ({ path: [...path], value })) };
    const { data, error } = await uncached
      .query(EditedProfileDocument, { ...variables, form: members.length === 0 })
      .toPromise();
    const edited = data?.editedProfile;
    // The text, or one of the changes, may be another one meanwhile: it is asked again then.
    const fits = (now: Draft): boolean => now.text === text && changes.every((change) => now.changes.includes(change));
    if (edited && fits(latest.current)) {
      setAnswer(edited);
      if (edited.members) setMembers(edited.members);
      if (changes.length > 0 && edited.profile != null)
        edit((now) =>
          fits(now)
            ? { ...now, text: edited.source, changes: now.changes.filter((change) => !changes.includes(change)) }
            : now,
        );
    }
    if (error) setFailure(failureText(error));
    setBusy(false);
  };
  useEffect(() => {
    latest.current = draft;
    if (open && !busy && !typing && failure === null) void ask();
  });

  return {
    profile: answer?.profile == null ? null : changes.reduce<unknown>(changed, answer.profile),
    ...{ members, problems: answer?.problems ?? [], changes, unreadable, failure },
    settled: !busy && !(open && changes.length > 0),
    retry: () => setFailure(null),
    change: (change) => {
      setTyping(change.text !== undefined);
      setFailure(null);
      edit((now) => withChange(now, change));
    },
    commit: () => setTyping(false),
  };
}

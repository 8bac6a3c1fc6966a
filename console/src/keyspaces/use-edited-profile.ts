// What the draft of a profile says, asked of the server, which reads and writes its text: one question at a time. Changes
// wait in the draft until an answer has them, so that none is lost, whatever becomes of the question.
import { useEffect, useRef, useState } from 'react';
import type { CombinedError } from 'urql';
import { useClients } from '../api/clients-context.tsx';
import { EditedProfileDocument } from '../api/generated/graphql.ts';
import { useReach } from '../api/reach-context.ts';
import { failureText } from '../app/load-failure.tsx';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';
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
  /** Why the change before could not be made, now or ever. */
  readonly refused: string | null;
  readonly retry: () => void;
  readonly change: (change: Change) => void;
  /** What was typed is complete. */
  readonly commit: () => void;
}

/** That one question may hold. */
const MOST = 100;

const without = (draft: Draft, made: readonly Change[]): Draft => ({
  ...draft,
  changes: draft.changes.filter((change) => !made.includes(change)),
});

/** Whether a change cannot be made, whenever it is asked for. */
const isRefusal = ({ graphQLErrors }: CombinedError): boolean =>
  graphQLErrors.some(
    ({ extensions: { code, path } }) => code === 'BAD_USER_INPUT' && String(path).startsWith('changes'),
  );

/** @param wanted whether the profile is shown; changes that wait are sent in any case. */
export function useEditedProfile(draft: Draft, edit: EditDraft, wanted: boolean): EditedProfile {
  const { uncached } = useClients();
  const reach = useReach();
  const { text, changes } = draft;
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [members, setMembers] = useState<readonly ProfileMember[]>([]);
  const [busy, setBusy] = useState(false);
  const [typing, setTyping] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  /** One of several was refused: each is asked about by itself. */
  const [singly, setSingly] = useState(false);
  const read = answer?.source === text ? answer : null;
  const unreadable = read !== null && read.profile == null;
  const latest = useRef(draft);
  const open = changes.length > 0 ? !unreadable : wanted && read === null;

  const ask = async (): Promise<void> => {
    setBusy(true);
    const sent = changes.slice(0, singly ? 1 : MOST);
    const variables = { source: text, changes: sent.map(({ path, value }) => ({ path: [...path], value })) };
    const { data, error } = await uncached
      .query(EditedProfileDocument, { ...variables, form: members.length === 0 })
      .toPromise();
    const edited = data?.editedProfile;
    // The text, or one of the changes, may be another one meanwhile: it is asked again then.
    const fits = (now: Draft): boolean => now.text === text && sent.every((change) => now.changes.includes(change));
    if (edited && fits(latest.current)) {
      setAnswer(edited);
      if (edited.members) setMembers(edited.members);
      if (sent.length > 0 && edited.profile != null)
        edit((now) => (fits(now) ? { ...without(now, sent), text: edited.source } : now));
    }
    if (error && isRefusal(error)) {
      setSingly(true);
      if (sent.length === 1) {
        setRefused(keyspaceTexts.form.refused(error.graphQLErrors.map(({ message }) => message).join(' ')));
        edit((now) => without(now, sent));
      }
    } else if (error) setFailure(failureText(error));
    else if (!edited) setFailure(keyspaceTexts.form.forbidden);
    setBusy(false);
  };
  useEffect(
    () =>
      reach.subscribe(() => {
        if (!reach.away()) setFailure(null);
      }),
    [reach],
  );
  useEffect(() => {
    latest.current = draft;
    if (open && !busy && !typing && failure === null) void ask();
  });

  return {
    profile: answer?.profile == null ? null : changes.reduce<unknown>(changed, answer.profile),
    ...{ members, problems: answer?.problems ?? [], changes, unreadable, failure, refused },
    settled: !busy && !(open && changes.length > 0),
    retry: () => setFailure(null),
    change: (change) => {
      setTyping(change.text !== undefined);
      setFailure(null);
      setRefused(null);
      if (changes.length === 0) setSingly(false);
      edit((now) => withChange(now, change));
    },
    commit: () => setTyping(false),
  };
}

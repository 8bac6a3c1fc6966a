// A profile under edit: its text, what is wrong with it, and the way to what it would change.
import { useState } from 'react';
import { useClient } from 'urql';
import type { ProfileViewFragment, RefusalFragment } from '../api/generated/graphql.ts';
import { failedText } from '../app/tell-outcome.ts';
import { Button } from '../components/button.tsx';
import { AlertDialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';
import { lastChange, lookAt, type LastChange } from './define.ts';
import styles from './keyspace-page.module.css';
import { ProfileReview, type Review } from './profile-review.tsx';

const words = keyspaceTexts.source;
const ROWS = 28;

export interface Draft {
  readonly text: string;
  /** What it was made from. */
  readonly source: string;
  readonly version: number;
}

interface Problem {
  readonly text: string;
  readonly issues: readonly { readonly path: readonly string[]; readonly message: string }[];
}

export interface ProfileEditorProps {
  readonly profile: ProfileViewFragment;
  readonly draft: Draft;
  /** `null`: nothing is edited any more. */
  readonly onChange: (draft: Draft | null) => void;
}

export function ProfileEditor({ profile, draft, onChange }: ProfileEditorProps) {
  const client = useClient();
  const [checking, setChecking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [review, setReview] = useState<Review | null>(null);
  const [leaving, setLeaving] = useState(false);
  const dirty = draft.text !== draft.source;

  const check = async (): Promise<void> => {
    setChecking(true);
    setProblem(null);
    const outcome = await lookAt(client, draft.text);
    if (outcome.kind === 'done') {
      const { keyspace, diff, problems, warnings } = outcome.payload;
      if (problems.length > 0) setProblem({ text: words.problems(problems.length), issues: problems });
      else if (keyspace?.id !== profile.id) setProblem({ text: words.other, issues: [] });
      else if (diff.changes.length === 0) setProblem({ text: words.unchanged, issues: [] });
      else {
        const { version } = keyspace;
        const by: LastChange | null = version === draft.version ? null : await lastChange(client, profile.id);
        setReview({ text: draft.text, diff, warnings, version, conflict: version !== draft.version, by });
      }
    } else setProblem({ text: failedText(outcome).text, issues: issuesOf(outcome) });
    setChecking(false);
  };

  return (
    <form
      className={styles.editor}
      onSubmit={(event) => {
        event.preventDefault();
        void check();
      }}
    >
      <TextField
        label={words.label}
        description={words.help}
        value={draft.text}
        onChange={(text) => onChange({ ...draft, text })}
        long
        rows={ROWS}
        mono
        control={{ spellCheck: false, autoComplete: 'off' }}
      />
      {problem !== null && (
        <div role="alert" className={styles.problem}>
          <p>{problem.text}</p>
          <ul>
            {problem.issues.map(({ path, message }) => (
              <li key={`${path.join('.')} ${message}`}>
                {pathText(path) !== '' && <code>{pathText(path)}</code>} {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className={styles.buttons}>
        <Button type="submit" kind="primary" busy={checking} disabled={!dirty}>
          {words.check}
        </Button>
        <Button onClick={() => (dirty ? setLeaving(true) : onChange(null))}>{words.cancel}</Button>
      </div>
      {review !== null && (
        <ProfileReview
          profile={profile}
          review={review}
          onClose={() => setReview(null)}
          onConflict={check}
          onApplied={() => onChange(null)}
        />
      )}
      <AlertDialog
        open={leaving}
        danger
        onClose={() => setLeaving(false)}
        title={words.discardTitle}
        description={words.discardText}
        cancel={words.keep}
        confirm={words.discard}
        onConfirm={() => onChange(null)}
      />
    </form>
  );
}

/** Where in the profile: the input's member that it is in says nothing. */
export const pathText = (path: readonly string[]): string =>
  (path[0] === 'source' && path.length > 1 ? path.slice(1) : path).join('.');

function issuesOf(outcome: { readonly kind: string; readonly refusal?: RefusalFragment }): Problem['issues'] {
  const { refusal } = outcome;
  return refusal?.__typename === 'InvalidInput' ? refusal.issues : [];
}

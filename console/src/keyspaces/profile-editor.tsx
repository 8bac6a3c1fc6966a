// A profile under edit, as a form or as its text: what is wrong with it, and the way to what it would change.
import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import type { ProfileViewFragment, RefusalFragment } from '../api/generated/graphql.ts';
import { failedText } from '../app/tell-outcome.ts';
import { Button } from '../components/button.tsx';
import { AlertDialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';
import { texts } from '../texts/texts.ts';
import { lastChange, lookAt, type LastChange } from './define.ts';
import styles from './keyspace-page.module.css';
import { isDirty, type Draft } from './profile-draft.ts';
import { ProfileForm } from './profile-form.tsx';
import { ProfileReview, type Review } from './profile-review.tsx';
import { useEditedProfile, type EditDraft } from './use-edited-profile.ts';

const words = keyspaceTexts.source;
const ROWS = 28;

interface Problem {
  readonly text: string;
  readonly issues: readonly { readonly path: readonly string[]; readonly message: string }[];
}

export interface ProfileEditorProps {
  readonly profile: ProfileViewFragment;
  readonly view: 'form' | 'source';
  readonly draft: Draft;
  readonly onChange: EditDraft;
  /** Nothing is edited any more. */
  readonly onStop: () => void;
  /** Goes on with the text. */
  readonly onSource: () => void;
}

export function ProfileEditor({ profile, view, draft, onChange, onStop, onSource }: ProfileEditorProps) {
  const client = useClient();
  const edited = useEditedProfile(draft, onChange, view === 'form');
  const { settled, failure } = edited;
  /** Asked for; `running`: the text has everything that was typed, and is looked at. */
  const [checking, setChecking] = useState<'asked' | 'running' | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [review, setReview] = useState<Review | null>(null);
  const [leaving, setLeaving] = useState(false);
  const dirty = isDirty(draft);

  const check = async (): Promise<void> => {
    setChecking('running');
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
    setChecking(null);
  };
  useEffect(() => {
    if (checking !== 'asked') return;
    if (settled) void check();
    else if (failure !== null) setChecking(null);
  });

  return (
    <form
      className={styles.editor}
      onSubmit={(event) => {
        event.preventDefault();
        edited.commit();
        edited.retry();
        if (dirty && checking === null) setChecking('asked');
      }}
    >
      {view === 'form' ? (
        <ProfileForm edited={edited} onSource={onSource} />
      ) : (
        <TextField
          label={words.label}
          description={words.help}
          value={draft.text}
          onChange={(text) => onChange((now) => ({ ...now, text }))}
          long
          rows={ROWS}
          mono
          // What waits was changed in this very text.
          control={{ spellCheck: false, autoComplete: 'off', readOnly: draft.changes.length > 0 }}
        />
      )}
      {edited.refused !== null && (
        <p role="alert" className={styles.problem}>
          {edited.refused}
        </p>
      )}
      {failure !== null && (
        <div role="alert" className={styles.problem}>
          <p>
            {failure} {keyspaceTexts.form.kept}
          </p>
          <Button onClick={edited.retry}>{texts.retry}</Button>
        </div>
      )}
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
        <Button type="submit" kind="primary" busy={checking !== null} disabled={!dirty}>
          {words.check}
        </Button>
        {(dirty || view === 'source') && (
          <Button onClick={() => (dirty ? setLeaving(true) : onStop())}>{words.cancel}</Button>
        )}
      </div>
      {review !== null && (
        <ProfileReview
          profile={profile}
          review={review}
          onClose={() => setReview(null)}
          onConflict={check}
          onApplied={() => {
            setReview(null);
            onStop();
          }}
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
        onConfirm={() => {
          setLeaving(false);
          setProblem(null);
          onStop();
        }}
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

// What a profile would change, member by member, and what that means for keys that exist; and the button that applies it.
import { useState } from 'react';
import { useClient } from 'urql';
import { newCommandId } from '../api/command-id.ts';
import type { ProfileViewFragment } from '../api/generated/graphql.ts';
import { Section, SmallTable } from '../app/section.tsx';
import { failedText } from '../app/tell-outcome.ts';
import { Button } from '../components/button.tsx';
import { Chip } from '../components/chips.tsx';
import { Dialog } from '../components/dialog.tsx';
import { snackbar } from '../components/snackbar.tsx';
import { formatRelative } from '../texts/format.ts';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';
import { useNow } from '../texts/now.ts';
import { texts } from '../texts/texts.ts';
import { define, type Defined, type LastChange } from './define.ts';
import styles from './keyspace-page.module.css';

const words = keyspaceTexts.review;
const TONES = { WIDENS: 'red', NARROWS: 'orange', CHANGES: 'gray' } as const;

export interface Review extends Pick<Defined, 'diff' | 'warnings'> {
  readonly text: string;
  /** That it is compared with, and applied to. */
  readonly version: number;
  /** Whether the text was made from another one. */
  readonly conflict: boolean;
  /** Who made that version. */
  readonly by: LastChange | null;
}

export interface ProfileReviewProps {
  readonly profile: ProfileViewFragment;
  readonly review: Review;
  readonly onClose: () => void;
  /** Compares anew. */
  readonly onConflict: () => Promise<void>;
  readonly onApplied: () => void;
}

export function ProfileReview({ profile, review, onClose, onConflict, onApplied }: ProfileReviewProps) {
  const client = useClient();
  const now = useNow();
  const [commandId, setCommandId] = useState(newCommandId);
  const [sending, setSending] = useState(false);
  const [leave, setLeave] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { changes, effects } = review.diff;
  const widens = effects.some(({ kind }) => kind === 'WIDENS');

  const apply = async (): Promise<void> => {
    setSending(true);
    setProblem(null);
    const input = { commandId, source: review.text, ifVersion: review.version, allowWidening: widens && leave };
    const outcome = await define(client, input);
    if (outcome.kind === 'done') {
      const { keyspace, enforcement } = outcome.payload;
      const version = keyspace?.version ?? review.version + 1;
      snackbar.success(
        enforcement == null || enforcement.total === 0
          ? words.applied(version)
          : words.appliedBy(version, enforcement.confirmed, enforcement.total),
      );
      onApplied();
      return;
    }
    const { text, decided } = failedText(outcome);
    // What was refused is decided: the next one is another command.
    if (decided) setCommandId(newCommandId());
    if (outcome.kind === 'refused' && outcome.refusal.code === 'VERSION_CONFLICT') {
      setLeave(false);
      await onConflict();
    } else setProblem(decided ? text : `${text} ${keyspaceTexts.source.again}`);
    setSending(false);
  };

  return (
    <Dialog
      open
      wide
      onClose={() => {
        if (!sending) onClose();
      }}
      title={words.title(profile.name)}
      buttons={
        <>
          <Button onClick={onClose} disabled={sending}>
            {texts.cancel}
          </Button>
          <Button kind="primary" busy={sending} disabled={widens && !leave} onClick={() => void apply()}>
            {words.apply}
          </Button>
        </>
      }
    >
      {review.conflict && (
        <p role="alert" className={styles.notice}>
          {review.by?.actor
            ? words.conflictBy(
                review.by.actor.id,
                formatRelative(review.by.time, Math.max(now, Date.parse(review.by.time))),
                review.version,
              )
            : words.conflict(review.version)}
        </p>
      )}
      <Section heading={words.changes}>
        <SmallTable
          label={words.changes}
          headings={[words.member, words.before, words.after]}
          rows={changes.map(({ path, before, after }) => ({
            id: path.join('.'),
            cells: [
              <code key="path">{path.join('.')}</code>,
              <Value key="before" value={before} />,
              <Value key="after" value={after} />,
            ],
          }))}
        />
      </Section>
      <Section heading={words.effects} text={effects.length === 0 ? words.noEffect : null}>
        {effects.length > 0 && (
          <ul className={styles.list}>
            {effects.map(({ kind, path, message }) => (
              <li key={`${kind} ${path.join('.')} ${message}`}>
                <Chip label={words.kinds[kind]} tone={TONES[kind]} /> <code>{path.join('.')}</code> {message}
              </li>
            ))}
          </ul>
        )}
      </Section>
      {review.warnings.length > 0 && (
        <Section heading={words.warnings}>
          <ul className={styles.list}>
            {review.warnings.map(({ code, message }) => (
              <li key={`${code} ${message}`}>{message}</li>
            ))}
          </ul>
        </Section>
      )}
      {widens && (
        <label className={styles.leave}>
          <input
            type="checkbox"
            checked={leave}
            disabled={sending}
            onChange={({ target }) => setLeave(target.checked)}
          />
          {words.leave}
        </label>
      )}
      {problem !== null && (
        <p role="alert" className={styles.bad}>
          {problem}
        </p>
      )}
    </Dialog>
  );
}

function Value({ value }: { readonly value: unknown }) {
  if (value == null) return texts.nothing;
  return <code className={styles.value}>{typeof value === 'string' ? value : JSON.stringify(value, null, 1)}</code>;
}

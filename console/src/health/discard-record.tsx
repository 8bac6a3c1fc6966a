// The question before a record is ignored for ever.
import { useState } from 'react';
import { useClients } from '../api/clients-context.tsx';
import { newCommandId } from '../api/command-id.ts';
import { DiscardRecordDocument } from '../api/generated/graphql.ts';
import { outcomeOf } from '../api/outcome.ts';
import { failedText } from '../app/tell-outcome.ts';
import { AlertDialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { snackbar } from '../components/snackbar.tsx';
import { healthTexts } from '../texts/health-texts.ts';
import styles from './health-page.module.css';

const words = healthTexts.parked;

export interface DiscardRecordProps {
  readonly position: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function DiscardRecord({ position, onClose, onDone }: DiscardRecordProps) {
  const { uncached } = useClients();
  const [commandId, setCommandId] = useState(newCommandId);
  const [reason, setReason] = useState('');
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const discard = async (): Promise<void> => {
    setSending(true);
    const input = { commandId, position, reason: reason.trim() };
    const outcome = outcomeOf(await uncached.mutation(DiscardRecordDocument, { input }).toPromise());
    setSending(false);
    if (outcome.kind === 'done') {
      snackbar.success(words.discarded);
      onClose();
      onDone();
      return;
    }
    const { text, decided } = failedText(outcome);
    // What was refused is decided: what is changed of it is another command.
    if (decided) setCommandId(newCommandId());
    setProblem(decided ? text : `${text} ${words.again}`);
  };

  return (
    <AlertDialog
      open
      danger
      onClose={() => {
        if (!sending) onClose();
      }}
      title={words.discardTitle(position)}
      description={words.discardText}
      confirm={words.discardConfirm}
      busy={sending}
      incomplete={reason.trim() === ''}
      onConfirm={() => void discard()}
    >
      <TextField label={words.discardReason} value={reason} onChange={setReason} disabled={sending} />
      {problem !== null && (
        <p role="alert" className={styles.bad}>
          {problem}
        </p>
      )}
    </AlertDialog>
  );
}

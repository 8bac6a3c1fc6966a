// Taking a key's access away: the question, which names the key, its last use and its callers, asks for a reason where the
// keyspace has reasons and for the name of a key that is in use; then the receipt of every verifier.
import { useEffect, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { RemovalQuestionDocument } from '../api/generated/graphql.ts';
import { AlertDialog } from '../components/dialog.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { besideRow, controlOfRow } from '../components/table.tsx';
import { snackbar } from '../components/snackbar.tsx';
import type { KeyActionProps } from '../keys/key-actions.tsx';
import { KeySummary } from '../keys/key-summary.tsx';
import { nameOf, operationOf, successText } from '../keys/keyspace-words.ts';
import { DAY, formatRelative, HOUR } from '../texts/format.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { Callers } from './callers.tsx';
import styles from './key-page.module.css';
import { Receipt } from './receipt.tsx';
import { useRemoval, type Removal } from './removal.ts';
import { isNameTyped } from './typed-name.ts';

const words = keyTexts.removal;
const NOTE_LENGTH = 1024;
const REMOVALS: readonly Removal[] = ['DISABLE', 'REVOKE', 'DELETE', 'RETIRE_PREVIOUS_SECRET'];

export default function RemoveKey(props: KeyActionProps) {
  const { row, view, onDone } = props;
  const action = REMOVALS.find((each) => each === props.action) ?? 'DISABLE';
  const retiring = action === 'RETIRE_PREVIOUS_SECRET';
  const { state, send } = useRemoval(action);
  const [{ data }] = useQuery({
    query: RemovalQuestionDocument,
    variables: { id: row.id },
    requestPolicy: 'network-only',
    // What was asked stays what it was, once it is done.
    pause: state.kind === 'removed',
  });
  const [reason, setReason] = useState('');
  const [note, setNote] = useState('');
  const [typed, setTyped] = useState('');
  const [warned, setWarned] = useState(false);
  const [opened] = useState(() => ({ now: Date.now(), version: row.version }));

  /** In the row below, where the key's own leaves the list. */
  const next = useRef<HTMLElement | null>(null);
  /** `null`: what opened it; that may be gone once the key is another. */
  const finalFocus = (): HTMLElement | null => {
    if (state.kind !== 'removed') return null;
    const beside = next.current?.isConnected === true ? next.current : null;
    return controlOfRow(row.id) ?? beside ?? document.querySelector('h1');
  };

  const key = data?.key;
  const reasons = action === 'REVOKE' ? (key?.keyspace.removal.reasons ?? []) : [];
  const explained = key?.keyspace.texts.reasons.find((each) => each.reason === reason)?.text ?? null;
  const usedWithin = (time: string | null | undefined, span: number): boolean =>
    time != null && opened.now - Date.parse(time) < span;
  const inUse = !retiring && row.name !== '' && usedWithin(key?.lastUsedAt ?? row.lastUsedAt, DAY);
  const oldUsed = key?.previousSecret?.lastUsedAt ?? null;
  const incomplete = !key || (reasons.length > 0 && reason === '') || (inUse && !isNameTyped(typed, row.name));

  const run = async (): Promise<void> => {
    if (retiring && !warned && usedWithin(oldUsed, HOUR)) {
      setWarned(true);
      return;
    }
    next.current = besideRow(row.id);
    if (await send({ id: row.id, reason, note })) snackbar.success(successText(view, action));
  };
  const operation = operationOf(view, action);
  const question = operation?.confirmation;
  const label = operation?.label ?? '';
  const change = retiring ? action : (REMOVED_STATUS[action] ?? action);

  if (state.kind === 'removed') {
    const { key: now, enforcement = null } = state.removed;
    return (
      <AlertDialog
        open
        finalFocus={finalFocus}
        title={keyTexts.receipt.heading}
        onClose={onDone}
        cancel={words.done}
        confirm={null}
        onConfirm={onDone}
      >
        <KeySummary row={row} view={view} />
        <Receipt
          shown={row}
          change={now?.status ?? change}
          version={now?.version ?? null}
          first={enforcement}
          retired={retiring}
        />
      </AlertDialog>
    );
  }
  const sending = state.kind === 'sending';
  return (
    <AlertDialog
      open
      finalFocus={finalFocus}
      danger={action !== 'DISABLE'}
      onClose={() => {
        if (!sending) onDone();
      }}
      title={warned ? keyTexts.secrets.again : (question?.title ?? label)}
      description={
        warned && oldUsed !== null ? keyTexts.secrets.againText(formatRelative(oldUsed, opened.now)) : question?.text
      }
      confirm={warned ? keyTexts.secrets.againButton : (question?.button ?? label)}
      busy={sending}
      incomplete={incomplete}
      onConfirm={() => void run()}
    >
      <KeySummary row={row} view={view} />
      {row.actions.includes('SEE_USAGE') && (
        <Callers id={row.id} {...(retiring ? { secret: 'PREVIOUS', heading: keyTexts.secrets.from } : {})} />
      )}
      {reasons.length > 0 && (
        <SelectField
          label={words.reason}
          value={reason}
          onChange={setReason}
          description={explained}
          disabled={sending}
          options={[{ value: '', label: words.choose }, ...reasons.map((value) => ({ value, label: value }))]}
        />
      )}
      {!retiring && (
        <TextField
          label={words.note}
          hint={words.optional}
          description={words.noteHelp}
          value={note}
          onChange={setNote}
          disabled={sending}
          control={{ maxLength: NOTE_LENGTH }}
        />
      )}
      {inUse && (
        <TextField
          label={words.typeName(nameOf(row))}
          value={typed}
          onChange={setTyped}
          disabled={sending}
          control={{ autoComplete: 'off', spellCheck: false }}
        />
      )}
      {state.kind === 'asking' && state.problem !== null && (
        <p className={styles.error} role="alert">
          {state.problem}
        </p>
      )}
      {sending && <Waiting version={opened.version + 1} action={change} retiring={retiring} row={row} />}
    </AlertDialog>
  );
}

const REMOVED_STATUS: Partial<Readonly<Record<Removal, string>>> = {
  DISABLE: 'DISABLED',
  REVOKE: 'REVOKED',
  DELETE: 'DELETED',
};
const SLOW_MS = 400;

interface WaitingProps {
  /** That the key is about to have. */
  readonly version: number;
  readonly action: string;
  readonly retiring: boolean;
  readonly row: KeyActionProps['row'];
}

/** What has confirmed so far, where it takes longer than a moment. */
function Waiting({ version, action, retiring, row }: WaitingProps) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!slow) return null;
  return (
    <>
      <p role="status">{words.waiting}</p>
      <Receipt shown={row} change={action} version={version} first={null} retired={retiring} />
    </>
  );
}

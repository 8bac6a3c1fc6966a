// Taking away all keys of an owner: the question, which names how many there are and when they were used last, asks for a
// reason where the keyspace has reasons and for the owner's id where a key is in use; then what came of each of them.
import { useRef, useState } from 'react';
import { failureText } from '../app/load-failure.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { Spinner } from '../components/spinner.tsx';
import { RelativeTime } from '../components/time.tsx';
import { bulkTexts } from '../texts/bulk-texts.ts';
import { DAY, formatNumber } from '../texts/format.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { texts } from '../texts/texts.ts';
import styles from './bulk.module.css';
import { BulkResults } from './bulk-results.tsx';
import { operationOf, type KeyspaceView } from './keyspace-words.ts';
import type { BulkAction, RemovalWords } from './use-bulk-removal.ts';
import { useOwnerKeys, type OwnerKey } from './use-owner-keys.ts';

const words = bulkTexts;
const NOTE_LENGTH = 1024;

export interface RemoveOwnerKeysProps {
  readonly workspace: string;
  readonly view: KeyspaceView;
  readonly owner: string;
  readonly action: BulkAction;
  readonly onDone: () => void;
}

interface Begun extends RemovalWords {
  readonly keys: readonly OwnerKey[];
}

const lastUse = (keys: readonly OwnerKey[]): string | null =>
  keys
    .flatMap(({ lastUsedAt }) => lastUsedAt ?? [])
    .sort()
    .at(-1) ?? null;

export default function RemoveOwnerKeys({ workspace, view, owner, action, onDone }: RemoveOwnerKeysProps) {
  const [begun, setBegun] = useState<Begun | null>(null);
  const label = operationOf(view, action)?.label ?? '';
  const title = words.title(label, owner);
  if (begun) return <BulkResults {...begun} title={title} owner={owner} onDone={onDone} />;
  return (
    <Question
      workspace={workspace}
      view={view}
      owner={owner}
      action={action}
      title={title}
      label={label}
      onDone={onDone}
      onBegin={setBegun}
    />
  );
}

interface QuestionProps extends RemoveOwnerKeysProps {
  readonly title: string;
  readonly label: string;
  readonly onBegin: (begun: Begun) => void;
}

function Question({ workspace, view, owner, action, title, label, onDone, onBegin }: QuestionProps) {
  const { keys: all, keyspace, complete, error, again } = useOwnerKeys({ workspace, slug: view.slug, owner });
  const cancel = useRef<HTMLButtonElement>(null);
  const [reason, setReason] = useState('');
  const [note, setNote] = useState('');
  const [typed, setTyped] = useState('');
  const [now] = useState(() => Date.now());

  const keys = all.filter(({ actions }) => actions.includes(action));
  const reasons = action === 'REVOKE' ? (keyspace?.removal.reasons ?? []) : [];
  const explained = keyspace?.texts.reasons.find((each) => each.reason === reason)?.text ?? null;
  const last = lastUse(keys);
  const usedToday = keys.filter(({ lastUsedAt }) => lastUsedAt != null && now - Date.parse(lastUsedAt) < DAY).length;
  const incomplete =
    !complete ||
    keys.length === 0 ||
    (reasons.length > 0 && reason === '') ||
    (usedToday > 0 && typed.trim() !== owner);
  return (
    <Dialog
      open
      alert
      onClose={onDone}
      initialFocus={cancel}
      title={title}
      description={complete && keys.length > 0 ? words.question(keys.length, owner, view.name) : undefined}
      buttons={
        <>
          <Button ref={cancel} onClick={onDone}>
            {texts.cancel}
          </Button>
          {error ? (
            <Button onClick={again}>{texts.retry}</Button>
          ) : (
            <Button kind="danger" disabled={incomplete} onClick={() => onBegin({ keys, action, reason, note })}>
              {complete ? words.confirm(label, keys.length) : label}
            </Button>
          )}
        </>
      }
    >
      {!complete && !error && (
        <p role="status">
          <Spinner small /> {words.loading(all.length)}
        </p>
      )}
      {error && <p role="alert">{failureText(error)}</p>}
      {complete && keys.length === 0 && <p role="status">{words.none(owner)}</p>}
      {complete && all.length > keys.length && <p>{words.notAllowed(all.length - keys.length)}</p>}
      {complete && keys.length > 0 && (
        <>
          <dl className={styles.facts}>
            <dt>{words.count}</dt>
            <dd>{formatNumber(keys.length)}</dd>
            <dt>{words.lastUsed}</dt>
            <dd>{last === null ? words.never : <RelativeTime time={last} />}</dd>
            <dt>{words.usedToday}</dt>
            <dd>{formatNumber(usedToday)}</dd>
          </dl>
          {reasons.length > 0 && (
            <SelectField
              label={keyTexts.removal.reason}
              value={reason}
              onChange={setReason}
              description={explained}
              options={[
                { value: '', label: keyTexts.removal.choose },
                ...reasons.map((value) => ({ value, label: value })),
              ]}
            />
          )}
          <TextField
            label={keyTexts.removal.note}
            hint={keyTexts.removal.optional}
            description={keyTexts.removal.noteHelp}
            value={note}
            onChange={setNote}
            control={{ maxLength: NOTE_LENGTH }}
          />
          {usedToday > 0 && (
            <TextField
              label={words.typeOwner(owner)}
              value={typed}
              onChange={setTyped}
              control={{ autoComplete: 'off', spellCheck: false }}
            />
          )}
        </>
      )}
    </Dialog>
  );
}

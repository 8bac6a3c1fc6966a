// Editing a key: each field in place, by a new key, or locked with the reason. What was changed is sent command by command,
// those that make no new key first, each for the version that is shown.
import { useState } from 'react';
import { useClient } from 'urql';
import { KeyNowDocument } from '../api/generated/graphql.ts';
import { useClients } from '../api/clients-context.tsx';
import { useCommand } from '../api/use-command.ts';
import { refusalText, unreachedText } from '../app/tell-outcome.ts';
import { snackbar } from '../components/snackbar.tsx';
import { draftOf, isChanged, type KeyField as Field } from '../form/draft.ts';
import { isOffered } from '../form/draft-values.ts';
import { FormDialog } from '../form/form-dialog.tsx';
import styles from '../form/form.module.css';
import { changesOf } from '../form/input.ts';
import { KeyField } from '../form/key-field.tsx';
import { useKeyForm } from '../form/use-key-form.ts';
import type { KeyActionProps } from '../keys/key-actions.tsx';
import { nameOf, operationOf, successText, type KeyRow } from '../keys/keyspace-words.ts';
import { LostSecret } from '../reveal/lost-secret.tsx';
import { useReveal } from '../reveal/reveal.tsx';
import { texts } from '../texts/texts.ts';
import { conflictLines, rebased, shownOf } from './conflict.ts';
import { EDITS, editOf, sendEdit, type EditAction } from './edit-commands.ts';
import { useEditQueue } from './edit-queue.ts';
import { useRefreshKey } from './refresh-key.ts';

const words = texts.form.edit;

export function EditKey({ action, row: opened, view, workspace, onDone, onChanged }: KeyActionProps) {
  const { uncached } = useClients();
  const client = useClient();
  const reveal = useReveal();
  const refresh = useRefreshKey();
  const command = useCommand();
  const queue = useEditQueue();
  const [now] = useState(() => Date.now());
  /** As the form knows it. */
  const [row, setRow] = useState<KeyRow>(opened);
  const [problem, setProblem] = useState<string | null>(null);
  const [conflict, setConflict] = useState<readonly string[] | null>(null);
  const [lost, setLost] = useState<string | null>(null);
  const base = draftOf(row, view);
  const label = operationOf(view, action)?.label ?? '';
  const fields = view.fields.filter((field) => {
    const edit = editOf(field);
    const operation = edit === null ? null : operationOf(view, edit);
    return field.inEditForm && (operation === null || operation.label === label);
  });
  const open = fields.filter((field) => lockOf(field, row) === null);
  const form = useKeyForm({ view, fields: open, initial: base, now });
  const { draft } = form;
  const changed = open.filter((field) => isChanged(field, base, draft) && isOffered(field, draft, view));
  const wrong = form.wrong.filter((field) => changed.includes(field));
  /** The command that will make a new key: one at a time. */
  const succeeding = changed.find(({ edit }) => edit === 'SUCCESSOR');
  const successor = succeeding ? editOf(succeeding) : null;

  /** Goes on from the key as it is now, with what was entered. */
  const reread = async (theirs: boolean): Promise<void> => {
    const { data } = await client.query(KeyNowDocument, { id: row.id }, { requestPolicy: 'network-only' }).toPromise();
    if (!data?.key) {
      setProblem(texts.failure.problems.NOT_FOUND);
      return;
    }
    if (theirs) setConflict(conflictLines(row, data.key, view));
    form.replace(rebased(open, base, draft, draftOf(data.key, view)));
    setRow(data.key);
  };

  const save = async (): Promise<void> => {
    if (command.state !== 'unknown') queue.fill(commandsFor(changed), row.version);
    setProblem(null);
    for (let next = queue.next(); next; next = queue.next()) {
      const { action: edit, input } = next;
      const outcome = await command.run((commandId) => sendEdit(uncached, edit, { ...input, id: row.id, commandId }));
      if (outcome.kind === 'done') {
        const { secret, key } = outcome.payload;
        if (secret != null) {
          const told = (): void => {
            snackbar.success(successText(view, 'SUCCESSOR'));
            onChanged?.();
          };
          onDone();
          reveal({ secret, name: key?.name ?? nameOf(row), view, onClosed: told });
          return;
        }
        queue.done(key?.version ?? row.version + 1);
        continue;
      }
      if (outcome.kind === 'unreached') {
        setProblem(unreachedText(outcome));
        if (!outcome.unknown && queue.sent() > 0) await reread(false);
        return;
      }
      const { refusal } = outcome;
      const conflicts = refusal.__typename === 'VersionConflict';
      if (conflicts || queue.sent() > 0) await reread(conflicts);
      if (conflicts) return;
      if (refusal.__typename === 'SecretAlreadyRevealed') setLost(refusal.key?.id ?? row.id);
      else if (refusal.__typename === 'InvalidInput') setProblem(form.refuse(refusal).join(' ') || null);
      else if (refusal.__typename !== 'OutcomeUnknown') setProblem(refusalText(refusal));
      return;
    }
    onDone();
    snackbar.success(successText(view, action));
    refresh(row.id);
  };

  /** Those that make a new key last: it takes along what the others did. */
  const commandsFor = (all: readonly Field[]) =>
    EDITS.map((edit) => ({ action: edit, fields: all.filter((field) => editOf(field) === edit) }))
      .filter((each) => each.fields.length > 0)
      .sort((one, other) => Number(one.action === successor) - Number(other.action === successor))
      .map((each) => ({ action: each.action, input: changesOf(each.fields, draft, view, Date.now()) }));

  if (lost !== null)
    return <LostSecret id={lost} view={view} workspace={workspace} onDone={onDone} onChanged={() => onChanged?.()} />;
  return (
    <FormDialog
      title={label}
      description={nameOf(row)}
      submit={conflict === null ? view.labels.save : words.applyAgain}
      cancel={view.labels.cancel}
      command={command}
      valid={changed.length > 0 && wrong.length === 0}
      dirty={changed.length > 0}
      problem={problem}
      missing={changed.length === 0 ? words.unchanged : texts.form.missing(wrong.map((field) => field.label))}
      onSubmit={() => void save()}
      onClose={onDone}
    >
      {conflict !== null && (
        <div className={styles.notice} role="alert">
          <p>{words.conflict}</p>
          <ul>
            {conflict.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      )}
      {fields.map((field) => {
        const lock = lockOf(field, row);
        if (lock !== null)
          return <Locked key={field.id} field={field} value={shownOf(field, row, view)} reason={lock} />;
        const otherSuccessor = field.edit === 'SUCCESSOR' && successor !== null && editOf(field) !== successor;
        const advice = field.edit !== 'SUCCESSOR' ? null : otherSuccessor ? words.successorOther : words.successor;
        return (
          <KeyField
            key={field.id}
            creating={false}
            field={{ ...field, description: [field.description, advice].filter(Boolean).join(' ') || null }}
            view={view}
            draft={draft}
            onChange={form.change}
            error={form.errorOf(field)}
            now={now}
            disabled={otherSuccessor || command.state !== 'idle'}
          />
        );
      })}
      {successor !== null && (
        <p className={styles.notice} role="status">
          {words.successorNotice}
        </p>
      )}
    </FormDialog>
  );
}

/** Why a field may not be edited; `null`: it may. */
function lockOf(field: Field, row: KeyRow): string | null {
  const edit: EditAction | null = editOf(field);
  if (field.edit === 'FORBIDDEN' || edit === null) return field.reason ?? words.forbidden;
  return row.actions.includes(edit) ? null : words.notAllowed;
}

interface LockedProps {
  readonly field: Field;
  readonly value: string;
  readonly reason: string;
}

function Locked({ field, value, reason }: LockedProps) {
  return (
    <div className={styles.locked} role="group" aria-label={field.label}>
      <strong>{field.label}</strong>
      <span>{value}</span>
      <span className={styles.may}>{reason}</span>
    </div>
  );
}

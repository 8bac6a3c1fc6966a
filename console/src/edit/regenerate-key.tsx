// A new secret for a key, after the keyspace's question; where it has overlaps, how long the old one works on.
import { useRef, useState } from 'react';
import { RegenerateKeyDocument } from '../api/generated/graphql.ts';
import { useClients } from '../api/clients-context.tsx';
import { outcomeOf } from '../api/outcome.ts';
import { useCommand } from '../api/use-command.ts';
import { refusalText, unreachedText } from '../app/tell-outcome.ts';
import { AlertDialog } from '../components/dialog.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { snackbar } from '../components/snackbar.tsx';
import type { KeyActionProps } from '../keys/key-actions.tsx';
import { KeySummary } from '../keys/key-summary.tsx';
import { nameOf, operationOf, successText } from '../keys/keyspace-words.ts';
import { LostSecret } from '../reveal/lost-secret.tsx';
import { useReveal } from '../reveal/reveal.tsx';
import styles from '../form/form.module.css';
import { texts } from '../texts/texts.ts';
import { CUSTOM, hoursOf, overlapOptions, overlapSeconds } from './overlap.ts';
import { useRefreshKey } from './refresh-key.ts';

const words = texts.form.regenerate;

export function RegenerateKey({ action, row, view, workspace, onDone, onChanged }: KeyActionProps) {
  const { uncached } = useClients();
  const reveal = useReveal();
  const refresh = useRefreshKey();
  const command = useCommand();
  const { defaultOverlapSeconds, maxOverlapSeconds: most } = view.rotation;
  const [choice, setChoice] = useState(String(defaultOverlapSeconds));
  const [hours, setHours] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [lost, setLost] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const sent = useRef<number | null>(null);
  const seconds = overlapSeconds(choice, hours, most);
  const unknown = command.state === 'unknown';

  const run = async (): Promise<void> => {
    if (!unknown) sent.current = seconds;
    const overlap = sent.current;
    setProblem(null);
    const outcome = await command.run(async (commandId) => {
      const input = { id: row.id, commandId, overlapSeconds: overlap };
      return outcomeOf(await uncached.mutation(RegenerateKeyDocument, { input }).toPromise());
    });
    if (outcome.kind === 'done') {
      const told = (): void => {
        snackbar.success(successText(view, 'REGENERATE'));
        refresh(row.id);
      };
      const { secret } = outcome.payload;
      onDone();
      if (secret == null) told();
      else reveal({ secret, name: nameOf(row), view, onClosed: told });
    } else if (outcome.kind === 'unreached') setProblem(unreachedText(outcome));
    else if (outcome.refusal.__typename === 'SecretAlreadyRevealed') setLost(true);
    else if (outcome.refusal.__typename !== 'OutcomeUnknown') setProblem(refusalText(outcome.refusal));
  };

  const busy = command.state === 'busy';
  const leave = (): void => {
    if (unknown) setLeaving(true);
    else if (!busy) onDone();
  };
  if (leaving)
    return (
      <AlertDialog
        open
        danger
        onClose={() => setLeaving(false)}
        title={texts.form.discard.unknown}
        description={`${texts.form.unknown.text} ${words.unknown}`}
        cancel={texts.form.discard.keep}
        confirm={texts.form.discard.leave}
        onConfirm={onDone}
      />
    );
  if (lost)
    return (
      <LostSecret
        id={row.id}
        view={view}
        workspace={workspace}
        onDone={onDone}
        onChanged={onChanged ?? (() => refresh(row.id))}
      />
    );
  const operation = operationOf(view, action);
  const label = operation?.label ?? '';
  const question = operation?.confirmation;
  return (
    <AlertDialog
      open
      onClose={leave}
      title={question?.title ?? label}
      description={question?.text}
      cancel={view.labels.cancel}
      confirm={unknown ? texts.form.unknown.check : (question?.button ?? label)}
      busy={busy}
      incomplete={seconds === null}
      onConfirm={() => void run()}
    >
      <KeySummary row={row} view={view} />
      {most > 0 && (
        <SelectField
          label={words.overlap}
          value={choice}
          onChange={setChoice}
          disabled={command.state !== 'idle'}
          options={overlapOptions(defaultOverlapSeconds, most)}
        />
      )}
      {choice === CUSTOM && (
        <TextField
          label={words.hours}
          type="number"
          value={hours}
          onChange={setHours}
          disabled={command.state !== 'idle'}
          description={words.hoursHelp(hoursOf(most))}
          error={hours !== '' && seconds === null ? texts.form.problems.range(0, hoursOf(most)) : null}
          control={{ min: 0, max: hoursOf(most), step: 'any' }}
        />
      )}
      {(unknown || problem !== null) && (
        <p className={styles.notice} role="alert">
          {[problem, unknown ? texts.form.unknown.text : null].filter(Boolean).join(' ')}
        </p>
      )}
    </AlertDialog>
  );
}

// Making a key: the fields of the keyspace's form. Its secret is shown first; the list is read again once that is closed.
import { useRef, useState } from 'react';
import { useClient } from 'urql';
import { CreateKeyDocument, FrameDocument, type CreateKeyInput } from '../api/generated/graphql.ts';
import { useClients } from '../api/clients-context.tsx';
import { outcomeOf } from '../api/outcome.ts';
import { useCommand } from '../api/use-command.ts';
import { refusalText, unreachedText } from '../app/tell-outcome.ts';
import { snackbar } from '../components/snackbar.tsx';
import { newDraft } from '../form/draft.ts';
import { FormDialog } from '../form/form-dialog.tsx';
import { inputOf } from '../form/input.ts';
import { KeyField } from '../form/key-field.tsx';
import { keyMay } from '../form/key-may.ts';
import styles from '../form/form.module.css';
import { useKeyForm } from '../form/use-key-form.ts';
import { operationOf, successText, type KeyspaceView } from '../keys/keyspace-words.ts';
import { LostSecret } from '../reveal/lost-secret.tsx';
import { useReveal } from '../reveal/reveal.tsx';
import { texts } from '../texts/texts.ts';

export interface CreateKeyProps {
  readonly view: KeyspaceView;
  readonly workspace: string;
  /** It is done, or was given up. */
  readonly onDone: () => void;
  /** There is a key that no list has. */
  readonly onMade: () => void;
}

export default function CreateKey({ view, workspace, onDone, onMade }: CreateKeyProps) {
  const { uncached } = useClients();
  const reveal = useReveal();
  const command = useCommand();
  const [now] = useState(() => Date.now());
  const client = useClient();
  const [initial] = useState(() => {
    const viewer = client.readQuery(FrameDocument, {})?.data?.viewer;
    return newDraft(view, viewer?.actor.kind === 'USER' && viewer.email == null ? viewer.actor.id : null);
  });
  const fields = view.fields.filter(({ inCreateForm }) => inCreateForm);
  const form = useKeyForm({ view, fields, initial, now });
  const { draft } = form;
  const [problem, setProblem] = useState<string | null>(null);
  const [lost, setLost] = useState<string | null>(null);
  /** While it is not known what came of it, it is the same that is sent. */
  const sent = useRef<CreateKeyInput | null>(null);

  const submit = async (): Promise<void> => {
    if (command.state !== 'unknown' || sent.current === null) sent.current = inputFor();
    const input = sent.current;
    setProblem(null);
    const outcome = await command.run(async (commandId) =>
      outcomeOf(await uncached.mutation(CreateKeyDocument, { input: { ...input, commandId } }).toPromise()),
    );
    if (outcome.kind === 'done') {
      const { secret, key } = outcome.payload;
      const told = (): void => {
        snackbar.success(successText(view, 'CREATE'));
        onMade();
      };
      onDone();
      if (secret == null) told();
      else reveal({ secret, name: key?.name ?? draft.name, view, onClosed: told });
      return;
    }
    if (outcome.kind === 'unreached') {
      setProblem(unreachedText(outcome));
      return;
    }
    const { refusal } = outcome;
    if (refusal.__typename === 'SecretAlreadyRevealed' && refusal.key != null) {
      setLost(refusal.key.id);
      onMade();
    } else if (refusal.__typename === 'InvalidInput') setProblem(form.refuse(refusal).join(' ') || null);
    else if (refusal.__typename !== 'OutcomeUnknown') setProblem(refusalText(refusal));
  };
  const inputFor = (): CreateKeyInput => ({
    ...(inputOf(fields, draft, view, Date.now()) as Pick<CreateKeyInput, 'name'>),
    workspaceId: workspace,
    keyspace: view.slug,
  });

  if (lost !== null)
    return <LostSecret id={lost} view={view} workspace={workspace} onDone={onDone} onChanged={onMade} />;
  const { wrong } = form;
  return (
    <FormDialog
      title={view.labels.create}
      description={operationOf(view, 'CREATE')?.description}
      submit={view.labels.submit}
      cancel={view.labels.cancel}
      command={command}
      valid={wrong.length === 0}
      dirty={JSON.stringify(draft) !== JSON.stringify(initial)}
      problem={problem}
      missing={texts.form.missing(wrong.map(({ label }) => label))}
      onSubmit={() => void submit()}
      onClose={onDone}
    >
      {fields.map((field) => (
        <KeyField
          key={field.id}
          creating
          field={field}
          view={view}
          draft={draft}
          onChange={form.change}
          error={form.errorOf(field)}
          now={now}
          disabled={command.state !== 'idle'}
        />
      ))}
      <p className={styles.may} role="status">
        {keyMay(view, fields, draft)}
      </p>
    </FormDialog>
  );
}

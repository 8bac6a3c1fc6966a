// The answer with a secret was lost: the key is there, its secret is nowhere. A new secret is made, or the key taken away.
import { useState } from 'react';
import { useQuery } from 'urql';
import { KeyNowDocument, type KeyAction } from '../api/generated/graphql.ts';
import { failureText } from '../app/load-failure.tsx';
import { part } from '../app/part.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Spinner } from '../components/spinner.tsx';
import { KeySummary } from '../keys/key-summary.tsx';
import { nameOf, operationOf, type KeyspaceView } from '../keys/keyspace-words.ts';
import { texts } from '../texts/texts.ts';

// They show this one.
const KeyActions = part(async () => ({ default: (await import('../keys/key-actions.tsx')).KeyActions }));

const words = texts.form.lost;
const REMEDIES = ['REGENERATE', 'DELETE', 'REVOKE'] as const satisfies readonly KeyAction[];

export interface LostSecretProps {
  /** Of the key. */
  readonly id: string;
  readonly view: KeyspaceView;
  readonly workspace: string;
  readonly onDone: () => void;
  readonly onChanged: () => void;
}

export function LostSecret({ id, view, workspace, onDone, onChanged }: LostSecretProps) {
  const [{ data, error }] = useQuery({ query: KeyNowDocument, variables: { id }, requestPolicy: 'network-only' });
  const [action, setAction] = useState<KeyAction | null>(null);
  const row = data?.key;
  if (row && action !== null)
    return (
      <KeyActions action={action} row={row} view={view} workspace={workspace} onDone={onDone} onChanged={onChanged} />
    );
  return (
    <Dialog
      open
      alert
      onClose={onDone}
      title={words.title}
      description={row ? words.text(nameOf(row)) : undefined}
      buttons={
        <>
          <Button onClick={onDone}>{words.keep}</Button>
          {REMEDIES.filter((remedy) => row?.actions.includes(remedy)).map((remedy) => (
            <Button
              key={remedy}
              kind={remedy === 'REGENERATE' ? 'primary' : 'danger'}
              onClick={() => setAction(remedy)}
            >
              {operationOf(view, remedy)?.label}
            </Button>
          ))}
        </>
      }
    >
      {row && <KeySummary row={row} view={view} />}
      {!row && (error ? <p role="alert">{failureText(error)}</p> : <Spinner />)}
    </Dialog>
  );
}

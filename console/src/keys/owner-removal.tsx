// Where the list is of one owner's keys: the way to take all of them away, for whom the server lets do it.
import { useState } from 'react';
import { part } from '../app/part.tsx';
import { Button } from '../components/button.tsx';
import { texts } from '../texts/texts.ts';
import { operationOf, type KeyRow, type KeyspaceView } from './keyspace-words.ts';

const RemoveOwnerKeys = part(() => import('./remove-owner-keys.tsx'));

/** Revoking where the keyspace has it, else what it has in its place. */
const ACTIONS = ['REVOKE', 'DELETE'] as const;

export interface OwnerRemovalProps {
  readonly workspace: string;
  readonly view: KeyspaceView;
  /** That the list is filtered by; empty: by none. */
  readonly owner: string;
  readonly rows: readonly KeyRow[];
}

export function OwnerRemoval({ workspace, view, owner, rows }: OwnerRemovalProps) {
  const [opened, setOpened] = useState(false);
  const owned = view.fields.some(({ id }) => id === 'owner');
  const action =
    owned && owner !== '' ? ACTIONS.find((each) => rows.some(({ actions }) => actions.includes(each))) : undefined;
  /** It stays while it is open, though nothing may be left to take away. */
  const [doing, setDoing] = useState(action);
  return (
    <>
      {action !== undefined && (
        <Button
          kind="danger"
          onClick={() => {
            setDoing(action);
            setOpened(true);
          }}
        >
          {texts.keys.removeAll(operationOf(view, action)?.label ?? '', owner)}
        </Button>
      )}
      {opened && doing !== undefined && (
        <RemoveOwnerKeys
          workspace={workspace}
          view={view}
          owner={owner}
          action={doing}
          onDone={() => setOpened(false)}
        />
      )}
    </>
  );
}

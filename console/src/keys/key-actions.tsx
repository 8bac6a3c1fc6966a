// What is done when an action of a key is chosen in the list: some at once, some after a question, in a dialog of their own
// by the name of the action; the others are on the key's own page.
import { useEffect, useRef, type ComponentType } from 'react';
import { useLocation } from 'wouter';
import type { KeyAction } from '../api/generated/graphql.ts';
import { part } from '../app/part.tsx';
import { paths } from '../app/paths.ts';
import { EnableKey } from './enable-key.tsx';
import type { KeyRow, KeyspaceView } from './keyspace-words.ts';

export interface KeyActionProps {
  readonly action: KeyAction;
  readonly row: KeyRow;
  readonly view: KeyspaceView;
  readonly workspace: string;
  /** Asked for by an address, which anybody may have made: nothing is done without a question. */
  readonly byAddress?: boolean;
  /** It is done, or was given up. */
  readonly onDone: () => void;
  /** A list of keys has to be read again: there is one more. */
  readonly onChanged?: () => void;
}

/** Not of the first page's weight. */
const RemoveKey = part(() => import('../key/remove-key.tsx'));
const EditKey = part(async () => ({ default: (await import('../edit/edit-key.tsx')).EditKey }));
const RegenerateKey = part(async () => ({ default: (await import('../edit/regenerate-key.tsx')).RegenerateKey }));

const ACTIONS: Partial<Readonly<Record<KeyAction, ComponentType<KeyActionProps>>>> = {
  DISABLE: RemoveKey,
  ENABLE: EnableKey,
  REVOKE: RemoveKey,
  DELETE: RemoveKey,
  RETIRE_PREVIOUS_SECRET: RemoveKey,
  REGENERATE: RegenerateKey,
  UPDATE: EditKey,
  CHANGE_SCOPES: EditKey,
  CHANGE_RESTRICTIONS: EditKey,
  CHANGE_EXPIRY: EditKey,
};

/** Whether there is a dialog for it, or it needs none. */
export const isDoneInPlace = (action: KeyAction): boolean => ACTIONS[action] !== undefined;

export function KeyActions(props: KeyActionProps) {
  const Action = ACTIONS[props.action] ?? OnItsPage;
  return <Action {...props} />;
}

/** By the key's own page, which the address tells what is to be done. */
function OnItsPage({ action, row, workspace, onDone }: KeyActionProps) {
  const [, navigate] = useLocation();
  const gone = useRef(false);
  useEffect(() => {
    if (gone.current) return;
    gone.current = true;
    onDone();
    navigate(paths.key(workspace, row.id, action));
  });
  return null;
}

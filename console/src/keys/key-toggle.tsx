// Turns a key on and off in the list. It shows what was asked for at once, and goes back where that was refused.
import { useState } from 'react';
import { Status } from '../components/status.tsx';
import { Toggle } from '../components/toggle.tsx';
import { texts } from '../texts/texts.ts';
import { nameOf, statusLabel, type KeyRow, type KeyspaceView } from './keyspace-words.ts';
import { useKeySwitch } from './key-switch.ts';

export interface KeyToggleProps {
  readonly row: KeyRow;
  readonly view: KeyspaceView;
  /** The column's heading. */
  readonly label: string;
}

export function KeyToggle({ row, view, label }: KeyToggleProps) {
  const turn = useKeySwitch(view);
  const [asked, setAsked] = useState<boolean | null>(null);
  const enabled = row.status === 'ACTIVE';
  if (row.status !== 'ACTIVE' && row.status !== 'DISABLED')
    return <Status status={row.status} label={statusLabel(view, row.status)} />;
  return (
    <Toggle
      checked={asked ?? enabled}
      disabled={!row.actions.includes(enabled ? 'DISABLE' : 'ENABLE')}
      label={texts.keys.toggleOf(label, nameOf(row))}
      onChange={(next) => {
        setAsked(next);
        void turn(row, next ? 'ENABLE' : 'DISABLE').finally(() => setAsked(null));
      }}
    />
  );
}

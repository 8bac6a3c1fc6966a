// Enabling a key from its menu or its page: it takes nothing away, and is not asked about; by an address it is.
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { AlertDialog } from '../components/dialog.tsx';
import type { KeyActionProps } from './key-actions.tsx';
import { useKeySwitch } from './key-switch.ts';
import { KeySummary } from './key-summary.tsx';
import { operationOf } from './keyspace-words.ts';

export function EnableKey({ row, view, byAddress = false, onDone }: KeyActionProps) {
  const turn = useKeySwitch(view);
  const [agreed, setAgreed] = useState(!byAddress);
  const begun = useRef(false);
  const begin = useEffectEvent(() => void turn(row, 'ENABLE').finally(onDone));
  useEffect(() => {
    if (!agreed || begun.current) return;
    begun.current = true;
    begin();
  }, [agreed]);
  const { label = '', confirmation } = operationOf(view, 'ENABLE') ?? {};
  if (!byAddress) return null;
  return (
    <AlertDialog
      open
      title={confirmation?.title ?? label}
      description={confirmation?.text}
      confirm={confirmation?.button ?? label}
      busy={agreed}
      onClose={onDone}
      onConfirm={() => setAgreed(true)}
    >
      <KeySummary row={row} view={view} />
    </AlertDialog>
  );
}

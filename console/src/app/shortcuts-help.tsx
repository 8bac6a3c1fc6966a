// Opens the list of which keys do what: by `?`.
import { Suspense, useState } from 'react';
import { later } from '../components/later.tsx';
import { useShortcut } from './shortcuts.ts';

const Shortcuts = later(() => import('./shortcuts-dialog.tsx'));

export function ShortcutsHelp() {
  const [open, setOpen] = useState(false);
  Shortcuts.usePreloaded();
  useShortcut('?', () => setOpen(true));
  return <Suspense fallback={null}>{open && <Shortcuts.Component onClose={() => setOpen(false)} />}</Suspense>;
}

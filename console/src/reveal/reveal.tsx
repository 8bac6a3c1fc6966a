// Hands a new secret to the one dialog that shows it. It is kept in that dialog alone: in no cache, address, storage, log or
// snackbar.
import { useContext } from 'react';
import type { KeyspaceView } from '../keys/keyspace-words.ts';
import { CopyOnce } from './copy-once.tsx';
import { RevealContext } from './reveal-context.ts';

export interface Revealed {
  readonly secret: string;
  /** Of the key. */
  readonly name: string;
  readonly view: KeyspaceView;
  /** Once it is gone: lists are read again and success is told only then, so that nothing of that can lose the secret. */
  readonly onClosed: () => void;
}

export function useReveal(): (revealed: Revealed) => void {
  const show = useContext(RevealContext);
  if (!show) throw new Error('there is no place for secrets around this');
  return (revealed) => show((onGone) => <CopyOnce {...revealed} onGone={onGone} />);
}

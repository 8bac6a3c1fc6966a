// Copies a text. The check mark comes once the clipboard has taken it and stays for two seconds; where there is no
// clipboard (plain http, or it was refused) what is shown is selected instead, and the person is told to copy it.
import { useEffect, useState, type RefObject } from 'react';
import { texts } from '../texts/texts.ts';
import { Button, type ButtonKind } from './button.tsx';
import { CheckIcon, CopyIcon } from './icons.tsx';
import styles from './copy-button.module.css';
import { VisuallyHidden } from './visually-hidden.tsx';

const COPIED_MS = 2000;

export interface CopyButtonProps {
  /** What to copy, read when the button is pressed. */
  readonly text: () => string;
  /** Where it is shown, to be selected. */
  readonly source: RefObject<HTMLElement | null>;
  readonly label?: string;
  readonly copiedLabel?: string;
  /** The button's name, where its label does not say what is copied. */
  readonly name?: string;
  readonly kind?: ButtonKind;
  /** The clipboard has it. */
  readonly onCopied?: () => void;
}

export function CopyButton(props: CopyButtonProps) {
  const {
    text,
    source,
    label = texts.copy.copy,
    copiedLabel = texts.copy.copied,
    name,
    kind = 'plain',
    onCopied,
  } = props;
  const [state, setState] = useState<'idle' | 'copied' | 'by hand'>('idle');
  useEffect(() => {
    if (state !== 'copied') return undefined;
    const timer = setTimeout(() => setState('idle'), COPIED_MS);
    return () => clearTimeout(timer);
  }, [state]);

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      setState('copied');
      onCopied?.();
    } catch {
      if (source.current) window.getSelection()?.selectAllChildren(source.current);
      setState('by hand');
    }
  };

  return (
    <span className={styles.copy}>
      <Button kind={kind} onClick={() => void copy()} aria-label={state === 'idle' ? name : undefined}>
        {state === 'copied' ? <CheckIcon /> : <CopyIcon />}
        {state === 'copied' ? copiedLabel : label}
      </Button>
      <span role="status" className={styles.told}>
        {state === 'copied' && <VisuallyHidden>{copiedLabel}</VisuallyHidden>}
        {state === 'by hand' && texts.copy.byHand}
      </span>
    </span>
  );
}

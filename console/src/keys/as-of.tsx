// Leads to the list as it was: a day and time, asked for when it is wanted.
import { useState } from 'react';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { ClockIcon } from '../components/icons.tsx';
import { localTime } from '../texts/format.ts';
import { texts } from '../texts/texts.ts';
import type { KeyQueryState } from './key-query.ts';
import styles from './keys.module.css';

const words = texts.keys.asOf;

export interface AsOfProps extends Pick<KeyQueryState, 'change'> {
  /** RFC 3339; empty: now. */
  readonly at: string;
}

export function AsOf({ at, change }: AsOfProps) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? localTime(at === '' ? Date.now() : Date.parse(at));
  return (
    <form
      className={styles.asOf}
      onSubmit={(event) => {
        event.preventDefault();
        const time = new Date(shown).getTime();
        if (Number.isNaN(time)) return;
        change({ at: time < Date.now() ? new Date(time).toISOString() : '' });
        setTyped(null);
        setOpen(false);
      }}
    >
      <Button kind="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
        <ClockIcon /> {words.open}
      </Button>
      {open && (
        <>
          <TextField
            label={words.time}
            type="datetime-local"
            value={shown}
            onChange={setTyped}
            control={{ step: 1, required: true }}
          />
          <Button type="submit">{words.show}</Button>
        </>
      )}
    </form>
  );
}

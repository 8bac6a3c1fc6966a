// How events are narrowed: a form, which asks when it is sent.
import { useState } from 'react';
import type { CombinedError } from 'urql';
import type { ChangeAddress } from '../app/address.ts';
import { filterProblem } from '../app/load-failure.tsx';
import { Button } from '../components/button.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import styles from '../key/key-page.module.css';
import { auditTexts } from '../texts/audit-texts.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { TYPES, type EventQuery } from './audit-address.ts';

const words = auditTexts.filters;

export interface HistoryFiltersProps {
  readonly query: EventQuery;
  /** Why it came to nothing. */
  readonly error: CombinedError | null;
  readonly onApply: ChangeAddress;
}

export function HistoryFilters({ query, error, onApply }: HistoryFiltersProps) {
  const [form, setForm] = useState(query);
  const set = (name: keyof EventQuery) => (value: string) => setForm({ ...form, [name]: value });
  return (
    <form
      role="search"
      className={styles.filters}
      onSubmit={(event) => {
        event.preventDefault();
        onApply({ ...form });
      }}
    >
      <TextField
        label={words.actor}
        value={form.actor}
        onChange={set('actor')}
        error={filterProblem(error, 'actor')}
        control={{ placeholder: words.actorHelp, maxLength: 300 }}
      />
      <TextField
        label={words.key}
        value={form.key}
        onChange={set('key')}
        error={filterProblem(error, 'key')}
        control={{ placeholder: words.keyHelp, maxLength: 128 }}
      />
      {/* What is chosen counts at once; what is typed once it is sent. */}
      <SelectField
        label={words.type}
        value={form.type}
        onChange={(type) => onApply({ ...form, type })}
        options={[{ value: '', label: words.any }, ...TYPES.map((value) => ({ value, label: keyTexts.events[value] }))]}
      />
      <TextField
        label={words.request}
        value={form.request}
        onChange={set('request')}
        error={filterProblem(error, 'requestId')}
        control={{ maxLength: 128 }}
      />
      <TextField label={words.from} type="date" value={form.from} onChange={set('from')} />
      <TextField label={words.to} type="date" value={form.to} onChange={set('to')} />
      <Button type="submit">{words.apply}</Button>
    </form>
  );
}

// How calls are narrowed: a form, which asks when it is sent.
import { useState } from 'react';
import type { CombinedError } from 'urql';
import { filterProblem } from '../app/load-failure.tsx';
import { Button } from '../components/button.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { isAddress } from '../form/network.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { CODES, SECRETS, type KeyAddressState, type RequestQuery } from './key-address.ts';
import styles from './key-page.module.css';

const words = keyTexts.requests;
const ANY = { value: '', label: words.any };

export interface RequestFiltersProps {
  readonly query: RequestQuery;
  /** Why it came to nothing. */
  readonly error: CombinedError | null;
  readonly onApply: KeyAddressState['change'];
}

export function RequestFilters({ query, error, onApply }: RequestFiltersProps) {
  const [form, setForm] = useState(query);
  const [wrongIp, setWrongIp] = useState(false);
  const set = (name: keyof RequestQuery) => (value: string) => setForm({ ...form, [name]: value });
  /** What is chosen counts at once; what is typed once it is sent. */
  const choose = (name: keyof RequestQuery) => (value: string) => onApply({ ...form, [name]: value });
  return (
    <form
      role="search"
      className={styles.filters}
      onSubmit={(event) => {
        event.preventDefault();
        const ip = form.ip.trim();
        const wrong = ip !== '' && !isAddress(ip);
        setWrongIp(wrong);
        if (!wrong) onApply({ ...form });
      }}
    >
      <SelectField
        label={words.outcome}
        value={form.outcome}
        onChange={choose('outcome')}
        options={[ANY, ...CODES.map((value) => ({ value, label: keyTexts.outcomes[value] }))]}
      />
      <TextField
        label={words.path}
        value={form.path}
        onChange={set('path')}
        error={filterProblem(error, 'path')}
        control={{ placeholder: words.pathHelp, maxLength: 256 }}
      />
      <TextField
        label={words.ip}
        value={form.ip}
        onChange={set('ip')}
        error={wrongIp ? words.noIp : filterProblem(error, 'ip')}
        control={{ maxLength: 64 }}
      />
      <TextField
        label={words.request}
        value={form.request}
        onChange={set('request')}
        error={filterProblem(error, 'requestId')}
        control={{ maxLength: 64 }}
      />
      <SelectField
        label={words.secret}
        value={form.secret}
        onChange={choose('secret')}
        options={[ANY, ...SECRETS.map((value) => ({ value, label: words.secrets[value] }))]}
      />
      <TextField label={words.from} type="date" value={form.from} onChange={set('from')} />
      <TextField label={words.to} type="date" value={form.to} onChange={set('to')} />
      <Button type="submit">{words.apply}</Button>
    </form>
  );
}

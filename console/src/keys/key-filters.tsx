// Search, filters and order of the list. What a keyspace has none of is not offered.
import { useId, useRef, useState, type ReactNode } from 'react';
import type { CombinedError } from 'urql';
import { filterProblem } from '../app/load-failure.tsx';
import { useShortcut } from '../app/shortcuts.ts';
import { Button } from '../components/button.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { DownIcon, SearchIcon } from '../components/icons.tsx';
import { VisuallyHidden } from '../components/visually-hidden.tsx';
import type { KeyStatus } from '../api/generated/graphql.ts';
import { texts } from '../texts/texts.ts';
import { filterCount, isNarrowed, ORDERS, STATUSES, type KeyQueryState, type OrderName } from './key-query.ts';
import styles from './keys.module.css';
import { optionLabel, statusLabel, type KeyspaceView } from './keyspace-words.ts';

const words = texts.keys;
const ANY = { value: '', label: words.any };

export interface KeyFiltersProps extends KeyQueryState {
  readonly view: KeyspaceView;
  /** What it comes to, in words. */
  readonly result: string;
  /** Why it came to nothing. */
  readonly error: CombinedError | null;
  /** Beside it. */
  readonly children?: ReactNode;
}

export function KeyFilters({ view, query, change, clear, result, error, children }: KeyFiltersProps) {
  const filters = useId();
  const count = filterCount(query);
  const [open, setOpen] = useState(count > 0);
  const search = useRef<HTMLInputElement>(null);
  useShortcut('/', () => search.current?.focus());
  return (
    <search className={styles.filters}>
      <div className={styles.bar}>
        <label className={styles.search}>
          <SearchIcon />
          <VisuallyHidden>{words.search}</VisuallyHidden>
          <input
            ref={search}
            type="search"
            value={query.text}
            placeholder={words.searchPlaceholder}
            onChange={({ target }) => change({ text: target.value })}
            aria-keyshortcuts="/"
            maxLength={128}
          />
        </label>
        <Button aria-expanded={open} aria-controls={filters} onClick={() => setOpen(!open)}>
          {count > 0 ? words.activeFilters(count) : words.filters} <DownIcon />
        </Button>
        <span className={styles.order}>
          <SelectField
            label={<VisuallyHidden>{words.order}</VisuallyHidden>}
            value={query.order}
            onChange={(order) => change({ order: order as OrderName })}
            options={ORDERS.map((value) => ({ value, label: words.orders[value] }))}
          />
        </span>
        <span role="status" className={styles.result}>
          {result}
        </span>
        {children}
      </div>
      <div id={filters} className={styles.more} hidden={!open}>
        <SelectField
          label={words.status}
          value={query.status}
          onChange={(status) => change({ status: status as KeyStatus | '' })}
          options={[
            { value: '', label: words.statusAny },
            ...STATUSES.map((value) => ({ value, label: statusLabel(view, value) })),
          ]}
        />
        {view.environments.length > 0 && (
          <SelectField
            label={words.environment}
            value={query.environment}
            onChange={(environment) => change({ environment })}
            options={[
              ANY,
              ...view.environments.map((value) => ({ value, label: optionLabel(view, 'environment', value) })),
            ]}
          />
        )}
        {view.types.length > 1 && (
          <SelectField
            label={words.type}
            value={query.type}
            onChange={(type) => change({ type })}
            options={[ANY, ...view.types.map(({ id, label }) => ({ value: id, label }))]}
          />
        )}
        {view.permissions.scopes.length > 0 ? (
          <SelectField
            label={words.scope}
            value={query.scope}
            onChange={(scope) => change({ scope })}
            options={[ANY, ...view.permissions.scopes.map(({ id, label }) => ({ value: id, label: label || id }))]}
          />
        ) : (
          <TextField
            label={words.scope}
            value={query.scope}
            onChange={(scope) => change({ scope })}
            error={filterProblem(error, 'scope')}
            control={{ maxLength: 64 }}
          />
        )}
        <TextField
          label={words.tag}
          value={query.tag}
          onChange={(tag) => change({ tag })}
          error={filterProblem(error, 'tags')}
          control={{ maxLength: 64 }}
        />
        <TextField
          label={words.owner}
          value={query.owner}
          onChange={(owner) => change({ owner })}
          error={filterProblem(error, 'owner')}
          control={{ maxLength: 128 }}
        />
        <Button aria-pressed={query.expiring} onClick={() => change({ expiring: !query.expiring })}>
          {words.expiring}
        </Button>
        <Button aria-pressed={query.unused} onClick={() => change({ unused: !query.unused })}>
          {words.unused}
        </Button>
        {isNarrowed(query) && (
          <Button kind="quiet" onClick={clear}>
            {words.clearFilters}
          </Button>
        )}
      </div>
    </search>
  );
}

// The scopes of a key, drawn as the keyspace has them: sets to begin with, a checklist by groups, a level for each resource,
// or anything that is typed.
import { Button } from '../components/button.tsx';
import { Combobox } from '../components/combobox.tsx';
import { texts } from '../texts/texts.ts';
import { CheckChoices } from './choices.tsx';
import type { KeyField } from './draft.ts';
import styles from './form.module.css';
import { Group } from './group.tsx';
import { grouped, includedBy, scopeOf, type Permissions } from './scopes.ts';
import { ScopeMatrix } from './scope-matrix.tsx';

const words = texts.form;

export interface ScopeFieldProps {
  readonly field: KeyField;
  readonly permissions: Permissions;
  /** Those that the type of the key may have; `null`: any. */
  readonly offered: readonly string[] | null;
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
  readonly error: string | null;
  readonly hint?: string;
  readonly disabled?: boolean;
}

export function ScopeField(props: ScopeFieldProps) {
  const { field, permissions, offered, value, onChange, error, hint, disabled = false } = props;
  const { matrix, presets, freeForm } = permissions;
  const scopes = permissions.scopes.filter(({ id }) => offered?.includes(id) ?? true);
  const around = { label: field.label, error, disabled, ...(hint === undefined ? {} : { hint }) };
  if (freeForm)
    return (
      <Combobox
        {...around}
        description={field.description ?? words.freeScopes}
        free
        options={scopes.map(({ id, label }) => ({ value: id, label }))}
        value={value}
        onChange={onChange}
      />
    );

  const inMatrix = new Set(
    matrix?.resources.flatMap(({ id }) => matrix.levels.map((level) => scopeOf(id, level.id))) ?? [],
  );
  const listed = scopes.filter(({ id }) => !inMatrix.has(id));
  const labelOf = (scope: string): string => scopes.find(({ id }) => id === scope)?.label ?? scope;
  const included = (scope: string): string | null => {
    const by = includedBy(permissions, value, scope);
    return by === null ? null : words.includedIn(labelOf(by));
  };
  return (
    <Group {...around} description={field.description ?? null}>
      {presets.length > 0 && (
        <div className={styles.presets} role="group" aria-label={words.presets}>
          {presets.map(({ label, description, scopes: set }) => (
            <Button
              key={label}
              aria-pressed={set.length === value.length && set.every((scope) => value.includes(scope))}
              title={description ?? undefined}
              disabled={disabled}
              onClick={() => onChange([...set])}
            >
              {label}
            </Button>
          ))}
        </div>
      )}
      {matrix && <ScopeMatrix matrix={matrix} label={field.label} value={value} onChange={onChange} />}
      {grouped(listed).map(([group, members]) => (
        <div key={group ?? ''} role={group === null ? undefined : 'group'} aria-label={group ?? undefined}>
          {group !== null && <h3 className={styles.subheading}>{group}</h3>}
          <CheckChoices
            choices={members.map(({ id, label, tone, description }) => ({
              value: id,
              label,
              tone: tone ?? null,
              description: description ?? null,
            }))}
            value={value}
            onChange={onChange}
            included={included}
          />
        </div>
      ))}
    </Group>
  );
}

// A labelled control with its advice and what is wrong with it. `Field` puts them around a control; `TextField`,
// `SelectField` and `DateField` are whole ones.
import { Field as BaseField } from '@base-ui/react/field';
import type { ComponentProps, ReactNode } from 'react';
import { classes } from './classes.ts';
import styles from './field.module.css';
import { WarningIcon } from './icons.tsx';

export interface FieldProps {
  readonly label: ReactNode;
  /** Beside the label, such as that it may be left out. */
  readonly hint?: string;
  readonly description?: ReactNode;
  /** What should be thought over; it refuses nothing. */
  readonly warning?: string | null;
  /** Why it is refused. */
  readonly error?: string | null;
  readonly disabled?: boolean;
  /** Of the member of the input, for `Form`'s errors. */
  readonly name?: string;
  readonly children: ReactNode;
}

export function Field({ label, hint, description, warning, error, disabled, name, children }: FieldProps) {
  return (
    <BaseField.Root className={styles.field} invalid={error != null} disabled={disabled} name={name}>
      <BaseField.Label className={styles.label}>
        {label} {hint !== undefined && <span className={styles.required}>{hint}</span>}
      </BaseField.Label>
      {children}
      {description != null && (
        <BaseField.Description className={styles.description}>{description}</BaseField.Description>
      )}
      {warning != null && (
        <p className={styles.warning} role="status">
          <WarningIcon /> {warning}
        </p>
      )}
      <BaseField.Error className={styles.error} match={error != null}>
        {error}
      </BaseField.Error>
    </BaseField.Root>
  );
}

type Around = Omit<FieldProps, 'children'>;
interface Value {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export interface TextFieldProps extends Around, Value {
  readonly type?: 'text' | 'search' | 'number' | 'date' | 'datetime-local' | 'email';
  readonly mono?: boolean;
  /** Lines instead of one. */
  readonly long?: boolean;
  /** How many of them are seen at first. */
  readonly rows?: number;
  readonly control?: Omit<ComponentProps<'input'>, 'value' | 'onChange' | 'type' | 'className'>;
}

export function TextField({ value, onChange, type = 'text', mono, long, rows, control, ...around }: TextFieldProps) {
  return (
    <Field {...around}>
      <BaseField.Control
        {...control}
        type={type}
        value={value}
        onValueChange={onChange}
        className={classes(styles.control, mono === true && styles.mono)}
        {...(long === true ? { render: <textarea rows={rows} /> } : {})}
      />
    </Field>
  );
}

export interface SelectFieldProps extends Around, Value {
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

/** The browser's own: quick, and at home on every device. */
export function SelectField({ value, onChange, options, ...around }: SelectFieldProps) {
  return (
    <Field {...around}>
      <BaseField.Control
        className={styles.control}
        value={value}
        onValueChange={onChange}
        render={
          <select>
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
        }
      />
    </Field>
  );
}

// A group of controls with one name: what `Field` is to a single control.
import { useId, type ReactNode } from 'react';
import { classes } from '../components/classes.ts';
import fieldStyles from '../components/field.module.css';
import styles from './form.module.css';

export interface GroupProps {
  readonly label: string;
  readonly hint?: string;
  readonly description?: string | null;
  readonly error?: string | null;
  readonly disabled?: boolean;
  readonly children: ReactNode;
}

export function Group({ label, hint, description, error, disabled = false, children }: GroupProps) {
  const about = useId();
  const wrong = useId();
  return (
    <fieldset className={styles.group} disabled={disabled} aria-describedby={`${about} ${wrong}`}>
      <legend className={fieldStyles.label}>
        {label} {hint !== undefined && <span className={fieldStyles.required}>{hint}</span>}
      </legend>
      {description != null && (
        <p id={about} className={fieldStyles.description}>
          {description}
        </p>
      )}
      {children}
      <p id={wrong} className={classes(fieldStyles.error)}>
        {error}
      </p>
    </fieldset>
  );
}

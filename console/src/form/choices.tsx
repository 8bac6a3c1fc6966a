// One of a few, or some of them, each with what choosing it means.
import { useId, type ReactNode } from 'react';
import { Chip } from '../components/chips.tsx';
import styles from './form.module.css';

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly description?: string | null;
  readonly tone?: string | null;
}

export interface RadioChoicesProps {
  readonly choices: readonly Choice[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function RadioChoices({ choices, value, onChange }: RadioChoicesProps) {
  const name = useId();
  return (
    <div className={styles.choices}>
      {choices.map((choice) => (
        <Labelled key={choice.value} choice={choice}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
        </Labelled>
      ))}
    </div>
  );
}

export interface CheckChoicesProps {
  readonly choices: readonly Choice[];
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
  /** Why one is chosen without being so itself; such a one cannot be taken away. */
  readonly included?: (value: string) => string | null;
}

export function CheckChoices({ choices, value, onChange, included }: CheckChoicesProps) {
  return (
    <div className={styles.choices}>
      {choices.map((choice) => {
        const by = value.includes(choice.value) ? null : (included?.(choice.value) ?? null);
        return (
          <Labelled key={choice.value} choice={choice} note={by}>
            <input
              type="checkbox"
              checked={value.includes(choice.value) || by !== null}
              disabled={by !== null}
              onChange={({ target }) =>
                onChange(target.checked ? [...value, choice.value] : value.filter((each) => each !== choice.value))
              }
            />
          </Labelled>
        );
      })}
    </div>
  );
}

interface LabelledProps {
  readonly choice: Choice;
  readonly note?: string | null;
  readonly children: ReactNode;
}

function Labelled({ choice: { label, description, tone }, note, children }: LabelledProps) {
  return (
    <label className={styles.choice}>
      {children}
      <span className={styles.choiceText}>
        {tone == null ? <span>{label}</span> : <Chip label={label} tone={tone} />}
        {note != null && <small className={styles.note}>{note}</small>}
        {description != null && <small className={styles.note}>{description}</small>}
      </span>
    </label>
  );
}

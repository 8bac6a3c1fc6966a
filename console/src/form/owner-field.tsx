// Whom to ask about a key: whoever makes it, somebody else, or nobody where the keyspace takes that.
import { TextField } from '../components/field.tsx';
import { texts } from '../texts/texts.ts';
import { RadioChoices } from './choices.tsx';
import type { Draft, DraftChange } from './draft.ts';
import styles from './form.module.css';
import { Group } from './group.tsx';

const words = texts.form.owner;

export interface OwnerFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly description: string | null;
  readonly error: string | null;
  readonly disabled: boolean;
  readonly required: boolean;
  readonly creating: boolean;
  readonly draft: Draft;
  readonly onChange: (change: DraftChange) => void;
}

export function OwnerField({ required, creating, draft, onChange, ...around }: OwnerFieldProps) {
  const { owner } = draft;
  const set = (change: Partial<Draft['owner']>): void => onChange({ owner: { ...owner, ...change } });
  const asksMe = owner.whose === 'caller' && owner.self !== null && required;
  return (
    <Group {...around}>
      <RadioChoices
        choices={[
          ...(creating ? [{ value: 'caller', label: words.caller }] : []),
          { value: 'named', label: words.named },
          ...(required ? [] : [{ value: 'nobody', label: words.nobody }]),
        ]}
        value={owner.whose}
        onChange={(whose) => set({ whose: whose as Draft['owner']['whose'] })}
      />
      {(owner.whose === 'named' || asksMe) && (
        <div className={styles.pair}>
          {!asksMe && (
            <TextField
              label={words.id}
              description={words.idHelp}
              disabled={around.disabled}
              value={owner.id}
              onChange={(id) => set({ id })}
            />
          )}
          <TextField
            label={words.email}
            {...(asksMe ? { description: words.emailUntold } : {})}
            {...(required ? {} : { hint: texts.form.optional })}
            type="email"
            disabled={around.disabled}
            value={owner.email}
            onChange={(email) => set({ email })}
          />
        </div>
      )}
    </Group>
  );
}

// One field of a key, drawn as its kind says, with its advice and what is wrong with it.
import { Combobox, LINES } from '../components/combobox.tsx';
import { TextField } from '../components/field.tsx';
import type { KeyspaceView } from '../keys/keyspace-words.ts';
import { texts } from '../texts/texts.ts';
import { CheckChoices, RadioChoices, type Choice } from './choices.tsx';
import { METADATA, type Draft, type DraftChange, type KeyField as Field } from './draft.ts';
import { isOffered, scopesOfType } from './draft-values.ts';
import { ExpiryField } from './expiry-field.tsx';
import { Group } from './group.tsx';
import { nameAdvice } from './name-advice.ts';
import { OwnerField } from './owner-field.tsx';
import { ResourceField } from './resource-field.tsx';
import { ScopeField } from './scope-field.tsx';

const words = texts.form;

export interface KeyFieldProps {
  readonly field: Field;
  readonly view: KeyspaceView;
  readonly draft: Draft;
  readonly onChange: (change: DraftChange) => void;
  readonly error: string | null;
  /** Whether nobody is chosen by leaving the owner to the server: the one who makes the key. */
  readonly creating: boolean;
  readonly now: number;
  readonly disabled: boolean;
}

export function KeyField(props: KeyFieldProps) {
  const { field, view, draft, onChange, error, disabled } = props;
  if (!isOffered(field, draft, view)) return null;
  const around = {
    label: field.label,
    description: field.description ?? null,
    error,
    disabled,
    ...(field.required ? {} : { hint: words.optional }),
  };
  if (field.id.startsWith(METADATA)) return <MetadataEntry {...props} around={around} />;
  switch (field.kind) {
    case 'TEXT':
      return (
        <TextField
          {...around}
          description={field.description ?? exampleOf(view)}
          warning={nameAdvice(view, draft.name)}
          value={draft.name}
          onChange={(name) => onChange({ name })}
          control={{ autoComplete: 'off', required: field.required }}
        />
      );
    case 'LONG_TEXT':
      return (
        <TextField {...around} long value={draft.description} onChange={(description) => onChange({ description })} />
      );
    case 'CHOICE': {
      const member = field.id === 'type' ? 'type' : 'environment';
      return (
        <Group {...around}>
          <RadioChoices
            choices={choicesOf(field, view)}
            value={draft[member]}
            onChange={(value) => onChange({ [member]: value })}
          />
        </Group>
      );
    }
    case 'BOOLEAN':
      return (
        <Group {...around} hint="">
          <RadioChoices
            choices={choicesOf(field, view)}
            value={String(draft.unrestricted)}
            onChange={(value) => onChange({ unrestricted: value === 'true' })}
          />
        </Group>
      );
    case 'FLAGS':
      return (
        <Group {...around}>
          <CheckChoices
            choices={choicesOf(field, view)}
            value={draft.flags}
            onChange={(flags) => onChange({ flags })}
          />
        </Group>
      );
    case 'SCOPES':
      return (
        <ScopeField
          {...around}
          field={field}
          permissions={view.permissions}
          offered={scopesOfType(view, draft)}
          value={draft.scopes}
          onChange={(scopes) => onChange({ scopes })}
        />
      );
    case 'RESOURCES':
      return <ResourceField {...around} view={view} draft={draft} onChange={onChange} />;
    case 'ORIGINS':
      return (
        <Combobox
          {...around}
          options={[]}
          free
          placeholder={words.originExample}
          value={draft.origins}
          onChange={(origins) => onChange({ origins })}
        />
      );
    case 'IP_RANGES':
      return (
        <Combobox
          {...around}
          options={[]}
          free
          placeholder={words.addressExample}
          value={draft.ipRanges}
          onChange={(ipRanges) => onChange({ ipRanges })}
        />
      );
    case 'TAGS':
      return (
        <Combobox
          {...around}
          description={field.description ?? words.tags}
          options={[]}
          free
          separators={LINES}
          value={draft.tags}
          onChange={(tags) => onChange({ tags })}
        />
      );
    case 'RATE_LIMIT':
      return (
        <TextField
          {...around}
          type="number"
          value={draft.rateLimit}
          onChange={(rateLimit) => onChange({ rateLimit })}
          {...(view.rateLimit && {
            control: { min: view.rateLimit.min, max: view.rateLimit.max, step: 1 },
            description: [field.description, words.perWindow(view.rateLimit)].filter(Boolean).join(' '),
          })}
        />
      );
    case 'EXPIRY':
      return <ExpiryField {...around} view={view} draft={draft} onChange={onChange} now={props.now} />;
    case 'OWNER':
      return (
        <OwnerField {...around} required={field.required} creating={props.creating} draft={draft} onChange={onChange} />
      );
    case 'METADATA':
      return (
        <TextField
          {...around}
          long
          mono
          description={field.description ?? words.metadata}
          value={draft.metadataText}
          onChange={(metadataText) => onChange({ metadataText })}
        />
      );
  }
}

function choicesOf(field: Field, { types }: KeyspaceView): readonly Choice[] {
  return field.options.map(({ value, label, tone, description }) => ({
    value,
    label,
    tone: tone ?? null,
    description:
      description ?? (field.id === 'type' ? types.find(({ id }) => id === value)?.description : null) ?? null,
  }));
}

const exampleOf = ({ naming }: KeyspaceView): string | null =>
  naming.examples.length === 0 ? null : words.examples(naming.examples.join(', '));

interface EntryProps extends KeyFieldProps {
  readonly around: { readonly label: string; readonly hint?: string; readonly error: string | null };
}

/** An entry of the metadata that has a field of its own. */
function MetadataEntry({ field, draft, onChange, around }: EntryProps) {
  const name = field.id.slice(METADATA.length);
  const value = draft.metadata[name];
  return (
    <TextField
      {...around}
      value={typeof value === 'string' ? value : ''}
      onChange={(next) => onChange({ metadata: { ...draft.metadata, [name]: next } })}
    />
  );
}

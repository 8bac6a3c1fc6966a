// One member of a profile as a control. What is typed is sent once it is complete, what is chosen at once.
import { SelectField, TextField } from '../components/field.tsx';
import { CheckChoices } from '../form/choices.tsx';
import { Group } from '../form/group.tsx';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';
import { isSame, type ProfileMember } from './profile-draft.ts';
import type { MemberProps } from './profile-members.tsx';

const words = keyspaceTexts.form;

export interface ProfileFieldProps extends MemberProps {
  readonly label: string;
}

export function ProfileField({ edited, member, label, path, value, problems }: ProfileFieldProps) {
  const { kind, choices, description, required, minimum, maximum } = member;
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  const error =
    problems
      .map(({ path: at, message }) => {
        const [place, ...further] = at.slice(path.length);
        // An entry is known by what it says, not by its place.
        return [...(place === undefined ? [] : [textOf(entries[Number(place)] ?? place)]), ...further, message].join(
          ' ',
        );
      })
      .join('\n') || null;
  const hints = [
    required ? words.required : [],
    minimum !== null && maximum !== null ? words.range(minimum, maximum) : [],
  ];
  const hint = hints.flat().join(', ');
  const around = { label, description, error, ...(hint !== '' && { hint }) };
  const choose = (next: unknown): void => edited.change({ path, value: next });
  switch (kind) {
    case 'FLAG':
      return (
        <Group {...around} description={null}>
          <CheckChoices
            choices={[{ value: label, label: description ?? label }]}
            value={value === true ? [label] : []}
            onChange={(chosen) => choose(chosen.length > 0)}
          />
        </Group>
      );
    case 'CHOICES':
      return (
        <Group {...around}>
          <CheckChoices
            choices={choices.map((each) => ({ value: each, label: each }))}
            value={Array.isArray(value) ? value.map(String) : []}
            onChange={choose}
          />
        </Group>
      );
    case 'CHOICE': {
      const shown = textOf(value);
      const options = choices.includes(shown) ? choices : [shown, ...choices];
      return (
        <SelectField
          {...around}
          value={shown}
          onChange={choose}
          options={options.map((each) => ({ value: each, label: each }))}
        />
      );
    }
    case 'ANY':
      return (
        <p>
          {label}: {words.yamlOnly}
        </p>
      );
    case 'GROUP':
    case 'ROWS':
      return null;
    case 'TEXT':
    case 'LONG_TEXT':
    case 'NUMBER':
    case 'TEXTS':
    case 'NUMBERS': {
      const last = edited.changes.at(-1);
      const lines = kind === 'TEXTS' || kind === 'NUMBERS';
      return (
        <TextField
          {...around}
          {...(lines && { description: [description, words.lines].join(' ') })}
          value={last?.text !== undefined && isSame(last.path, path) ? last.text : textOf(value)}
          onChange={(text) => edited.change({ path, value: valueOf(text, member), text })}
          long={lines || kind === 'LONG_TEXT'}
          rows={2}
          control={{ autoComplete: 'off', onBlur: edited.commit }}
        />
      );
    }
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : value == null
      ? ''
      : Array.isArray(value)
        ? value.join('\n')
        : JSON.stringify(value);

/** What cannot be a number is sent as it is, and told to be none. */
const numberOf = (text: string): unknown => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text);

/** `undefined`: the member is removed. */
function valueOf(text: string, { kind, instead, required, fallback }: ProfileMember): unknown {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (kind === 'TEXTS' || kind === 'NUMBERS') {
    if (lines.length === 0 && fallback === null && instead === null && !required) return undefined;
    return kind === 'NUMBERS' ? lines.map(numberOf) : lines;
  }
  if (text === '') return instead === 'null' ? null : undefined;
  return kind === 'NUMBER' ? numberOf(text) : text;
}

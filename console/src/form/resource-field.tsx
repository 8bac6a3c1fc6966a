// What a key may reach: everything, or a list.
import { Combobox } from '../components/combobox.tsx';
import type { KeyspaceView } from '../keys/keyspace-words.ts';
import { texts } from '../texts/texts.ts';
import { RadioChoices } from './choices.tsx';
import type { Draft, DraftChange } from './draft.ts';
import { Group } from './group.tsx';

const words = texts.form.resources;

export interface ResourceFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly description: string | null;
  readonly error: string | null;
  readonly disabled: boolean;
  readonly view: KeyspaceView;
  readonly draft: Draft;
  readonly onChange: (change: DraftChange) => void;
}

export function ResourceField({ view, draft: { resources }, onChange, ...around }: ResourceFieldProps) {
  const noun = view.resourceNoun ?? words.noun;
  return (
    <Group {...around}>
      <RadioChoices
        choices={[
          { value: 'all', label: view.resourceAll ?? texts.keys.allResources },
          { value: 'some', label: words.some },
        ]}
        value={resources.all ? 'all' : 'some'}
        onChange={(value) => onChange({ resources: { all: value === 'all', ids: resources.ids } })}
      />
      {!resources.all && (
        <Combobox
          label={words.ids(noun)}
          description={words.idsHelp}
          warning={resources.ids.length === 0 ? words.none : null}
          disabled={around.disabled}
          options={[]}
          free
          value={resources.ids}
          onChange={(ids) => onChange({ resources: { all: false, ids } })}
        />
      )}
    </Group>
  );
}

// Checks of columns and labels: what they name must exist.
import type { Problem } from '../../problem.ts';
import type { Profile } from '../profile.ts';
import { COLUMN_FORMATS, COLUMN_IDS, FIELD_IDS, LABELLED_ACTIONS } from '../profile/presentation.ts';
import { repeated, unknown, when } from './problems.ts';

const formats: ReadonlySet<string> = new Set(COLUMN_FORMATS);
const actions: ReadonlySet<string> = new Set(LABELLED_ACTIONS);

export function presentationProblems(profile: Profile): readonly Problem[] {
  const { columns, labels, menu, metadataFields, name } = profile;
  const entries = metadataFields.map(({ id }) => `metadata.${id}`);
  const ids: ReadonlySet<string> = new Set<string>([...COLUMN_IDS, ...entries]);
  const fields: ReadonlySet<string> = new Set<string>([...FIELD_IDS, ...entries]);
  return [
    ...when(name.trim() === '', ['name'], 'must not be empty'),
    ...repeated(columns, ({ id }) => id, ['columns'], 'id'),
    ...columns.flatMap(({ id, format }, index) => [
      ...when(!ids.has(id), ['columns', index, 'id'], `must be one of ${[...ids].join(', ')}`),
      ...when(!formats.has(format), ['columns', index, 'format'], `must be one of ${COLUMN_FORMATS.join(', ')}`),
    ]),
    ...Object.keys(labels.actions).flatMap((action) =>
      when(!actions.has(action), ['labels', 'actions', action], `must be one of ${LABELLED_ACTIONS.join(', ')}`),
    ),
    ...repeated(menu ?? [], (action) => action, ['menu']),
    ...unknown(menu ?? [], actions, ['menu'], `one of ${LABELLED_ACTIONS.join(', ')}`),
    ...Object.keys(labels.fields).flatMap((field) =>
      when(!fields.has(field), ['labels', 'fields', field], `must be one of ${[...fields].join(', ')}`),
    ),
  ];
}

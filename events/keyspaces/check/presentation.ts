// Checks of columns, labels, texts and forms: what they name must exist, and no form hides what a key must be given.
import type { Problem } from '../../problem.ts';
import { nameWarnings } from '../../key/warnings.ts';
import { fieldIds, neededFields } from '../form.ts';
import type { Profile } from '../profile.ts';
import { COLUMN_FORMATS, COLUMN_IDS, FIELD_IDS, LABELLED_ACTIONS } from '../profile/names.ts';
import { problem, repeated, unknown, when } from './problems.ts';

const formats: ReadonlySet<string> = new Set(COLUMN_FORMATS);
const actions: ReadonlySet<string> = new Set(LABELLED_ACTIONS);
const oneOf = (names: Iterable<string>): string => `one of ${[...names].join(', ')}`;

export function presentationProblems(profile: Profile): readonly Problem[] {
  const { columns, labels, texts, menu, metadataFields, name, naming, removal, expiry } = profile;
  const entries = metadataFields.map(({ id }) => `metadata.${id}`);
  const ids: ReadonlySet<string> = new Set<string>([...COLUMN_IDS, ...entries]);
  const fields: ReadonlySet<string> = new Set<string>([...FIELD_IDS, ...entries]);
  return [
    ...when(name.trim() === '', ['name'], 'must not be empty'),
    ...repeated(columns, ({ id }) => id, ['columns'], 'id'),
    ...columns.flatMap(({ id, format }, index) => [
      ...when(!ids.has(id), ['columns', index, 'id'], `must be ${oneOf(ids)}`),
      ...when(!formats.has(format), ['columns', index, 'format'], `must be ${oneOf(formats)}`),
    ]),
    ...strangers(labels.actions, actions, ['labels', 'actions'], oneOf(actions)),
    ...repeated(menu ?? [], (action) => action, ['menu']),
    ...unknown(menu ?? [], actions, ['menu'], oneOf(actions)),
    ...menuProblems(profile),
    ...strangers(labels.fields, fields, ['labels', 'fields'], oneOf(fields)),
    ...strangers(texts.fields, fields, ['texts', 'fields'], oneOf(fields)),
    ...strangers(texts.reasons, new Set(removal.reasons), ['texts', 'reasons'], 'an entry of removal.reasons'),
    ...strangers(
      labels.lifetimes,
      new Set(expiry?.presetDays.map(String)),
      ['labels', 'lifetimes'],
      'an entry of expiry.presetDays',
    ),
    ...repeated(texts.guidance ?? [], ({ title }) => title, ['texts', 'guidance'], 'title'),
    ...repeated(naming.examples ?? [], (example) => example, ['naming', 'examples']),
    ...exampleProblems(profile),
    ...formProblems(profile),
  ];
}

/** No menu offers what keys of this product cannot do. */
function menuProblems({ menu, disable, rotation, removal }: Profile): readonly Problem[] {
  const off: Readonly<Record<string, boolean>> = {
    DISABLE: !disable,
    ENABLE: !disable,
    REGENERATE: !rotation.enabled,
    REVOKE: removal.mode !== 'REVOKE' && !removal.revoke,
    DELETE: removal.mode === 'REVOKE',
  };
  return (menu ?? []).flatMap((action, index) =>
    when(off[action] === true, ['menu', index], 'must not be there: the profile switches it off'),
  );
}

/** One problem for each member whose name is not known. */
function strangers(
  named: Readonly<Record<string, string>> | undefined,
  known: ReadonlySet<string>,
  path: readonly string[],
  what: string,
): readonly Problem[] {
  return Object.keys(named ?? {}).flatMap((name) => when(!known.has(name), [...path, name], `must be ${what}`));
}

/** Whoever takes an example must not be warned of it. */
function exampleProblems(profile: Profile): readonly Problem[] {
  return (profile.naming.examples ?? []).flatMap((example, index) =>
    when(
      nameWarnings(profile, example).length > 0,
      ['naming', 'examples', index],
      'must not be one of naming.discouraged',
    ),
  );
}

function formProblems(profile: Profile): readonly Problem[] {
  const { form } = profile;
  if (form === undefined) return [];
  const ids: ReadonlySet<string> = new Set(fieldIds(profile));
  const shown = new Set(form.create);
  const hidden = form.create === undefined ? [] : neededFields(profile).filter((id) => !shown.has(id));
  return [
    ...(['create', 'edit'] as const).flatMap((which) => {
      const list = form[which] ?? [];
      const path = ['form', which];
      return [...repeated(list, (id) => id, path), ...unknown(list, ids, path, oneOf(ids))];
    }),
    ...hidden.map((id) => problem(['form', 'create'], `must have ${id}: a key cannot be made without it`)),
  ];
}

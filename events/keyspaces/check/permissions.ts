// Checks of scopes, matrix, implications, presets, resources and flags.
import type { Problem } from '../../problem.ts';
import { impliedBy, scopeCatalogue } from '../permissions.ts';
import type { Profile } from '../profile.ts';
import { problem, repeated, unknown, when } from './problems.ts';

type Permissions = Profile['permissions'];

export function permissionProblems(profile: Profile): readonly Problem[] {
  const { permissions, resources, flags, managesKeys } = profile;
  const known = new Set(scopeCatalogue(permissions).scopes.map(({ id }) => id));
  const listed = (scope: string | null, path: readonly (string | number)[]): readonly Problem[] =>
    when(scope !== null && !permissions.freeForm && !known.has(scope), path, 'must be a scope of permissions');
  return [
    ...repeated(permissions.scopes, ({ id }) => id, ['permissions', 'scopes'], 'id'),
    ...matrixProblems(permissions),
    ...permissions.superScopes.flatMap((scope, index) => listed(scope, ['permissions', 'superScopes', index])),
    ...implicationProblems(permissions, known),
    ...presetProblems(permissions, known),
    ...when(
      !permissions.freeForm && permissions.minimum > known.size,
      ['permissions', 'minimum'],
      `must be at most ${known.size}: there are no more scopes`,
    ),
    ...repeated(resources?.types ?? [], ({ id }) => id, ['resources', 'types'], 'id'),
    ...(resources?.types ?? []).flatMap(({ scope }, index) => listed(scope, ['resources', 'types', index, 'scope'])),
    ...repeated(flags, ({ id }) => id, ['flags'], 'id'),
    ...(managesKeys === false
      ? []
      : [
          ...listed(managesKeys.view, ['managesKeys', 'view']),
          ...listed(managesKeys.change, ['managesKeys', 'change']),
        ]),
  ];
}

function matrixProblems(permissions: Permissions): readonly Problem[] {
  const { model, matrix, freeForm, scopes } = permissions;
  const at = ['permissions', 'matrix'];
  if (matrix === null) return when(model === 'MATRIX', at, 'must be given: the model is MATRIX');
  const made = new Set(scopeCatalogue({ ...permissions, scopes: [] }).scopes.map(({ id }) => id));
  return [
    ...when(model !== 'MATRIX', at, 'must be absent: the model is not MATRIX'),
    ...when(freeForm, ['permissions', 'freeForm'], 'must be false: the model is MATRIX'),
    ...repeated(matrix.resources, ({ id }) => id, [...at, 'resources'], 'id'),
    ...repeated(matrix.levels, ({ id }) => id, [...at, 'levels'], 'id'),
    ...scopes.flatMap(({ id }, index) =>
      when(made.has(id), ['permissions', 'scopes', index, 'id'], 'must not be one of the matrix'),
    ),
  ];
}

function implicationProblems(permissions: Permissions, known: ReadonlySet<string>): readonly Problem[] {
  const { implications, superScopes, freeForm } = permissions;
  const all = scopeCatalogue(permissions).implications;
  const at = ['permissions', 'implications'];
  const supreme = new Set(superScopes);
  return [
    ...repeated(implications, ({ scope }) => scope, at, 'scope'),
    ...implications.flatMap(({ scope, implies }, index) => {
      const further = impliedBy(implies, all);
      return [
        ...when(!freeForm && !known.has(scope), [...at, index, 'scope'], 'must be a scope of permissions'),
        ...(freeForm ? [] : unknown(implies, known, [...at, index, 'implies'], 'a scope of permissions')),
        ...when(implies.length === 0, [...at, index, 'implies'], 'must name at least one scope'),
        ...when(further.has(scope), [...at, index, 'implies'], 'must not lead back to the scope itself'),
        ...when(
          !supreme.has(scope) && [...further].some((each) => supreme.has(each)),
          [...at, index, 'implies'],
          'must not lead to a super scope',
        ),
      ];
    }),
  ];
}

function presetProblems(permissions: Permissions, known: ReadonlySet<string>): readonly Problem[] {
  const { presets, minimum, freeForm } = permissions;
  const at = ['permissions', 'presets'];
  return [
    ...repeated(presets, ({ label }) => label, at, 'label'),
    ...presets.flatMap(({ scopes }, index) => [
      ...(freeForm ? [] : unknown(scopes, known, [...at, index, 'scopes'], 'a scope of permissions')),
      ...(scopes.length < minimum
        ? [problem([...at, index, 'scopes'], `must have at least ${minimum} entries: permissions.minimum`)]
        : []),
    ]),
  ];
}

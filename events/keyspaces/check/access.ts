// Checks of roles, workspaces and the error map.
import type { Problem } from '../../problem.ts';
import type { Profile } from '../profile.ts';
import { REFUSED_OUTCOMES } from '../profile/access.ts';
import { problem, repeated, when } from './problems.ts';

const OUTCOMES: ReadonlySet<string> = new Set(REFUSED_OUTCOMES);
/** Without somebody for these nobody could ever make a key, or take one away. */
const NEEDED = ['view', 'create', 'remove'] as const;

export function accessProblems({ roles, workspaces, errors }: Profile): readonly Problem[] {
  const mayView = new Set(roles.view);
  return [
    ...NEEDED.flatMap((operation) =>
      when(roles[operation].length === 0, ['roles', operation], 'must name at least one role'),
    ),
    ...Object.entries(roles).flatMap(([operation, allowed]) => [
      ...repeated(allowed, (role) => role, ['roles', operation]),
      ...allowed.flatMap((role, index) =>
        mayView.size > 0 && !mayView.has(role)
          ? [problem(['roles', operation, index], 'must be a role of roles.view: who may not view may do nothing')]
          : [],
      ),
    ]),
    ...when(workspaces !== 'all' && workspaces.length === 0, ['workspaces'], 'must name at least one workspace'),
    ...(workspaces === 'all' ? [] : repeated(workspaces, (id) => id, ['workspaces'])),
    ...Object.keys(errors).flatMap((code) =>
      when(!OUTCOMES.has(code), ['errors', code], `must be one of ${REFUSED_OUTCOMES.join(', ')}`),
    ),
  ];
}

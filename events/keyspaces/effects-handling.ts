// What can be done with keys after a change, and by whom: roles, edits, rotation, removal, and what refused callers are
// told. Of all this only what keys that manage keys gain widens; the rest is people's.
import { canonical } from '../canonical.ts';
import { changes, gained, managersOf, named, where, type Effect, type Managers } from './effect.ts';
import { EDITABLE, editRule, ROLES, type EditableField, type Profile, type Role } from './profile.ts';

export function handlingEffects(before: Profile, after: Profile): readonly Effect[] {
  const managers = managersOf(before, after);
  return [
    ...roleEffects(before, after),
    ...editEffects(before, after, managers),
    ...where(!before.disable && after.disable, changes(['disable'], 'keys can be disabled and enabled')),
    ...rotationEffects(before, after, managers),
    ...removalEffects(before, after, managers),
    ...errorEffects(before, after),
  ];
}

const DOINGS = {
  view: 'see keys',
  create: 'make keys',
  edit: 'edit keys',
  disable: 'disable and enable keys',
  rotate: 'regenerate keys',
  remove: 'revoke and delete keys',
  seeHistory: 'see the history of keys',
  seeUsage: 'see how keys are used',
  forget: 'erase personal data of keys',
} as const satisfies Record<keyof Profile['roles'], string>;

function roleEffects({ roles: before }: Profile, { roles: after }: Profile): readonly Effect[] {
  const may = (roles: Profile['roles'], operation: keyof typeof DOINGS) =>
    ROLES.filter((role) => roles.view.includes(role) && roles[operation].includes(role));
  const people = (roles: readonly Role[]): string => `people with the role ${roles.join(' or ')}`;
  return (Object.keys(DOINGS) as (keyof typeof DOINGS)[]).flatMap((operation) => {
    const [was, is] = [may(before, operation), may(after, operation)];
    const more = is.filter((role) => !was.includes(role));
    // Whoever may not see keys any more is told of once.
    const less = was.filter((role) => !is.includes(role) && (operation === 'view' || after.view.includes(role)));
    const nothing = operation === 'view' ? ', nor do anything with them' : '';
    return [
      ...where(more.length > 0, changes(['roles', operation], `${people(more)} may ${DOINGS[operation]}`)),
      ...where(
        less.length > 0,
        changes(['roles', operation], `${people(less)} may no longer ${DOINGS[operation]}${nothing}`),
      ),
    ];
  });
}

const NAMES: Readonly<Record<EditableField, string>> = {
  name: 'names',
  description: 'descriptions',
  owner: 'owners',
  tags: 'tags',
  metadata: 'metadata',
  permissions: 'permissions',
  resources: 'resources',
  restrictions: 'restrictions',
  expiry: 'ends',
};
const EDITED = {
  IN_PLACE: 'are edited in place',
  SUCCESSOR: 'are edited by a successor, beside which the old key works until it is removed',
  FORBIDDEN: 'can no longer be edited',
} as const;
const FREEDOM = { FORBIDDEN: 0, SUCCESSOR: 1, IN_PLACE: 2 } as const;

function editEffects(before: Profile, after: Profile, managers: Managers): readonly Effect[] {
  return EDITABLE.flatMap((field) => {
    const [was, is] = [editRule(before, field).how, editRule(after, field).how];
    if (was === is) return [];
    const [path, message] = [['edit', field], `${NAMES[field]} of keys ${EDITED[is]}`];
    return [FREEDOM[is] > FREEDOM[was] ? gained(path, message, managers) : changes(path, message)];
  });
}

function rotationEffects(before: Profile, after: Profile, managers: Managers): readonly Effect[] {
  const [was, is] = [before.rotation, after.rotation];
  if (!is.enabled)
    return where(
      was.enabled,
      changes(['rotation', 'enabled'], 'keys can no longer be regenerated; an overlap that runs goes on'),
    );
  if (!was.enabled) return [changes(['rotation', 'enabled'], 'keys can be regenerated')];
  const longest = `the old secret of a key that is regenerated works at most ${is.maxOverlapSeconds} s beside the new one`;
  const usual = `the old secret of a key that is regenerated works ${is.defaultOverlapSeconds} s beside the new one, unless the caller says`;
  const at = ['rotation', 'maxOverlapSeconds'];
  return [
    ...where(is.maxOverlapSeconds > was.maxOverlapSeconds, gained(at, longest, managers)),
    ...where(is.maxOverlapSeconds < was.maxOverlapSeconds, changes(at, `${longest}; an overlap that runs goes on`)),
    ...where(
      is.defaultOverlapSeconds !== was.defaultOverlapSeconds,
      changes(['rotation', 'defaultOverlapSeconds'], usual),
    ),
  ];
}

const REMOVED = {
  DELETE: 'keys are deleted: they leave lists',
  DELETE_IS_REVOKE: 'deleting a key revokes it, and it stays in lists',
  REVOKE: 'keys are revoked, and cannot be deleted',
} as const;

function removalEffects({ removal: was }: Profile, { removal: is }: Profile, managers: Managers): readonly Effect[] {
  const revokes = ({ mode, revoke }: Profile['removal']): boolean => mode === 'REVOKE' || revoke;
  const at = (member: keyof Profile['removal']): readonly string[] => ['removal', member];
  const reasons = is.reasons.length === 0 ? 'no reason any more' : `one of ${named(is.reasons)}`;
  return [
    ...where(
      was.mode !== is.mode,
      is.mode === 'DELETE' ? gained(at('mode'), REMOVED.DELETE, managers) : changes(at('mode'), REMOVED[is.mode]),
    ),
    ...where(!revokes(was) && revokes(is), gained(at('revoke'), 'keys can be revoked', managers)),
    ...where(revokes(was) && !revokes(is), changes(at('revoke'), 'keys can no longer be revoked, only deleted')),
    ...where(
      !was.erase && is.erase,
      gained(at('erase'), 'the personal data of a key is to be erased when it is deleted', managers),
    ),
    ...where(was.erase && !is.erase, changes(at('erase'), 'the personal data of a key outlives its deletion')),
    ...where(
      canonical(was.reasons) !== canonical(is.reasons),
      changes(at('reasons'), `whoever revokes a key names ${reasons}`),
    ),
  ];
}

function errorEffects({ errors: before }: Profile, { errors: after }: Profile): readonly Effect[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((code) => {
    const [was, is] = [before[code], after[code]];
    if (canonical(was ?? null) === canonical(is ?? null)) return [];
    const how =
      is === undefined ? 'as if the profile said nothing' : was?.status === is.status ? 'in other words' : is.status;
    return [
      changes(['errors', code], `callers behind a gateway whose key is refused with ${code} are answered ${how}`),
    ];
  });
}

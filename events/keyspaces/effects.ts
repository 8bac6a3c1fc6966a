// The effects of a changed profile on keys that exist: scopes, resources, origins and headers as verifiers judge them, what
// keys may do with other keys, and limits that go with a type; what keys keep; what can be done with them, and by whom.
import { grantsOf, isGranted, scopeCatalogue } from './permissions.ts';
import { offeredActions, type KeyAction } from '../key/access.ts';
import { changes, gained, managersOf, named, narrows, where, widens, type Effect } from './effect.ts';
import { handlingEffects } from './effects-handling.ts';
import { keptEffects } from './effects-kept.ts';
import type { Profile } from './profile.ts';

export type { Effect } from './effect.ts';

/** @param held whether keys that exist may have a scope: to one that none has, nothing can happen. */
export function effectsOf(before: Profile, after: Profile, held: (scope: string) => boolean): readonly Effect[] {
  return [
    ...scopeEffects(before, after, held),
    ...resourceEffects(before, after, held),
    ...originEffects(before, after),
    ...typeEffects(before, after),
    ...credentialEffects(before, after),
    ...managementEffects(before, after),
    ...managedEffects(before, after),
    ...keptEffects(before, after),
    ...handlingEffects(before, after),
  ];
}

function scopeEffects(
  { permissions: before, managesKeys }: Profile,
  { permissions: after }: Profile,
  held: (scope: string) => boolean,
): readonly Effect[] {
  // A level and a super scope can be handed on with what they include.
  const kept = managesKeys === false ? '' : '; keys that they made keep what they were given';
  const named = new Set(
    [before, after].flatMap((permissions) => {
      const { scopes, implications } = scopeCatalogue(permissions);
      return [...scopes.map(({ id }) => id), ...implications.map(({ scope }) => scope), ...permissions.superScopes];
    }),
  );
  return [...named].filter(held).flatMap((scope) => {
    const was = grantsOf({ scopes: [scope], unrestricted: false }, before);
    const is = grantsOf({ scopes: [scope], unrestricted: false }, after);
    const supreme = ['permissions', 'superScopes', scope];
    if (was.everything && is.everything) return [];
    if (is.everything) return [widens(supreme, `keys with ${scope} may do everything`)];
    if (was.everything) return [narrows(supreme, `keys with ${scope} may no longer do everything${kept}`)];
    const implied = ['permissions', 'implications', scope];
    const more = [...is.scopes].filter((each) => !was.scopes.has(each));
    const less = [...was.scopes].filter((each) => !is.scopes.has(each));
    return [
      ...(more.length > 0 ? [widens(implied, `keys with ${scope} have ${more.join(', ')} too`)] : []),
      ...(less.length > 0 ? [narrows(implied, `keys with ${scope} no longer have ${less.join(', ')}${kept}`)] : []),
    ];
  });
}

/** `undefined`: resources of the type are out of reach; `null`: no scope is needed. */
function neededScope({ resources }: Profile, type: string): string | null | undefined {
  if (resources === null || resources.types.length === 0) return null;
  return resources.types.find(({ id }) => id === type)?.scope;
}

function resourceEffects(before: Profile, after: Profile, held: (scope: string) => boolean): readonly Effect[] {
  const listed = [before, after].flatMap(({ resources }) => (resources?.types ?? []).map(({ id }) => id));
  return [...new Set(listed), null].flatMap((type) => {
    // A name that no list can have stands for all types that neither profile names.
    const was = neededScope(before, type ?? '*');
    const is = neededScope(after, type ?? '*');
    if (was === is) return [];
    const path = ['resources', 'types', ...(type === null ? [] : [type])];
    const what = type === null ? 'resources of other types' : `resources of the type ${type}`;
    if (is === undefined) return [narrows(path, `${what} are out of reach`)];
    if (was === undefined) return [widens(path, `${what} are within reach`)];
    if (is === null) return [widens(path, `${what} need no scope`)];
    if (was === null) return [narrows(path, `${what} need ${is}`)];
    const enough = !held(is) || isGranted(grantsOf({ scopes: [is], unrestricted: false }, before.permissions), was);
    const message = `${what} need ${is}, not ${was}`;
    return enough ? [narrows(path, message)] : [widens(path, message), narrows(path, message)];
  });
}

function originEffects(before: Profile, after: Profile): readonly Effect[] {
  const needs = ({ types }: Profile, type: string) => types.find(({ id }) => id === type)?.originsRequired ?? false;
  return [...new Set([...before.types, ...after.types].map(({ id }) => id))].flatMap((type) => {
    const path = ['types', type, 'originsRequired'];
    const [was, is] = [needs(before, type), needs(after, type)];
    if (was && !is) return [widens(path, `${type} keys without origins work from everywhere`)];
    if (!was && is) return [narrows(path, `${type} keys without origins are refused`)];
    return [];
  });
}

/**
 * A limit of its type binds a key when it is edited. One that is taken off, in place or with the whole type, lets people
 * give keys more, and keys that manage keys, too.
 */
function typeEffects(before: Profile, after: Profile): readonly Effect[] {
  const managers = managersOf(before, after);
  return before.types.flatMap((was) => {
    const { id } = was;
    const is = after.types.find((type) => type.id === id);
    return where(
      isLoosened(was, is) && (is === undefined || managers !== null),
      gained(['types', id], `${id} keys can be edited beyond the limits of their type`, managers),
    );
  });
}

type Type = Profile['types'][number];

function isLoosened(was: Type, is: Type | undefined): boolean {
  const freed = was.unrestricted === 'NEVER' && is?.unrestricted !== 'NEVER';
  const left = is?.scopes ?? null;
  return freed || (was.scopes !== null && (left === null || left.some((scope) => !was.scopes?.includes(scope))));
}

function credentialEffects(before: Profile, after: Profile): readonly Effect[] {
  const taken = ({ credential }: Profile) =>
    new Map(credential.headers.map(({ name, bearer }) => [`${name.toLowerCase()} ${bearer}`, name]));
  const stays = taken(after);
  return [
    ...[...taken(before)].flatMap(([id, name]) =>
      stays.has(id)
        ? []
        : [narrows(['credential', 'headers', name], `keys are no longer taken from ${name} as before`)],
    ),
    ...[...stays].flatMap(([id, name]) =>
      taken(before).has(id)
        ? []
        : [
            changes(
              ['credential', 'headers', name],
              `keys are taken from ${name} too; with another credential, they are refused`,
            ),
          ],
    ),
    ...(before.disable && !after.disable ? [narrows(['disable'], 'keys that are disabled cannot be enabled')] : []),
  ];
}

function managementEffects({ managesKeys: before }: Profile, { managesKeys: after }: Profile): readonly Effect[] {
  return (['view', 'change'] as const).flatMap((operation) => {
    const was = before === false ? null : before[operation];
    const is = after === false ? null : after[operation];
    if (was === is) return [];
    const path = ['managesKeys', operation];
    const what = operation === 'view' ? 'look at keys' : 'make, change and remove keys';
    return [
      ...(is === null ? [] : [widens(path, `keys with ${is} may ${what}`)]),
      ...(was === null ? [] : [narrows(path, `keys with ${was} may no longer ${what}`)]),
    ];
  });
}

const DOINGS: Readonly<Record<KeyAction, string>> = {
  VIEW: 'look at keys',
  UPDATE: 'edit the details of keys',
  CHANGE_SCOPES: 'edit the permissions of keys',
  CHANGE_RESTRICTIONS: 'edit the restrictions of keys',
  CHANGE_EXPIRY: 'edit the ends of keys',
  DISABLE: 'disable keys',
  ENABLE: 'enable keys',
  REGENERATE: 'regenerate keys',
  RETIRE_PREVIOUS_SECRET: 'end the overlaps of keys',
  REVOKE: 'revoke keys',
  DELETE: 'delete keys',
  FORGET: 'erase personal data of keys',
  SEE_HISTORY: 'see the history of keys',
  SEE_USAGE: 'see how keys are used',
};

/** What keys that manage keys may do with them follows what the product can do with keys at all, and where it is. */
function managedEffects(before: Profile, after: Profile): readonly Effect[] {
  if (before.managesKeys === false || after.managesKeys === false) return [];
  const { change } = after.managesKeys;
  const was = new Set(offeredActions(before).map(({ action }) => action));
  const actions = offeredActions(after).flatMap(({ action }) => (was.has(action) ? [] : [action]));
  const places = after.workspaces === 'all' ? [] : after.workspaces;
  const known = new Set(before.workspaces === 'all' ? places : before.workspaces);
  const gained = after.workspaces === 'all' ? before.workspaces !== 'all' : places.some((id) => !known.has(id));
  return [
    ...(actions.length > 0
      ? [widens(['managesKeys'], `keys with ${change} may ${named(actions.map((action) => DOINGS[action]))}`)]
      : []),
    ...(gained ? [widens(['workspaces'], `keys with ${change} may make keys in more workspaces`)] : []),
  ];
}

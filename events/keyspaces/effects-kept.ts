// What keys keep that the changed profile gives to no new key: a change never rewrites a key.
import { canonical } from '../canonical.ts';
import { changes, gained, managersOf, named, where, type Effect } from './effect.ts';
import { remindersOf } from './form.ts';
import { scopeCatalogue } from './permissions.ts';
import type { Profile } from './profile.ts';

export function keptEffects(before: Profile, after: Profile): readonly Effect[] {
  return [
    ...workspaceEffects(before, after),
    ...formEffects(before, after),
    ...permissionEffects(before, after),
    ...restrictionEffects(before, after),
    ...expiryEffects(before, after),
    ...calendarEffects(before, after),
    ...where(
      !before.owner.required && after.owner.required,
      changes(['owner', 'required'], 'keys without an owner, or without an e-mail address of one, stay as they are'),
    ),
  ];
}

const differ = (left: unknown, right: unknown): boolean => canonical(left) !== canonical(right);
const gone = (before: readonly string[], after: readonly string[]): string[] =>
  before.filter((one) => !after.includes(one));
const idsOf = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);

/** Keys are looked for where they lie, whether their keyspace is there or not: there are only no new ones. */
function workspaceEffects({ workspaces: before }: Profile, { workspaces: after }: Profile): readonly Effect[] {
  const path = ['workspaces'];
  const goOn = 'go on and can be managed; new ones cannot be made there';
  if (after === 'all') return where(before !== 'all', changes(path, 'keys can be made in all workspaces'));
  if (before === 'all') return [changes(path, `keys in all workspaces but ${named(after)} ${goOn}`)];
  const [lost, gained] = [gone(before, after), gone(after, before)];
  return [
    ...where(lost.length > 0, changes(path, `keys in ${named(lost)} ${goOn}`)),
    ...where(gained.length > 0, changes(path, `keys can be made in ${named(gained)}`)),
  ];
}

/** What a key is, and what its secrets look like. */
function formEffects(before: Profile, after: Profile): readonly Effect[] {
  const environments = gone(idsOf(before.environments), idsOf(after.environments));
  return [
    ...before.types.flatMap((was) => {
      const is = after.types.find(({ id }) => id === was.id);
      if (is === undefined) return [changes(['types', was.id], `${was.id} keys go on, and are not regenerated`)];
      const limits = differ([was.unrestricted, was.scopes], [is.unrestricted, is.scopes]);
      return [
        ...where(
          was.prefix !== is.prefix,
          changes(['types', was.id, 'prefix'], `${was.id} keys keep their prefix, also of the next secret`),
        ),
        ...where(limits, changes(['types', was.id], `${was.id} keys keep what they may do until they are edited`)),
      ];
    }),
    ...before.environments.flatMap((was) => {
      const is = after.environments.find(({ id }) => id === was.id);
      return where(
        is !== undefined && (was.prefix ?? was.id) !== (is.prefix ?? is.id),
        changes(['environments', was.id, 'prefix'], `${was.id} keys keep their prefix, also of the next secret`),
      );
    }),
    ...where(
      environments.length > 0,
      changes(['environments'], `keys of ${named(environments)} go on; new ones cannot be made`),
    ),
    ...where(
      differ(before.credential.preview, after.credential.preview),
      changes(['credential', 'preview'], 'keys keep the preview that they have, also of the next secret'),
    ),
  ];
}

function permissionEffects(before: Profile, after: Profile): readonly Effect[] {
  const [was, is] = [before.permissions, after.permissions];
  const left = [...idsOf(scopeCatalogue(is).scopes), ...is.superScopes];
  const taken = is.freeForm ? [] : gone(idsOf(scopeCatalogue(was).scopes), left);
  const listed = new Set(idsOf(was.scopes));
  const keep = (path: readonly string[], scopes: readonly string[]) =>
    where(
      scopes.length > 0,
      changes(['permissions', ...path], `keys keep ${named(scopes)} where they have it; it cannot be given any more`),
    );
  const flags = gone(idsOf(before.flags), idsOf(after.flags));
  return [
    ...keep(
      ['scopes'],
      taken.filter((scope) => listed.has(scope)),
    ),
    ...keep(
      ['matrix'],
      taken.filter((scope) => !listed.has(scope)),
    ),
    ...where(
      was.freeForm && !is.freeForm,
      changes(['permissions', 'freeForm'], 'keys keep scopes that are not listed; these cannot be given any more'),
    ),
    ...where(
      is.minimum > was.minimum,
      changes(['permissions', 'minimum'], 'keys with fewer scopes go on until their scopes are edited'),
    ),
    ...where(
      was.unrestrictedAllowed && !is.unrestrictedAllowed,
      changes(['permissions', 'unrestrictedAllowed'], 'keys that are unrestricted stay so until that is edited'),
    ),
    ...where(
      flags.length > 0,
      changes(['flags'], `keys keep ${named(flags)} where they have it; it cannot be given any more`),
    ),
    ...where(
      before.resources !== null && after.resources === null,
      changes(['resources'], 'lists of resources that keys have stay in force, and can only be lifted'),
    ),
  ];
}

function restrictionEffects(before: Profile, after: Profile): readonly Effect[] {
  return [
    ...(['origins', 'ipRanges'] as const).flatMap((kind) =>
      where(
        before.restrictions[kind] && !after.restrictions[kind],
        changes(['restrictions', kind], 'those that keys have stay in force, and can only be lifted'),
      ),
    ),
    ...where(
      before.rateLimit !== null && differ(before.rateLimit, after.rateLimit),
      changes(['rateLimit'], 'keys keep the limits that they have until these are edited'),
    ),
  ];
}

function expiryEffects(was: Profile, is: Profile): readonly Effect[] {
  const [before, after] = [was.expiry, is.expiry];
  if (before === null) return where(after !== null, changes(['expiry'], 'keys have no end until they are given one'));
  const managers = managersOf(was, is);
  const longer = where(
    managers !== null && isLonger(before, after),
    gained(['expiry'], 'keys can be given later ends', managers),
  );
  if (after === null) return [changes(['expiry'], 'ends that keys have stay in force'), ...longer];
  const binding = ({ required, maxLifetimeDays, afterToday }: Expiry) => [required, maxLifetimeDays, afterToday];
  const kept = changes(['expiry'], 'keys keep the ends that they have until these are edited');
  const reminders = remindersOf(is);
  const spoken =
    reminders.length === 0 ? 'are not spoken of before they end' : `are spoken of ${days(reminders)} before they end`;
  return [
    ...where(differ(binding(before), binding(after)), kept),
    ...where(differ(remindersOf(was), reminders), changes(['expiry', 'reminders'], `keys ${spoken}`)),
    ...longer,
  ];
}

const days = (all: readonly number[]): string => `${named(all.map(String))} ${all.at(-1) === 1 ? 'day' : 'days'}`;

type Expiry = NonNullable<Profile['expiry']>;

/** Whether keys may live longer than before. */
function isLonger(before: Expiry, after: Expiry | null): boolean {
  const longest = (of: Expiry | null): number => of?.maxLifetimeDays ?? Infinity;
  const demanded = (of: Expiry | null): boolean => of !== null && (of.required || of.maxLifetimeDays !== null);
  return longest(after) > longest(before) || (demanded(before) && !demanded(after));
}

/** A day of another time zone begins and ends at other times. */
function calendarEffects(before: Profile, after: Profile): readonly Effect[] {
  const { timeZone, expiry } = after;
  const counts = expiry !== null && (expiry.afterToday || expiry.maxLifetimeDays !== null);
  return where(
    before.timeZone !== timeZone && counts,
    changes(['timeZone'], `keys keep the ends that they have; the next ones are judged by the days of ${timeZone}`),
  );
}

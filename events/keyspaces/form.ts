// The fields of a product's forms: which its keys have, which a form cannot do without, and which it shows. Pure.
import { scopeCatalogue } from './permissions.ts';
import type { Profile } from './profile.ts';
import type { FIELD_IDS } from './profile/names.ts';

/** Entries of metadata that the product has names for are fields by themselves. */
export type FieldId = (typeof FIELD_IDS)[number] | `metadata.${string}`;

/** The fields that keys of this product have, in the order of a form that says nothing of its own. */
export function fieldIds(profile: Profile): readonly FieldId[] {
  const { types, environments, permissions, resources, flags, restrictions, rateLimit, expiry } = profile;
  const scopes = permissions.freeForm || scopeCatalogue(permissions).scopes.length + permissions.superScopes.length > 0;
  const unrestricted = permissions.unrestrictedAllowed && types.some((type) => type.unrestricted === 'ALLOWED');
  const present: readonly (readonly [FieldId, boolean])[] = [
    ['name', true],
    ['description', true],
    ['type', types.length > 1],
    ['environment', environments.length > 0],
    ['unrestricted', unrestricted],
    ['scopes', scopes],
    ['resources', resources !== null],
    ['flags', flags.length > 0],
    ['origins', restrictions.origins],
    ['ipRanges', restrictions.ipRanges],
    ['rateLimit', rateLimit !== null],
    ['expiresAt', expiry !== null],
    ['owner', true],
    ['tags', true],
    ['metadata', true],
    ...profile.metadataFields.map(({ id }) => [`metadata.${id}`, true] as const),
  ];
  return present.flatMap(([id, has]) => (has ? [id] : []));
}

/** Whether every key of this product must end. */
export function mustEnd({ expiry }: Profile): boolean {
  return expiry !== null && (expiry.required || expiry.maxLifetimeDays !== null);
}

/** Whether whoever makes a key must say when it ends. */
export function expiryNeeded(profile: Profile): boolean {
  return mustEnd(profile) && profile.expiry?.defaultDays === null;
}

/** How many days before their expiry keys are spoken of, the most first; where the profile does not say: 30, 7 and 1. */
export function remindersOf({ expiry }: Pick<Profile, 'expiry'>): number[] {
  return expiry === null ? [] : (expiry.reminders ?? DEFAULT_REMINDERS).toSorted((a, b) => b - a);
}

const DEFAULT_REMINDERS = [30, 7, 1];

/** Whether no key of this product may be unrestricted, so that each has the scopes that a key needs. */
export function alwaysScoped({ types, permissions }: Profile): boolean {
  return types.every(
    ({ unrestricted }) => unrestricted === 'NEVER' || (unrestricted === 'ALLOWED' && !permissions.unrestrictedAllowed),
  );
}

/** The fields without which no form can make every kind of key; an owner that nobody names is whoever makes the key. */
export function neededFields(profile: Profile): readonly FieldId[] {
  const { types, environments, permissions } = profile;
  const needed: Partial<Record<FieldId, boolean>> = {
    name: true,
    type: true,
    environment: environments.length > 1,
    scopes: permissions.minimum > 0,
    origins: types.some(({ originsRequired }) => originsRequired),
    expiresAt: expiryNeeded(profile),
  };
  return fieldIds(profile).filter((id) => needed[id] === true);
}

export interface Forms {
  readonly create: readonly string[];
  readonly edit: readonly string[];
}

/** The fields that each form shows, in its order. */
export function formsOf(profile: Profile): Forms {
  const create = profile.form?.create ?? fieldIds(profile);
  return { create, edit: profile.form?.edit ?? create };
}

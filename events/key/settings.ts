// Settings: everything about a key that its keyspace has rules for, and how an input changes them.
// An omitted member is unchanged, `null` clears, a list replaces.
import type { RateLimit, Resources } from '../fields.ts';
import { typeOf, type EditableField, type Profile } from '../keyspaces/profile.ts';
import type { KeyState } from './state.ts';

/** `type` is null where the keyspace has several and none was chosen. */
export interface Settings {
  readonly type: string | null;
  readonly environment: string | null;
  readonly scopes: string[];
  readonly unrestricted: boolean;
  readonly resources: Resources;
  readonly flags: string[];
  readonly origins: string[];
  readonly ipRanges: string[];
  readonly rateLimit: RateLimit | null;
  readonly expiresAt: string | null;
}

/** The settings of a key that exists. */
export function settingsOf({
  type,
  environment,
  scopes,
  unrestricted,
  resources,
  flags,
  origins,
  ipRanges,
  rateLimit,
  expiresAt,
}: KeyState): Settings {
  const lists = { scopes: [...scopes], flags: [...flags], origins: [...origins], ipRanges: [...ipRanges] };
  return { type, environment, unrestricted, resources, rateLimit, expiresAt, ...lists };
}

/** The field of the profile's edit rules that a member belongs to. Type and environment are never edited. */
export const FIELD_OF: Readonly<Record<Exclude<keyof Settings, 'type' | 'environment'>, EditableField>> = {
  scopes: 'permissions',
  unrestricted: 'permissions',
  flags: 'permissions',
  resources: 'resources',
  origins: 'restrictions',
  ipRanges: 'restrictions',
  rateLimit: 'restrictions',
  expiresAt: 'expiry',
};

/** What a command's input asks of the settings; the names are the same. */
export interface AskedSettings {
  readonly scopes?: string[] | null | undefined;
  readonly unrestricted?: boolean | null | undefined;
  readonly resources?: Resources | null | undefined;
  readonly flags?: string[] | null | undefined;
  readonly origins?: string[] | null | undefined;
  readonly ipRanges?: string[] | null | undefined;
  readonly rateLimit?: { readonly limit: number; readonly windowSeconds?: number | undefined } | null | undefined;
  readonly expiresAt?: string | null | undefined;
}

const settle = <T>(asked: T | null | undefined, before: T, cleared: T): T =>
  asked === undefined ? before : (asked ?? cleared);

/** The settings after an edit. */
export function edited(profile: Profile, before: Settings, asked: AskedSettings): Settings {
  return {
    ...before,
    scopes: settle(asked.scopes, before.scopes, []),
    unrestricted: settle(asked.unrestricted, before.unrestricted, isAlwaysUnrestricted(profile, before.type)),
    resources: settle(asked.resources, before.resources, { all: true, ids: [] }),
    flags: settle(asked.flags, before.flags, []),
    origins: settle(asked.origins, before.origins, []),
    ipRanges: settle(asked.ipRanges, before.ipRanges, []),
    rateLimit: asked.rateLimit === undefined ? before.rateLimit : rateLimitOf(profile, asked.rateLimit),
    expiresAt: asked.expiresAt === undefined ? before.expiresAt : asked.expiresAt,
  };
}

/** Whether keys of this type may do everything without being asked. */
export function isAlwaysUnrestricted(profile: Profile, type: string | null): boolean {
  return typeOf(profile, type)?.unrestricted === 'ALWAYS';
}

/** The members that an input names. */
export function namedIn(asked: AskedSettings): (keyof AskedSettings)[] {
  const { scopes, unrestricted, resources, flags, origins, ipRanges, rateLimit, expiresAt } = asked;
  const members = { scopes, unrestricted, resources, flags, origins, ipRanges, rateLimit, expiresAt };
  return (Object.keys(members) as (keyof AskedSettings)[]).filter((member) => members[member] !== undefined);
}

/** The window is the keyspace's; a key without a limit of its own has the keyspace's default. */
export function rateLimitOf(
  { rateLimit: policy }: Profile,
  asked: NonNullable<AskedSettings['rateLimit']> | null,
): RateLimit | null {
  if (asked !== null) return { limit: asked.limit, windowSeconds: asked.windowSeconds ?? policy?.windowSeconds ?? 1 };
  return policy?.default ? { limit: policy.default, windowSeconds: policy.windowSeconds } : null;
}

// Rules: what a keyspace demands of a key's settings, member by member. One table for keys that are made and for edits.
import { invalid, type Refusal } from '../decision.ts';
import { daysBetween } from '../keyspaces/calendar.ts';
import { scopeCatalogue } from '../keyspaces/permissions.ts';
import { isRestricted, typeOf, type Profile } from '../keyspaces/profile.ts';
import type { Problem } from '../problem.ts';
import type { Settings } from './settings.ts';

export type Member = keyof Settings;

/** When a setting is judged, and since when the key lives. */
export interface Moment {
  readonly now: string;
  readonly createdAt: string;
}

type Check = (profile: Profile, settings: Settings, moment: Moment) => Refusal | null;

const oneOf = (path: string, allowed: readonly string[], given: string | null): Refusal | null => {
  if (given !== null && allowed.includes(given)) return null;
  return invalid(
    [path],
    given === null ? `must be given: one of ${allowed.join(', ')}` : `must be one of ${allowed.join(', ')}`,
  );
};

const known = (path: string, allowed: ReadonlySet<string>, given: readonly string[], what: string): Refusal | null => {
  const unknown = given.findIndex((value) => !allowed.has(value));
  return unknown === -1 ? null : invalid([path, String(unknown)], `must be ${what}`);
};

/** What stands against leaving a key to this owner: where every key has one, it has an e-mail address, too. */
export function ownerNeeded({ owner }: Profile, id: string | null, email: string | null): Refusal | null {
  if (!owner.required) return null;
  if (id === null) return invalid(['owner'], 'must be given: every key of this keyspace has one');
  return email === null
    ? invalid(['owner', 'email'], 'must be given: every key of this keyspace has an owner with an e-mail address')
    : null;
}

const enough: Check = ({ permissions: { minimum } }, { scopes, unrestricted }) =>
  unrestricted || scopes.length >= minimum ? null : invalid(['scopes'], `must have at least ${minimum} entries`);

/** A super scope makes a key unrestricted under another name. */
function supreme(profile: Profile, { type, scopes }: Settings): Refusal | null {
  const of = typeOf(profile, type);
  if (of === undefined || !isRestricted(of)) return null;
  const at = scopes.findIndex((scope) => profile.permissions.superScopes.includes(scope));
  return at === -1
    ? null
    : invalid(['scopes', String(at)], 'must not be a super scope: keys of this type are restricted');
}

const CHECKS: Readonly<Record<Member, Check>> = {
  type: ({ types }, { type }) =>
    oneOf(
      'type',
      types.map(({ id }) => id),
      type,
    ),
  environment: ({ environments }, { environment }) => {
    if (environments.length > 0)
      return oneOf(
        'environment',
        environments.map(({ id }) => id),
        environment,
      );
    return environment === null ? null : invalid(['environment'], 'must be absent: this keyspace has no environments');
  },
  scopes: (profile, settings, moment) => {
    const { scopes } = settings;
    const { freeForm, superScopes } = profile.permissions;
    const catalogue = new Set([...scopeCatalogue(profile.permissions).scopes.map(({ id }) => id), ...superScopes]);
    const ofType = typeOf(profile, settings.type)?.scopes ?? null;
    return (
      (freeForm ? null : known('scopes', catalogue, scopes, 'a scope of this keyspace')) ??
      (ofType === null ? null : known('scopes', new Set(ofType), scopes, 'a scope of this type of key')) ??
      supreme(profile, settings) ??
      enough(profile, settings, moment)
    );
  },
  unrestricted: (profile, settings, moment) => {
    const { unrestricted, type } = settings;
    const rule = typeOf(profile, type)?.unrestricted ?? 'ALLOWED';
    if (rule === 'ALWAYS') {
      return unrestricted ? null : invalid(['unrestricted'], 'must be true: keys of this type are unrestricted');
    }
    if (unrestricted && rule === 'NEVER')
      return invalid(['unrestricted'], 'must be false: keys of this type are restricted');
    return unrestricted && !profile.permissions.unrestrictedAllowed
      ? invalid(['unrestricted'], 'must be false: keys of this keyspace are restricted')
      : enough(profile, settings, moment);
  },
  resources: ({ resources }, { resources: { all } }) =>
    all || resources !== null
      ? null
      : invalid(['resources'], 'must be all: this keyspace has no resources to choose from'),
  flags: ({ flags }, settings) =>
    known('flags', new Set(flags.map(({ id }) => id)), settings.flags, 'a flag of this keyspace'),
  origins: (profile, { origins, type }) => {
    if (origins.length > 0)
      return profile.restrictions.origins
        ? null
        : invalid(['origins'], 'must be empty: keys of this keyspace have none');
    return typeOf(profile, type)?.originsRequired === true
      ? invalid(['origins'], 'must have at least one entry: keys of this type work from listed origins only')
      : null;
  },
  ipRanges: ({ restrictions }, { ipRanges }) =>
    restrictions.ipRanges || ipRanges.length === 0
      ? null
      : invalid(['ipRanges'], 'must be empty: keys of this keyspace have none'),
  rateLimit: ({ rateLimit: policy }, { rateLimit }) => {
    if (rateLimit === null) return null;
    if (policy === null) return invalid(['rateLimit'], 'must be absent: keys of this keyspace have none');
    const { min, max, windowSeconds } = policy;
    if (rateLimit.limit < min || rateLimit.limit > max)
      return invalid(['rateLimit', 'limit'], `must be ${min} to ${max}`);
    return rateLimit.windowSeconds === windowSeconds
      ? null
      : invalid(['rateLimit', 'windowSeconds'], `must be ${windowSeconds}`);
  },
  expiresAt: ({ expiry, timeZone }, { expiresAt }, { now, createdAt }) => {
    if (expiry === null)
      return expiresAt === null ? null : invalid(['expiresAt'], 'must be absent: keys of this keyspace do not expire');
    const { required, maxLifetimeDays, afterToday } = expiry;
    if (expiresAt === null) {
      return required || maxLifetimeDays !== null
        ? invalid(['expiresAt'], 'must be given: keys of this keyspace expire')
        : null;
    }
    if (expiresAt <= now) return invalid(['expiresAt'], 'must lie in the future');
    if (afterToday && daysBetween(timeZone, now, expiresAt) < 1)
      return invalid(['expiresAt'], `must lie after today (${timeZone})`);
    const tooLong = maxLifetimeDays !== null && daysBetween(timeZone, createdAt, expiresAt) > maxLifetimeDays;
    return tooLong ? invalid(['expiresAt'], `must lie at most ${maxLifetimeDays} days after the key's creation`) : null;
  },
};

export const EVERY_MEMBER = Object.keys(CHECKS) as readonly Member[];

/** What the keyspace does not take of the named members as they are: all of it, the first in front. */
export function settingsRefusal(
  profile: Profile,
  settings: Settings,
  members: readonly Member[],
  moment: Moment,
): Refusal | null {
  const refusals = members.flatMap((member) => CHECKS[member](profile, settings, moment) ?? []);
  const [first] = refusals;
  if (first?.type !== 'InvalidInput') return first ?? null;
  // Two members may want the same of a third.
  const issues = new Map(
    refusals.flatMap((each) => (each.type === 'InvalidInput' ? [[each.message, issueOf(each)]] : [])),
  );
  return issues.size > 1 ? { ...first, issues: [...issues.values()] } : first;
}

/** As it stands in a list: its path in front of it says where. */
const issueOf = ({ path, message }: Extract<Refusal, { type: 'InvalidInput' }>): Problem => ({
  path,
  message: message.slice(path.join('.').length + 1),
});

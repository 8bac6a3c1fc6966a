// Limits: a key that manages keys never goes beyond itself. What it makes, changes or lets in again has at most what it
// has itself, member by member, judged by the keyspace's current profile, and it holds secrets of no other owner's keys.
// Removing takes no such measure.
import { isWithin, parseNetwork } from '../addresses.ts';
import type { Refusal } from '../decision.ts';
import { impliedBy, scopeCatalogue } from '../keyspaces/permissions.ts';
import type { Profile } from '../keyspaces/profile.ts';
import { EVERY_MEMBER, type Member } from './rules.ts';
import { isAlwaysUnrestricted, type Settings } from './settings.ts';
import type { Standing } from './standing.ts';

/** Whether a member of `given` lets a key do no more than that of `own`. */
type Within = (profile: Profile, given: Settings, own: Settings) => boolean;

/** A list that restricts: an empty one restricts nothing, so it lies within an empty one only. */
const narrower = (given: readonly string[], own: readonly string[], covers: (own: string, given: string) => boolean) =>
  own.length === 0 || (given.length > 0 && given.every((entry) => own.some((mine) => covers(mine, entry))));

const isSame = (own: string, given: string): boolean => own === given;

function containsRange(own: string, given: string): boolean {
  const [outer, inner] = [parseNetwork(own), parseNetwork(given)];
  return outer !== null && inner !== null && isWithin(inner, outer);
}

const WITHIN: Readonly<Record<Member, Within>> = {
  type: (profile, { type }, own) => own.unrestricted || !isAlwaysUnrestricted(profile, type),
  environment: (_, { environment }, own) => environment === own.environment,
  // What an implication lends a key, a later profile may take back, and whoever was given it would keep it: a key hands on
  // what it was given. A super scope was given with all others, but no super scope with another.
  scopes: ({ permissions }, { scopes }, own) => {
    const mine = impliedBy(own.scopes, scopeCatalogue(permissions).levels);
    const supreme = new Set(permissions.superScopes);
    const hasAll = own.scopes.some((scope) => supreme.has(scope));
    return own.unrestricted || scopes.every((scope) => mine.has(scope) || (hasAll && !supreme.has(scope)));
  },
  // A super scope covers as much today, but a later profile may take it away again.
  unrestricted: (_, { unrestricted }, own) => own.unrestricted || !unrestricted,
  resources: (_, { resources: { all, ids } }, own) =>
    own.resources.all || (!all && ids.every((id) => own.resources.ids.includes(id))),
  flags: (_, { flags }, own) => flags.every((flag) => own.flags.includes(flag)),
  origins: (_, { origins }, own) => narrower(origins, own.origins, isSame),
  ipRanges: (_, { ipRanges }, own) => narrower(ipRanges, own.ipRanges, containsRange),
  rateLimit: (_, { rateLimit }, { rateLimit: own }) =>
    own === null ||
    (rateLimit !== null && rateLimit.limit <= own.limit && rateLimit.windowSeconds >= own.windowSeconds),
  expiresAt: (_, { expiresAt }, own) => own.expiresAt === null || (expiresAt !== null && expiresAt <= own.expiresAt),
};

const notAllowed = (message: string): Refusal => ({ type: 'NotAllowed', message });

/**
 * What stands against leaving a key with these settings: where the caller is a key, the first of the members by which
 * that key would go beyond it. The refusal names the member and no value. People have no limits here.
 */
export function limitRefusal(
  profile: Profile,
  standing: Standing | null,
  settings: Settings,
  members: readonly Member[] = EVERY_MEMBER,
): Refusal | null {
  if (standing === null || typeof standing === 'string') return null;
  const beyond = members.find((member) => !WITHIN[member](profile, settings, standing.settings));
  if (beyond === undefined) return null;
  return notAllowed(`a key may not let another, or itself, go beyond itself: ${beyond}`);
}

/** Whether a key of this owner may speak with a calling key's secret: nobody's may, and its own owner's. */
function isOwnOrNobodys(standing: Standing | null, ownerId: string | null): boolean {
  return standing === null || typeof standing === 'string' || ownerId === null || ownerId === standing.ownerId;
}

/**
 * What stands against naming this owner: a key that speaks for one person does not make keys speak for another.
 *
 * @param ownEmail the e-mail address of the caller's own owner, the only one that a calling key may name.
 */
export function ownerRefusal(
  standing: Standing | null,
  { id, email }: { readonly id: string | null; readonly email: string | null },
  ownEmail: string | null,
): Refusal | null {
  if (standing === null || typeof standing === 'string') return null;
  if (!isOwnOrNobodys(standing, id)) return notAllowed('a key may name no other owner than its own');
  return email === null || email === ownEmail
    ? null
    : notAllowed("a key may name no other e-mail address than its own owner's");
}

/** The e-mail address of an owner, where it is a calling key's own owner. */
export function ownEmail(standing: Standing | null, email: string | null, ownerId: string | null): string | null {
  if (standing === null || typeof standing === 'string') return null;
  return ownerId !== null && ownerId === standing.ownerId ? email : null;
}

/** What stands against a secret of a key that has this owner, and against changing whom it speaks for and how. */
export function speakingRefusal(standing: Standing | null, ownerId: string | null): Refusal | null {
  return isOwnOrNobodys(standing, ownerId) ? null : notAllowed('a key may not speak for another owner than its own');
}

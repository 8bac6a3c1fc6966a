// createKey: what the caller left open is filled in from the keyspace and from the caller.
import { invalid, refused, versionConflict, type Decision, type Refusal } from '../../decision.ts';
import { ownerId as ownerIdField } from '../../fields.ts';
import { daysAfter } from '../../keyspaces/calendar.ts';
import type { Profile } from '../../keyspaces/profile.ts';
import { entryOf } from '../../keyspaces/state.ts';
import { ownEmail, ownerRefusal } from '../limits.ts';
import { ownerNeeded } from '../rules.ts';
import { isOffered, mayDo, notAllowed } from '../subject.ts';
import type { KeyCommandInput } from '../commands.ts';
import type { DecideContext, KeyFacts } from '../decide.ts';
import type { Standing } from '../standing.ts';
import { edited, isAlwaysUnrestricted, rateLimitOf, type Settings } from '../settings.ts';
import { mint } from './mint.ts';

type Input = KeyCommandInput<'createKey'>;

/** A foreign workspace, an unknown one, an unknown keyspace, and one that is not there for the caller: the same answer. */
const NO_SUCH_PLACE: Refusal = { type: 'NotFound', message: 'there is no such workspace or keyspace' };

export function create(input: Input, { state, keyspaces }: KeyFacts, context: DecideContext): Decision {
  const { caller } = context;
  const standing = caller.workspaces.get(input.workspaceId) ?? null;
  const profile = entryOf(keyspaces, input.keyspace)?.profile;
  if (!profile || !isOffered(profile, input.workspaceId) || !mayDo(profile, standing, 'view'))
    return refused(NO_SUCH_PLACE);
  if (!mayDo(profile, standing, 'create')) return refused(notAllowed(standing));
  // E3: the key of this command is there already; an earlier attempt's outcome is the answer, not a second event.
  if (state) return refused(versionConflict(0, state.version));

  const owner = ownerOf(input, caller, standing);
  if (!owner) return refused(invalid(['owner'], 'must be given: your own id is no opaque id'));
  const wrong = ownerNeeded(profile, owner.id, owner.email) ?? ownerRefusal(standing, owner, caller.email);
  if (wrong) return refused(wrong);
  const { description = null, tags, metadata = null } = input;
  const minted = mint(
    { profile, standing },
    {
      settings: settingsOfNew(profile, input, context.now),
      details: { name: input.name, description, email: owner.email, tags: tags ?? [], metadata },
      ownerId: owner.id,
      predecessor: null,
    },
    context,
  );
  if (!minted.ok) return refused(minted.refusal);
  const { event, secret, warnings } = minted;
  return { kind: 'event', event, secret, warnings };
}

const only = (choices: readonly string[]): string | null => (choices.length === 1 ? (choices[0] ?? null) : null);

function settingsOfNew(profile: Profile, input: Input, now: string): Settings {
  const { expiry } = profile;
  const defaultDays = expiry?.defaultDays ?? null;
  const type = input.type ?? only(profile.types.map(({ id }) => id));
  const blank: Settings = {
    type,
    environment: input.environment ?? only(profile.environments.map(({ id }) => id)),
    scopes: [],
    unrestricted: isAlwaysUnrestricted(profile, type),
    resources: { all: true, ids: [] },
    flags: [],
    origins: [],
    ipRanges: [],
    rateLimit: rateLimitOf(profile, null),
    expiresAt: defaultDays === null ? null : daysAfter(profile.timeZone, now, defaultDays),
  };
  return edited(profile, blank, input);
}

/** The owner that was named; a person who names none owns the key. `null`: their id may not stand in public data (E2). */
function ownerOf(
  { owner }: Input,
  { actor, email }: DecideContext['caller'],
  standing: Standing | null,
): { id: string | null; email: string | null } | null {
  if (owner === null) return { id: null, email: null };
  const self = actor.kind === 'user' ? actor.id : null;
  const id = owner === undefined ? self : owner.id;
  if (id !== null && !ownerIdField.safeParse(id).success) return null;
  const own = id !== null && id === self ? email : ownEmail(standing, email, id);
  return { id, email: owner?.email === undefined ? own : owner.email };
}

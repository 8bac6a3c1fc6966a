// Whatever API keys that manage keys do, nothing goes beyond them, and what is offered is what is decided. The verifier's
// policies, which know nothing of limits, are asked who may do more.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { actionsFor, type KeyAction } from '../../events/key/access.ts';
import type { KeyCommandName } from '../../events/key/commands.ts';
import { standingOfKey } from '../../events/key/standing.ts';
import type { KeyState } from '../../events/key/state.ts';
import type { Profile } from '../../events/keyspaces/profile.ts';
import { entryOf } from '../../events/keyspaces/state.ts';
import { compilePolicy, type Policy } from '../../services/verifier/policy.ts';
import { decideOn } from './given.ts';
import { calling, CREATE, keyOf, MANAGED, SCOPES } from './managing.ts';
import { at, disabled, foldOne, keyspacesWith, NOTHING, NOW, profileOf, recordOn } from './world.ts';

/** What a property's keys are made of; small, so that one is often within the other. */
const UNIVERSE = {
  resources: ['r1', 'r2'],
  flags: ['fast', 'loud'],
  origins: ['https://a.example', 'https://b.example'],
  ipRanges: ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '2001:db8::/32', '::ffff:10.1.0.0/112'],
  addresses: ['10.0.0.1', '10.1.0.1', '10.1.2.3', '2001:db8::1', '192.0.2.1'],
};
const limit = fc.option(fc.constantFrom(10, 20), { nil: null });
const settings = fc.record({
  scopes: fc.subarray(SCOPES),
  unrestricted: fc.boolean(),
  resources: fc.oneof(
    fc.constant({ all: true, ids: [] as string[] }),
    fc.subarray(UNIVERSE.resources).map((ids) => ({ all: false, ids })),
  ),
  flags: fc.subarray(UNIVERSE.flags),
  origins: fc.subarray(UNIVERSE.origins),
  ipRanges: fc.subarray(UNIVERSE.ipRanges, { maxLength: 2 }),
  expiresAt: fc.option(fc.constantFrom(at(1000), at(2000)), { nil: null }),
});
const anyKey = fc
  .record({
    of: settings,
    limit,
    environment: fc.constantFrom('live', 'test'),
    type: fc.constantFrom('secret', 'root'),
    ownerId: fc.constantFrom('u-anna', 'u-bob', null),
  })
  .map(({ of, limit, environment, type, ownerId }) => ({
    ...of,
    ...(type === 'root' ? { unrestricted: true } : {}),
    rateLimit: limit === null ? null : { limit, windowSeconds: 60 },
    environment,
    type,
    ownerId,
  }));

/** A key that may change others, so that something is decided. */
const manager = anyKey.map((key) => ({ ...key, scopes: [...new Set([...key.scopes, 'keys:write'])] }));
type Settings = typeof anyKey extends fc.Arbitrary<infer T> ? T : never;
/** How keys and wishes differ from the key that asks: in a few members, so that they are often within it. */
const differing = fc.record({
  by: anyKey,
  in: fc.subarray(
    [
      'scopes',
      'unrestricted',
      'resources',
      'flags',
      'origins',
      'ipRanges',
      'expiresAt',
      'rateLimit',
      'environment',
      'ownerId',
    ] as const,
    {
      maxLength: 2,
    },
  ),
});
const near = (self: Settings, { by, in: members }: { by: Settings; in: readonly (keyof Settings)[] }): Settings => ({
  ...self,
  ...Object.fromEntries(members.map((member) => [member, by[member]])),
});

const COMMANDS = {
  createKey: ({ ownerId, ...wanted }) => ({ ...CREATE, ...wanted, owner: ownerId === null ? null : { id: ownerId } }),
  changeScopes: ({ scopes, unrestricted, resources, flags }) => ({ scopes, unrestricted, resources, flags }),
  changeRestrictions: ({ origins, ipRanges, rateLimit }) => ({ origins, ipRanges, rateLimit }),
  changeExpiry: ({ expiresAt }) => ({ expiresAt }),
  enableKey: () => ({}),
  regenerateKey: () => ({}),
  updateKey: () => ({ name: 'Renamed' }),
} satisfies Partial<Record<KeyCommandName, (wanted: Settings) => object>>;
const anyCommand = fc.constantFrom(...(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]));

const DETAILS = ['name', 'description', 'owner', 'tags', 'metadata'] as const;
const how = fc.constantFrom('IN_PLACE' as const, 'SUCCESSOR' as const);
const anyManaged: fc.Arbitrary<Profile> = fc
  .record({ name: how, permissions: how, resources: how, restrictions: how, expiry: how })
  .map(({ name, permissions, resources, restrictions, expiry }) =>
    profileOf({
      ...MANAGED,
      edit: {
        ...Object.fromEntries(DETAILS.map((field) => [field, { how: name }])),
        permissions: { how: permissions },
        resources: { how: resources },
        restrictions: { how: restrictions },
        expiry: { how: expiry },
      },
    }),
  );

/** What a key may do that the other may not. */
function excess(of: KeyState, over: KeyState, profile: Profile): string[] {
  const entry = entryOf(keyspacesWith(profile), profile.slug);
  const [mine, theirs] = [compilePolicy(over, entry), compilePolicy(of, entry)];
  const may = {
    scope: (policy: Policy) => [...SCOPES, 'of:the:future'].filter((scope) => policy.grants(scope)),
    resource: (policy: Policy) => [...UNIVERSE.resources, 'r9'].filter((id) => policy.reaches(id)),
    flag: (policy: Policy) => UNIVERSE.flags.filter((flag) => policy.hasFlag(flag)),
    origin: (policy: Policy) =>
      [...UNIVERSE.origins, 'https://c.example'].filter((origin) => policy.fromOrigin?.(origin) ?? true),
    address: (policy: Policy) => UNIVERSE.addresses.filter((address) => policy.fromAddress?.(address) ?? true),
  };
  return [
    ...Object.entries(may).flatMap(([what, list]) => {
      const own = list(mine);
      return list(theirs).flatMap((one) => (own.includes(one) ? [] : [`${what} ${one}`]));
    }),
    ...(of.unrestricted && !over.unrestricted ? ['unrestricted'] : []),
    ...((of.expiresAt ?? '9') > (over.expiresAt ?? '9') ? ['expiry'] : []),
    ...((of.rateLimit?.limit ?? Infinity) > (over.rateLimit?.limit ?? Infinity) ? ['rate limit'] : []),
    ...(of.environment === over.environment ? [] : ['environment']),
  ];
}

test('whatever a managing key does, no key is left with more than it has itself', () => {
  const decided = new Map<string, number>();
  fc.assert(
    fc.property(
      ...([anyManaged, manager, differing, differing, fc.boolean(), anyCommand] as const),
      (profile, self, target, wish, off, name) => {
        const acting = keyOf(self).state;
        const as = standingOfKey(acting, keyspacesWith(profile), NOW);
        if (!as) throw new Error('this key manages no keys');
        const before = name === 'createKey' ? NOTHING : keyOf(near(self, target), ...(off ? [disabled] : []));
        const input = COMMANDS[name](near(self, wish));
        const decision = decideOn(before, { name, input } as never, { profile, caller: calling(as) });
        // A name that is changed in place leaves all else as it was.
        if (decision.kind === 'refused' || decision.kind === 'unchanged') return;
        if (decision.event.type === 'KeyDetailsChanged') return;
        const on = decision.kind === 'successor' ? NOTHING : before;
        const { state } = foldOne(on, recordOn(on, decision.event));
        // Nor does it hold a secret that speaks for another.
        if (decision.secret) expect([acting.ownerId, null]).toContain(state.ownerId);
        expect(excess(state, acting, profile)).toEqual([]);
        // Nor is it left wider by a later profile that takes back what it lent.
        const later = profileOf({ ...MANAGED, permissions: { ...MANAGED.permissions, implications: [] } });
        expect(excess(state, acting, later)).toEqual([]);
        decided.set(name, (decided.get(name) ?? 0) + 1);
      },
    ),
    { numRuns: 800 },
  );
  // It is not for want of decisions.
  for (const name of Object.keys(COMMANDS)) expect(decided.get(name), name).toBeGreaterThan(5);
});

test('a managing key is offered an action if and only if decide carries it out with some input', () => {
  const commands: Partial<Record<KeyAction, KeyCommandName>> = {
    UPDATE: 'updateKey',
    CHANGE_SCOPES: 'changeScopes',
    CHANGE_RESTRICTIONS: 'changeRestrictions',
    CHANGE_EXPIRY: 'changeExpiry',
    ENABLE: 'enableKey',
    REGENERATE: 'regenerateKey',
    DELETE: 'deleteKey',
  };
  fc.assert(
    fc.property(anyManaged, anyKey, differing, fc.boolean(), (profile, self, target, off) => {
      const as = standingOfKey(keyOf(self).state, keyspacesWith(profile), NOW);
      if (!as) return;
      const key = keyOf(near(self, target), ...(off ? [disabled] : []));
      const offered = actionsFor({ state: key.state, profile, standing: as, now: NOW });
      const { scopes, unrestricted, resources, flags, origins, ipRanges, rateLimit, expiresAt } = as.settings;
      const { type } = key.state;
      // The most that it may give, which is taken wherever anything is; in parts, since one of them may make a successor.
      const permissions = { scopes, unrestricted: unrestricted || type === 'root', flags };
      const most: Partial<Record<KeyCommandName, object[]>> = {
        updateKey: [{ name: 'Renamed' }],
        changeScopes: [{ ...permissions, resources }, permissions, { resources }],
        changeRestrictions: [{ origins, ipRanges, rateLimit }],
        changeExpiry: [{ expiresAt }],
      };
      for (const [action, name] of Object.entries(commands) as [KeyAction, KeyCommandName][]) {
        const carriedOut = (most[name] ?? [{}]).some((input) => {
          const { kind } = decideOn(key, { name, input } as never, { profile, caller: calling(as) });
          return kind === 'event' || kind === 'successor';
        });
        expect(carriedOut, `${action} by ${as.may}`).toBe(offered.includes(action));
      }
    }),
    { numRuns: 500 },
  );
});

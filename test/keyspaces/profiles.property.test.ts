// For random profiles and random commands: no key is ever wider than what was asked and allowed, whatever the profile.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyCommand } from '../../events/key/commands.ts';
import { problemsOfProfile } from '../../events/keyspaces/check.ts';
import { grantsOf, scopeCatalogue } from '../../events/keyspaces/permissions.ts';
import { typeOf, type Profile } from '../../events/keyspaces/profile.ts';
import { compilePolicy } from '../../services/verifier/policy.ts';
import { seededBytes } from '../events/seeded.ts';
import { decideOn, NEW_KEY_ID } from '../events/given.ts';
import { at, foldOne, NOTHING, NOW, profileOf, recordOn, WORKSPACE, type Folded } from '../events/world.ts';

const SCOPES = ['a:read', 'a:write', 'b:read', 'b:write', 'c', 'root'] as const;
const scopes = fc.subarray([...SCOPES]);
const foreign = fc.subarray([...SCOPES, 'elsewhere']);
const mask = fc.constantFrom('', '…', '...', '••••••••');

/** Implications that lead from later scopes to earlier ones, so that there is no cycle; `root` is the last. */
function downwards(pairs: readonly { readonly from: number; readonly to: number }[]) {
  const implied = new Map<string, Set<string>>();
  for (const { from, to } of pairs) {
    const [lower = '', upper = ''] = [SCOPES[Math.min(from, to)], SCOPES[Math.max(from, to)]];
    if (lower !== upper) implied.set(upper, (implied.get(upper) ?? new Set()).add(lower));
  }
  return [...implied].map(([scope, implies]) => ({ scope, implies: [...implies] }));
}

/** Sound profiles only: what `problemsOfProfile` refuses can never be a keyspace. */
const soundProfile: fc.Arbitrary<Profile> = fc
  .record({
    types: fc
      .array(
        fc.record({
          unrestricted: fc.constantFrom('ALLOWED' as const, 'ALWAYS' as const, 'NEVER' as const),
          scopes: fc.option(scopes, { nil: null }),
          originsRequired: fc.boolean(),
        }),
        { minLength: 1, maxLength: 3 },
      )
      .map((types) => types.map((type, index) => ({ id: `t${index}`, label: 'T', prefix: `kf${index}`, ...type }))),
    environments: fc.subarray(['live', 'test']).map((ids) => ids.map((id) => ({ id, label: id }))),
    credential: fc.record({
      preview: fc.record({ prefix: fc.boolean(), first: fc.nat(6), last: fc.nat(6), mask, keyId: fc.boolean() }),
    }),
    permissions: fc.record({
      scopes: fc.constant(SCOPES.map((id) => ({ id, label: id }))),
      implications: fc.array(fc.record({ from: fc.nat(5), to: fc.nat(5) }), { maxLength: 4 }).map(downwards),
      superScopes: fc.subarray(['root']),
      minimum: fc.nat(2),
      unrestrictedAllowed: fc.boolean(),
    }),
    flags: fc.subarray(['f', 'g']).map((ids) => ids.map((id) => ({ id, label: id }))),
    resources: fc.constantFrom(null, { noun: 'R' }),
    rateLimit: fc.constantFrom(null, { min: 5, max: 50, default: 10 }),
    expiry: fc.constantFrom(null, {}, { maxLifetimeDays: 10 }, { maxLifetimeDays: 10, defaultDays: 5 }),
    edit: fc.constantFrom(
      {},
      { permissions: { how: 'SUCCESSOR' as const } },
      { permissions: { how: 'FORBIDDEN' as const } },
    ),
  })
  .map(profileOf)
  .filter((profile) => problemsOfProfile(profile).length === 0);

/** Mostly nothing that a keyspace could mind. */
const mostly = <T>(fine: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fine, weight: 6 }, { arbitrary: odd, weight: 1 });
const none = fc.constant(undefined);
const asked = {
  scopes: mostly<string[] | undefined>(scopes, foreign),
  unrestricted: mostly<boolean | undefined>(none, fc.boolean()),
  flags: mostly<string[] | undefined>(none, fc.subarray(['f', 'g', 'h'])),
  resources: mostly<{ all: boolean; ids: string[] } | undefined>(none, fc.constant({ all: false, ids: ['r1'] })),
};
const days = fc.option(
  fc.integer({ min: 1, max: 20 }).map((count) => at(count * 86_400)),
  { nil: undefined },
);
/** Mostly of a type and environment that there is, and now and then not. */
const createIn = ({ types, environments }: Profile): fc.Arbitrary<KeyCommand> =>
  fc
    .record({
      ...asked,
      type: mostly(fc.constantFrom(...types.map(({ id }) => id)), fc.constant('t2')),
      environment: fc.constantFrom(environments[0]?.id, environments.at(-1)?.id),
      origins: mostly<string[] | undefined>(fc.constant(['https://a.example']), none),
      rateLimit: mostly<{ limit: number } | undefined>(none, fc.constantFrom({ limit: 20 }, { limit: 500 })),
      expiresAt: days,
    })
    .map((input) => ({
      name: 'createKey',
      input: { workspaceId: WORKSPACE, keyspace: 'default', name: 'n', ...input },
    }));
const anyEdit: fc.Arbitrary<KeyCommand> = fc.oneof(
  fc.record(asked).map((input): KeyCommand => ({ name: 'changeScopes', input })),
  days.map((expiresAt): KeyCommand => ({ name: 'changeExpiry', input: { expiresAt: expiresAt ?? null } })),
  fc.constant<KeyCommand>({ name: 'regenerateKey', input: {} }),
);

const inSomeProfile = soundProfile.chain((profile) => fc.tuple(fc.constant(profile), createIn(profile)));

/** The key that a command makes or leaves; `null`: none. */
function outcome(before: Folded, command: KeyCommand, profile: Profile): Folded | null {
  const decision = decideOn(before, command, { profile }, seededBytes(JSON.stringify(command)));
  if (decision.kind !== 'event' && decision.kind !== 'successor') return null;
  const on = decision.kind === 'successor' ? NOTHING : before;
  const key = foldOne(on, recordOn(on, decision.event));
  const text = decision.secret?.reveal();
  const id = command.name === 'createKey' || decision.kind === 'successor' ? NEW_KEY_ID : key.state.keyId;
  if (text !== undefined) expectShown(key.state.preview, text, id, profile);
  return key;
}

function expectShown(preview: string, text: string, keyId: string, profile: Profile): void {
  const { prefix, first, last, mask: hidden, keyId: withId } = profile.credential.preview;
  const randomAt = text.lastIndexOf('_') + 1;
  const head = prefix ? text.slice(0, randomAt + first) : text.slice(randomAt, randomAt + first);
  const whole = `${head}${hidden}${last === 0 ? '' : text.slice(-last)}`;
  expect(preview).toBe(withId ? `${whole} ${keyId}`.trim() : whole);
}

/** What the keyspace allows at most, and what the whole of the inputs asked for. */
function expectAllowed({ state }: Folded, profile: Profile, commands: readonly KeyCommand[]): void {
  if (state === null) throw new Error('no key');
  const { permissions } = profile;
  const type = typeOf(profile, state.type);
  const inputs = commands.map(({ input }) => input as { scopes?: string[]; unrestricted?: boolean; flags?: string[] });
  const wanted = new Set(inputs.flatMap((input) => input.scopes ?? []));
  const catalogue = new Set(scopeCatalogue(permissions).scopes.map(({ id }) => id));
  for (const each of state.scopes) {
    expect(wanted.has(each) && (catalogue.has(each) || permissions.superScopes.includes(each))).toBe(true);
    if (type?.scopes) expect(type.scopes).toContain(each);
  }
  if (state.unrestricted) {
    expect(type?.unrestricted).not.toBe('NEVER');
    if (type?.unrestricted !== 'ALWAYS') {
      expect(permissions.unrestrictedAllowed).toBe(true);
      expect(inputs.some(({ unrestricted }) => unrestricted === true)).toBe(true);
    }
  } else expect(state.scopes.length).toBeGreaterThanOrEqual(permissions.minimum);
  for (const flag of state.flags) expect(inputs.some(({ flags }) => flags?.includes(flag))).toBe(true);
  if (type?.originsRequired) expect(state.origins.length).toBeGreaterThan(0);
  if (profile.expiry === null) expect(state.expiresAt).toBeNull();
  if (profile.expiry?.maxLifetimeDays)
    expect(state.expiresAt !== null && state.expiresAt <= at(11 * 86_400)).toBe(true);
  if (state.rateLimit) expect(state.rateLimit.limit).toBeLessThanOrEqual(profile.rateLimit?.max ?? 0);

  const entry = { version: 1, profile, changedAt: NOW, formats: [] };
  const policy = compilePolicy(state, entry);
  const granted = grantsOf({ scopes: state.scopes, unrestricted: state.unrestricted }, permissions);
  for (const each of [...SCOPES, 'elsewhere'])
    expect(policy.grants(each)).toBe(granted.everything || granted.scopes.has(each));
}

test('a key is never wider than what was asked for and what its keyspace allows, made or edited', () => {
  let made = 0;
  fc.assert(
    fc.property(inSomeProfile, fc.array(anyEdit, { maxLength: 4 }), ([profile, create], edits) => {
      let key = outcome(NOTHING, create, profile);
      if (key === null) return;
      made += 1;
      const commands = [create];
      expectAllowed(key, profile, commands);
      for (const command of edits) {
        commands.push(command);
        key = outcome(key, command, profile) ?? key;
        expectAllowed(key, profile, commands);
      }
    }),
    { numRuns: 1000 },
  );
  expect(made).toBeGreaterThan(100);
});

test('no scope leads to a super scope by implication, whatever a sound profile declares', () => {
  fc.assert(
    fc.property(soundProfile, scopes, ({ permissions }, some) => {
      const lesser = some.filter((each) => !permissions.superScopes.includes(each));
      expect(grantsOf({ scopes: lesser, unrestricted: false }, permissions).everything).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

const removal: fc.Arbitrary<Profile['removal']> = fc.record({
  mode: fc.constantFrom('DELETE' as const, 'DELETE_IS_REVOKE' as const, 'REVOKE' as const),
  revoke: fc.boolean(),
  erase: fc.constant(false),
  reasons: fc.constantFrom([], ['Lost']),
});
const lifecycle: readonly KeyCommand[] = [
  { name: 'updateKey', input: { name: 'Renamed' } },
  { name: 'changeRestrictions', input: { ipRanges: [] } },
  { name: 'disableKey', input: {} },
  { name: 'enableKey', input: {} },
  { name: 'retirePreviousSecret', input: {} },
  { name: 'revokeKey', input: {} },
  { name: 'revokeKey', input: { reason: 'Lost' } },
  { name: 'deleteKey', input: {} },
];

test('what has ended stays so, whatever is asked for, and whatever the profile becomes', { timeout: 240_000 }, () => {
  const ended = new Map<string, number>();
  const changing = fc.record({ of: soundProfile, removal }).map(({ of, removal }): Profile => ({ ...of, removal }));
  const anything = fc.oneof({ weight: 1, arbitrary: anyEdit }, { weight: 4, arbitrary: fc.constantFrom(...lifecycle) });
  const changes = fc.array(fc.tuple(changing, anything), { minLength: 8, maxLength: 16 });
  fc.assert(
    fc.property(inSomeProfile, changes, ([first, create], steps) => {
      let key = outcome(NOTHING, create, first);
      if (key === null) return;
      for (const [profile, command] of steps) {
        const before = key.state?.status ?? '';
        const decision = decideOn(key, command, { profile }, seededBytes('s'));
        if (before === 'REVOKED' || before === 'DELETED') {
          expect(decision.kind).toBe('refused');
          ended.set(before, (ended.get(before) ?? 0) + 1);
        }
        // A successor is a key of its own: the old one is as it was.
        if (decision.kind === 'event') key = foldOne(key, recordOn(key, decision.event));
      }
    }),
    { numRuns: 1000 },
  );
  for (const status of ['REVOKED', 'DELETED']) expect(ended.get(status) ?? 0, status).toBeGreaterThan(10);
});

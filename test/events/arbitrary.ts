// Arbitrary profiles, callers and commands for property tests.
import fc from 'fast-check';
import type { KeyCommand, KeyCommandName } from '../../events/key/commands.ts';
import { EDITABLE, ROLES, type Profile } from '../../events/keyspaces/profile.ts';
import { at, caller, profileOf, type Caller } from './world.ts';

const roles = fc.subarray([...ROLES]);
const operations = [
  'create',
  'view',
  'edit',
  'disable',
  'rotate',
  'remove',
  'seeHistory',
  'seeUsage',
  'forget',
] as const;
const how = fc.constantFrom('IN_PLACE' as const, 'SUCCESSOR' as const, 'FORBIDDEN' as const);

export const anyProfile: fc.Arbitrary<Profile> = fc
  .record({
    disable: fc.boolean(),
    edit: fc.dictionary(fc.constantFrom(...EDITABLE), fc.record({ how }), { noNullPrototype: true }),
    rotation: fc.record({ enabled: fc.boolean() }),
    removal: fc.record({
      mode: fc.constantFrom('DELETE' as const, 'DELETE_IS_REVOKE' as const, 'REVOKE' as const),
      revoke: fc.boolean(),
    }),
    roles: fc.record(Object.fromEntries(operations.map((operation) => [operation, roles]))),
    expiry: fc.constantFrom(null, {}),
    rateLimit: fc.constantFrom(null, { min: 1, max: 600, default: 60 }),
    restrictions: fc.record({ origins: fc.boolean(), ipRanges: fc.boolean() }),
    workspaces: fc.constantFrom('all' as const, ['other']),
    credential: fc.record({ preview: fc.record({ first: fc.nat(8), last: fc.nat(8) }) }),
  })
  .map(profileOf);

/** A profile in which roles stand in nobody's way. */
export const lenientProfile: fc.Arbitrary<Profile> = fc.constantFrom(
  profileOf(),
  profileOf({ removal: { mode: 'DELETE_IS_REVOKE' } }),
  profileOf({ edit: { name: { how: 'SUCCESSOR' }, permissions: { how: 'FORBIDDEN' } } }),
);

export const anyCaller: fc.Arbitrary<Caller> = fc
  .record({ role: fc.constantFrom(...ROLES, null), operator: fc.boolean() })
  .map(({ role, operator }) => caller(role, { operator }));

const scopes = fc.subarray(['orders:read', 'orders:write', 'users:read']);
const note = fc.option(fc.string({ maxLength: 20 }), { nil: null });
const noted = fc.record({ note });
const command = <N extends KeyCommandName>(name: N, input: fc.Arbitrary<Extract<KeyCommand, { name: N }>['input']>) =>
  input.map((value) => ({ name, input: value })) as unknown as fc.Arbitrary<KeyCommand>;

const wellFormedName = fc
  .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  .filter((name) => name.trim() !== '');

/** A command on a key that is there; expiry lies a little after {@link NOW}, so that keys expire on the way. */
export const anyCommand: fc.Arbitrary<KeyCommand> = fc.oneof(
  command('updateKey', fc.record({ name: wellFormedName, tags: fc.subarray(['a', 'b']) }, { requiredKeys: [] })),
  command('changeScopes', fc.record({ scopes, unrestricted: fc.boolean() }, { requiredKeys: ['scopes'] })),
  command('changeRestrictions', fc.record({ origins: fc.subarray(['https://a.example', 'https://b.example']) })),
  command(
    'changeExpiry',
    fc.record({ expiresAt: fc.option(fc.integer({ min: 1, max: 4000 }).map(at), { nil: null }) }),
  ),
  command('disableKey', noted),
  command('enableKey', noted),
  command('regenerateKey', fc.record({ overlapSeconds: fc.constantFrom(0, 60, 691_200) })),
  command('retirePreviousSecret', fc.constant({})),
  { arbitrary: command('revokeKey', noted), weight: 1 },
  { arbitrary: command('deleteKey', noted), weight: 1 },
);

export interface Step {
  readonly command: KeyCommand;
  /** Seconds since the step before. */
  readonly after: number;
}

export const anySteps = (maxLength: number): fc.Arbitrary<Step[]> =>
  fc.array(fc.record({ command: anyCommand, after: fc.integer({ min: -30, max: 600 }) }), { maxLength });

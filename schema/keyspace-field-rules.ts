// What the value of a keyspace's field must be, as JSON Schema made from the very pieces that commands are checked with.
// What depends on another field is in two members that no vocabulary knows, each a JSON Schema that the value must meet, too:
// `x-ofType`, by type, for keys of that type, and `x-unlessUnrestricted`, for keys that are not unrestricted. Pure.
import { z } from 'zod';
import { createKey } from '../events/key/commands.ts';
import { scopeCatalogue } from '../events/keyspaces/permissions.ts';
import { alwaysScoped } from '../events/keyspaces/form.ts';
import { isRestricted, type Profile } from '../events/keyspaces/profile.ts';
import { RFC_3339 } from './scalars.ts';

export type Rules = Readonly<Record<string, unknown>>;
export type Member = keyof typeof createKey.shape;
type KeyTypeRule = Profile['types'][number];

/** JSON Schema of a member that is given. */
function rulesOf(member: Member): Rules {
  let piece: z.core.$ZodType = createKey.shape[member];
  while (piece instanceof z.ZodOptional || piece instanceof z.ZodNullable) piece = piece.unwrap();
  const rules = z.toJSONSchema(piece, { io: 'input', unrepresentable: 'any' });
  return Object.fromEntries(Object.entries(rules).filter(([name]) => name !== '$schema'));
}

const RULES = Object.fromEntries(
  (Object.keys(createKey.shape) as Member[]).map((member) => [member, rulesOf(member)]),
) as Record<Member, Rules>;

const oneOf = (ids: readonly string[]): Rules => ({ type: 'string', enum: ids });

/** JSON Schema of the value of each field of this product. */
export function fieldRules(profile: Profile): Readonly<Record<Member, Rules>> {
  const { types, environments, flags, rateLimit } = profile;
  const own: Partial<Record<Member, Rules>> = {
    type: oneOf(types.map(({ id }) => id)),
    environment: oneOf(environments.map(({ id }) => id)),
    unrestricted: ofType(types, ({ unrestricted }) =>
      unrestricted === 'ALLOWED' ? null : { const: unrestricted === 'ALWAYS' },
    ),
    scopes: scopeRules(profile),
    flags: { items: oneOf(flags.map(({ id }) => id)) },
    origins: ofType(types, ({ originsRequired }) => (originsRequired ? { minItems: 1 } : null)),
    ...(rateLimit && { rateLimit: limitRules(rateLimit) }),
    // The API takes any time of the standard, where a command has the one form that is stored.
    expiresAt: { format: 'date-time', pattern: RFC_3339.source },
    owner: ownerRules(profile.owner.required),
  };
  return Object.fromEntries(
    (Object.keys(RULES) as Member[]).map((member) => [member, { ...RULES[member], ...own[member] }]),
  ) as Record<Member, Rules>;
}

/** What keys of each type must meet; of one type it is what all of them must. */
function ofType(types: readonly KeyTypeRule[], rule: (type: KeyTypeRule) => Rules | null): Rules {
  const entries = types.flatMap((type) => {
    const rules = rule(type);
    return rules === null ? [] : [[type.id, rules] as const];
  });
  const [first] = entries;
  if (first === undefined) return {};
  return types.length === 1 ? first[1] : { 'x-ofType': Object.fromEntries(entries) };
}

function scopeRules(profile: Profile): Rules {
  const { permissions, types } = profile;
  const { minimum, freeForm, superScopes } = permissions;
  const catalogue = new Set([...scopeCatalogue(permissions).scopes.map(({ id }) => id), ...superScopes]);
  const known = (scopes: readonly string[]) => scopes.filter((scope) => freeForm || catalogue.has(scope));
  const enough = { minItems: minimum };
  return {
    ...(minimum === 0 ? {} : alwaysScoped(profile) ? enough : { 'x-unlessUnrestricted': enough }),
    ...(freeForm ? {} : { items: oneOf([...catalogue]) }),
    ...ofType(types, (type) => {
      const barred = isRestricted(type) ? superScopes : [];
      if (type.scopes === null && barred.length === 0) return null;
      if (type.scopes === null && freeForm) return { items: { not: { enum: barred } } };
      return { items: oneOf(known(type.scopes ?? [...catalogue]).filter((scope) => !barred.includes(scope))) };
    }),
  };
}

const limitRules = ({ min, max, windowSeconds }: NonNullable<Profile['rateLimit']>): Rules => ({
  properties: {
    limit: { type: 'integer', minimum: min, maximum: max },
    windowSeconds: { type: 'integer', const: windowSeconds },
  },
});

const { properties: ofOwner } = RULES.owner as { readonly properties: Readonly<Record<'id' | 'email', Rules>> };
const { anyOf: mails } = ofOwner.email as { readonly anyOf: readonly Rules[] };
/** An id that is no address (E2), with something in it. */
const ownerId: Rules = { ...ofOwner.id, pattern: '^[^@]*[^@\\s][^@]*$' };

const ownerRules = (required: boolean): Rules => ({
  properties: { id: ownerId, email: required ? mails.find(({ type }) => type === 'string') : ofOwner.email },
  required: required ? ['id', 'email'] : ['id'],
});

// Who may do what in each product, as data, and the test that goes through all of it: six callers, eight operations.
import { expect, test } from 'vitest';
import { ROLES, type Role } from '../../events/keyspaces/profile.ts';
import type { Answer, EditName, Person, Place, Product, ProductKey } from './harness.ts';
import type { ProductName } from './names.ts';

type Input = Readonly<Record<string, unknown>>;
const OPERATIONS = ['create', 'view', 'seeHistory', 'seeUsage', 'edit', 'rotate', 'disable', 'remove'] as const;
type Operation = (typeof OPERATIONS)[number];
type Answered = 'done' | 'NotAllowed' | 'NotFound' | 'NotEnabled';

interface Expected {
  /** A key that may be made. */
  readonly draft: Input;
  readonly remove: readonly [EditName, Input];
  /** What the product has for nobody. */
  readonly without: readonly Operation[];
  readonly roles: Readonly<Record<Operation, readonly Role[]>>;
}

const WRITERS: readonly Role[] = ['admin', 'member'];
const TEAM: Expected['roles'] = {
  ...{ create: WRITERS, edit: WRITERS, disable: WRITERS, rotate: WRITERS, remove: WRITERS },
  ...{ view: ROLES, seeUsage: ROLES, seeHistory: ['admin', 'auditor'] },
};
const ADMINS = Object.fromEntries(
  OPERATIONS.map((operation) => [operation, ['admin']]),
) as unknown as Expected['roles'];

const PRODUCTS: Readonly<Record<ProductName, Expected>> = {
  dronahq: { draft: { scopes: ['agent'] }, remove: ['deleteKey', {}], without: ['rotate'], roles: TEAM },
  'voice-agent': {
    ...{ draft: { type: 'private' }, remove: ['deleteKey', {}], without: ['disable', 'rotate'], roles: TEAM },
  },
  dagen: { draft: { scopes: ['agents'] }, remove: ['deleteKey', {}], without: [], roles: TEAM },
  ayra: {
    draft: { environment: 'live', scopes: ['agents:read'] },
    ...{ remove: ['revokeKey', { reason: 'Unused' }], without: ['disable'], roles: TEAM },
  },
  'project-admin': {
    ...{ draft: { scopes: ['calls:read'] }, remove: ['deleteKey', {}], without: ['disable', 'rotate'], roles: ADMINS },
  },
};

const PEOPLE = [...ROLES, 'operator', 'stranger'] as const satisfies readonly (keyof Place)[];

/** What the keyspace's own table of operations calls them; making a key is none with a key. */
const actionsOf = (remove: EditName): Readonly<Record<Exclude<Operation, 'create'>, string>> => ({
  ...{ view: 'VIEW', edit: 'UPDATE', rotate: 'REGENERATE', disable: 'DISABLE' },
  ...{ remove: remove === 'revokeKey' ? 'REVOKE' : 'DELETE', seeHistory: 'SEE_HISTORY', seeUsage: 'SEE_USAGE' },
});

/** One test: each role may do what the table says, and nobody more. */
export function roleTable(slug: ProductName, product: () => Product): void {
  const { draft, remove, without, roles } = PRODUCTS[slug];

  function expected(who: (typeof PEOPLE)[number], operation: Operation): Answered {
    const mayDo = (asked: Operation) => roles[asked].some((role) => role === who);
    if (!mayDo('view')) return 'NotFound';
    if (!mayDo(operation)) return 'NotAllowed';
    return without.includes(operation) ? 'NotEnabled' : 'done';
  }

  test(`${slug}: each role may do what the table says with its keys, and nobody more`, async () => {
    const place = await product().place();
    const name = 'Orders export';
    const found: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    for (const who of PEOPLE) {
      const person = place[who];
      const key = await place.admin.create({ ...draft, name });
      for (const operation of OPERATIONS) {
        wanted[`${who} ${operation}`] = expected(who, operation);
        found[`${who} ${operation}`] = await tried(person, operation, key.keyId, { draft: { ...draft, name }, remove });
      }
      expect((await person.keyspace()) !== null).toBe(roles.view.some((role) => role === who));
    }
    expect(found).toEqual(wanted);

    const offered = (await place.admin.keyspace())?.operations ?? [];
    for (const [of, action] of Object.entries(actionsOf(remove[0]))) {
      const operation = of as Operation;
      const may = offered.find((offer) => offer.action === action)?.roles ?? [];
      const should = without.includes(operation) ? [] : roles[operation].map((role) => role.toUpperCase());
      expect([operation, ...[...may].sort()]).toEqual([operation, ...[...should].sort()]);
    }
  });
}

async function tried(
  person: Person,
  operation: Operation,
  keyId: string,
  { draft, remove }: Pick<Expected, 'draft' | 'remove'>,
): Promise<string> {
  const seen = (may: (key: ProductKey) => boolean | Promise<boolean>) =>
    person.key(keyId).then(async (key) => (key === null ? 'NotFound' : (await may(key)) ? 'done' : 'NotAllowed'));
  switch (operation) {
    case 'create':
      return outcome(await person.tryCreate(draft));
    case 'view':
      return seen(() => true);
    case 'seeHistory':
      return seen(async () => (await person.api.history(keyId)).length > 0);
    case 'seeUsage':
      return seen(({ actions }) => actions.includes('SEE_USAGE'));
    case 'edit':
      return outcome(await person.attempt('updateKey', keyId, { description: 'for the shop' }));
    case 'rotate':
      return outcome(await person.attempt('regenerateKey', keyId));
    case 'disable':
      return outcome(await person.attempt('disableKey', keyId));
    case 'remove':
      return outcome(await person.attempt(remove[0], keyId, remove[1]));
  }
}

const outcome = ({ __typename }: Answer): string => (__typename.endsWith('Payload') ? 'done' : __typename);

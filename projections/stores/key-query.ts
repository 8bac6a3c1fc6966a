// Which keys a list asks for, and in which order: the rules of KeyFilter and KeyOrder, once for all stores.
import type { KeyStatus } from '../../events/key/state.ts';
import type { KeyFilter, KeyOrder, KeyOrderField, KeyQuery, MadeQuery } from '../rows.ts';
import { and, compare, equal, isNull, oneOf, or, type Condition } from './conditions.ts';
import { term } from './key-record.ts';
import type { ListOrder } from './paging.ts';

/** All members that are given must hold. */
export function keyCondition({ workspaceId, keyspaces, filter, now }: KeyQuery): Condition {
  const { keyspace, owner, environment, type, scope, granting, resource } = filter;
  const terms = (...values: string[]): Condition => ({ op: 'terms', workspaceId, values });
  return and(
    equal('workspaceId', workspaceId),
    statusCondition(filter.status, now),
    ...(keyspaces ? [oneOf('keyspace', keyspaces)] : []),
    ...equals({ keyspace, owner, environment, type }),
    ...(filter.text ?? []).map((text): Condition => ({ op: 'term beginning', workspaceId, prefix: term.word(text) })),
    ...(filter.tags ?? []).map((tag) => terms(term.tag(tag))),
    ...(scope === undefined ? [] : [terms(term.scope(scope), term.anyScope)]),
    ...(granting === undefined ? [] : [grantingCondition(granting, terms)]),
    ...(resource === undefined ? [] : [terms(term.resource(resource), term.anyResource)]),
    ...timeConditions(filter),
  );
}

/** What {@link keyCondition} would ask of it whatever has changed since. */
export function madeCondition({ workspaceId, keyspaces, filter, until }: MadeQuery): Condition {
  const { keyspace, environment, type } = filter;
  return and(
    equal('workspaceId', workspaceId),
    compare('createdAt', '<=', until),
    ...(keyspaces ? [oneOf('keyspace', keyspaces)] : []),
    ...equals({ keyspace, environment, type }),
  );
}

function grantingCondition(
  granting: NonNullable<KeyFilter['granting']>,
  terms: (...values: string[]) => Condition,
): Condition {
  const groups = granting.map(({ keyspace, scopes }) =>
    and(equal('keyspace', keyspace), terms(...scopes.map(term.scope))),
  );
  return or(terms(term.anyScope), ...groups);
}

function equals(columns: Readonly<Record<string, string | undefined>>): Condition[] {
  return Object.entries(columns).flatMap(([column, value]) => (value === undefined ? [] : [equal(column, value)]));
}

function timeConditions({ expiresBefore, unusedSince }: KeyFilter): Condition[] {
  return [
    ...(expiresBefore === undefined ? [] : [compare('expiresAt', '<', expiresBefore)]),
    ...(unusedSince === undefined ? [] : [or(isNull('lastUsedAt'), compare('lastUsedAt', '<', unusedSince))]),
  ];
}

/** `statusAt` as a condition on what is stored. */
function statusCondition(wanted: readonly KeyStatus[] | undefined, now: string): Condition {
  if (!wanted) return oneOf('status', ['ACTIVE', 'DISABLED', 'REVOKED']);
  const alive = (['ACTIVE', 'DISABLED'] as const).filter((status) => wanted.includes(status));
  const ended = (['REVOKED', 'DELETED'] as const).filter((status) => wanted.includes(status));
  const valid = or(isNull('expiresAt'), compare('expiresAt', '>', now));
  const cases = [
    ...(alive.length > 0 ? [and(oneOf('status', alive), valid)] : []),
    ...(ended.length > 0 ? [oneOf('status', ended)] : []),
    ...(wanted.includes('EXPIRED')
      ? [and(oneOf('status', ['ACTIVE', 'DISABLED']), compare('expiresAt', '<=', now))]
      : []),
  ];
  const [only] = cases;
  return only && cases.length === 1 ? only : or(...cases);
}

const ORDER_COLUMNS: Record<KeyOrderField, { readonly column: string; readonly nullable: boolean }> = {
  CREATED_AT: { column: 'createdAt', nullable: false },
  NAME: { column: 'name', nullable: false },
  EXPIRES_AT: { column: 'expiresAt', nullable: true },
  LAST_USED_AT: { column: 'lastUsedAt', nullable: true },
};

export function keyOrder({ field, direction }: KeyOrder): ListOrder {
  const { column, nullable } = ORDER_COLUMNS[field];
  return { columns: [column, 'id'], nullable, descending: direction === 'DESC' };
}

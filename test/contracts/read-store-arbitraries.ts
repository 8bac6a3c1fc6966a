// Random rows and queries for the ReadStore contract, from small pools, so that ties and matches are common.
import fc from 'fast-check';
import type { EventType } from '../../events/catalogue.ts';
import type { HistoryQuery, HistoryRow, KeyOrder, KeyQuery, KeyRow } from '../../projections/rows.ts';
import { historyRow, keyIdOf, keyRow, minute } from './read-store-rows.ts';

/** Between the times of the pools: some of them lie before it, one is it, some lie after it. */
export const NOW_IN_LISTS = minute(2);
const TIMES = [0, 1, 2, 3, 4].map(minute);

export const ORDERS: readonly KeyOrder[] = (['CREATED_AT', 'NAME', 'EXPIRES_AT', 'LAST_USED_AT'] as const).flatMap(
  (field) => (['ASC', 'DESC'] as const).map((direction) => ({ field, direction })),
);

/** Well-formed texts that some language or other would take for more than text. */
export const HOSTILE: readonly string[] = [
  `'; DROP TABLE keys_g1; --`,
  '"quoted" `ticked` [bracketed] \\back\\',
  '$gt',
  '{"$gt":""}',
  '$where: sleep(1)',
  '%',
  '_',
  '100%_sure*?',
  '*',
  '[a-z].*^$',
  'a.b.c',
  '__proto__',
  'constructor',
  'null',
  '0',
  ' ',
  'line\r\nbreak\ttab',
  '\u202eright-to-left\u202c',
  'zero\u200bwidth',
  '👩‍👩‍👧 family',
  '\ue000private',
  '\ud7ff',
  '\u{10ffff}',
  '\u{10ffff}after',
  'ﬁ İ ß Å',
];

/** Keys and values that databases trip over; `__proto__` as an own member. */
export const hostileMetadata = (text: string): Record<string, never> =>
  JSON.parse(
    JSON.stringify({ [text]: [text, { 'a.b': text, $set: { '': null } }], proto: 0 }).replace('"proto"', '"__proto__"'),
  ) as never;

const WORDS = ['pay', 'payments', 'paid', 'billing', 'a', 'ä', 'z\u{10ffff}', 'z', '👩', '%', '_', '$gt'];
const TAGS = ['prod', 'Prod', 'pay', 'team a', '$gt', 'w:pay'];
const SCOPES = ['read', 'read:all', '*', 'S', 'R'];
const RESOURCES = ['agent-1', 'agent-2', 'S', 'R', '*'];
const STATUSES = ['ACTIVE', 'DISABLED', 'EXPIRED', 'REVOKED', 'DELETED'] as const;
const some = <T>(pool: readonly T[], maxLength = 3) => fc.uniqueArray(fc.constantFrom(...pool), { maxLength });
const nullable = <T>(pool: readonly T[]) => fc.constantFrom(null, ...pool);

const oneKey = fc.record({
  state: fc.record({
    keyspace: fc.constantFrom('default', 'payments', 'agents'),
    status: fc.constantFrom('ACTIVE' as const, 'ACTIVE', 'DISABLED', 'REVOKED', 'DELETED'),
    type: fc.constantFrom('secret', 'public'),
    environment: nullable(['live', 'test']),
    scopes: some(SCOPES),
    unrestricted: fc.boolean(),
    resources: fc.oneof(
      fc.constant({ all: true, ids: [] as string[] }),
      some(RESOURCES).map((ids) => ({ all: false, ids })),
    ),
    expiresAt: nullable(TIMES),
    ownerId: nullable(['u-1', 'u-2', '$ne']),
    createdAt: fc.constantFrom(...TIMES),
  }),
  details: fc.record({ tags: some(TAGS) }),
  search: fc.record({ name: fc.constantFrom('', 'alpha', 'beta', ...HOSTILE), words: some(WORDS) }),
  usage: fc.record({ lastUsedAt: nullable(TIMES), lastSeenAt: nullable(TIMES), requestCount: fc.nat() }),
});

/** Rows for a workspace that is named later; their ids are in no order. */
export const keyRows = (constraints: fc.ArrayConstraints): fc.Arbitrary<(workspaceId: string) => KeyRow[]> =>
  fc.array(oneKey, constraints).map(
    (list) => (workspaceId) =>
      list.map((key, number) => {
        const keyId = keyIdOf((number * 37) % 101, workspaceId.replaceAll('-', '').slice(-8));
        return keyRow(keyId, 1, { ...key, state: { ...key.state, workspaceId } });
      }),
  );

const PREFIXES = [
  '',
  'p',
  'pa',
  'pay',
  'payments',
  'payments ',
  'ä',
  'z',
  'z\u{10ffff}',
  '\u{10ffff}',
  '%',
  '_',
  '$',
  '👩',
];

/** Any members of the filter, with or without a restriction to some keyspaces. */
export const keyFilters: fc.Arbitrary<Pick<KeyQuery, 'filter' | 'keyspaces'>> = fc.record(
  {
    keyspaces: some(['default', 'payments', 'none']),
    filter: fc.record(
      {
        text: some(PREFIXES, 2),
        status: some(STATUSES, 4),
        tags: some(TAGS, 2),
        owner: fc.constantFrom('u-1', '$ne', 'nobody'),
        environment: fc.constantFrom('live', 'staging'),
        type: fc.constantFrom('secret', 'other'),
        scope: fc.constantFrom(...SCOPES, 'none'),
        granting: fc.array(
          fc.record({ keyspace: fc.constantFrom('default', 'payments', 'none'), scopes: some(SCOPES, 2) }),
          { maxLength: 2 },
        ),
        resource: fc.constantFrom(...RESOURCES, 'none'),
        keyspace: fc.constantFrom('default', 'none'),
        expiresBefore: fc.constantFrom(...TIMES),
        unusedSince: fc.constantFrom(...TIMES),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['filter'] },
);

const TYPES: readonly EventType[] = ['KeyCreated', 'KeyDisabled', 'KeyEnabled'];
const ACTORS = ['user:ada', 'key:$gt', 'system:projector'];
const REQUESTS = ['r-1', 'r-2'];
const AGGREGATES = 3;
const aggregateOf = (kind: string, number: number): string => keyIdOf(number, kind);

/** Events of three aggregates of two workspaces, named later; times are in no order with versions. */
export const historyRows: fc.Arbitrary<(kind: string) => HistoryRow[]> = fc
  .array(
    fc.record({
      aggregate: fc.nat(AGGREGATES - 1),
      workspace: fc.constantFrom('history', 'foreign', null),
      type: fc.constantFrom(...TYPES),
      actor: fc.constantFrom(...ACTORS),
      requestId: fc.constantFrom(...REQUESTS),
      time: fc.constantFrom(...TIMES),
    }),
    { maxLength: 25 },
  )
  .map(
    (list) => (kind) =>
      list.map(({ aggregate, workspace, ...rest }, index) =>
        historyRow(aggregateOf(kind, aggregate), index + 1, {
          ...rest,
          workspaceId: workspace && `${workspace}-${kind}`,
        }),
      ),
  );

/** Queries for them. */
export const historyQueries: fc.Arbitrary<(kind: string) => HistoryQuery> = fc
  .record(
    {
      scope: fc.constantFrom('workspace', 'aggregate', 'both'),
      aggregate: fc.nat(AGGREGATES - 1),
      types: some(TYPES, 2),
      actor: fc.constantFrom(...ACTORS, '$ne'),
      requestId: fc.constantFrom(...REQUESTS),
      from: fc.constantFrom(...TIMES),
      to: fc.constantFrom(...TIMES),
    },
    { requiredKeys: ['scope', 'aggregate'] },
  )
  .map(({ scope, aggregate, ...rest }) => (kind) => {
    const workspaceId = `history-${kind}`;
    const aggregateId = aggregateOf(kind, aggregate);
    const scopes = { workspace: { workspaceId }, aggregate: { aggregateId }, both: { workspaceId, aggregateId } };
    return { scope: scopes[scope], ...rest };
  });

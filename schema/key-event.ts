// KeyEvent: one accepted event, for callers who may see history. Verification hashes and fingerprints are in none of it.
import { parseActor } from '../events/ids.ts';
import { positionAfter } from '../events/position.ts';
import { isFact, type HistoryRow, type LogEntry } from '../projections/rows.ts';
import { Actor } from './actor.ts';
import { builder } from './builder.ts';
import { KeyEventType } from './enums.ts';
import { COUNTS } from './field-cost.ts';

/** An event or a fact, and its personal part, which is opened only when it is asked for; `null` once it is erased, and of facts. */
export interface VisibleEvent {
  readonly row: LogEntry;
  readonly personal: () => Promise<Readonly<Record<string, unknown>> | null>;
  /** Only that it happened, and when: who did it, and what lies in it, is others' affair. */
  readonly outline?: true;
}

/** The personal part of a row is opened for it. */
const OPENS_PERSONAL = { cost: 10 };
/** What only events have: nobody did a fact, and it is in no chain. */
const ofEvent = <T>({ row, outline }: VisibleEvent, read: (event: HistoryRow) => T): T | null =>
  outline === true || isFact(row) ? null : read(row);
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const KeyEvent = builder.objectRef<VisibleEvent>('KeyEvent').implement({
  description:
    'Something that happened to a key or to the keyspaces: an entry of the log. Events are hash-chained per subject; facts about time (`KEY_EXPIRING`, `KEY_EXPIRED`) have neither version, actor nor chain.',
  fields: (t) => ({
    id: t.id({ description: 'The CloudEvents id.', resolve: ({ row }) => row.id }),
    type: t.field({ type: KeyEventType, resolve: ({ row }) => row.type }),
    subject: t.string({ description: 'The key’s id, or `keyspaces`.', resolve: ({ row }) => row.aggregateId }),
    version: t.int({
      nullable: true,
      description: 'Of the subject, once this has happened.',
      resolve: ({ row }) => (isFact(row) ? null : row.version),
    }),
    time: t.field({ type: 'DateTime', resolve: ({ row }) => row.time }),
    actor: t.field({
      type: Actor,
      nullable: true,
      description:
        'Who did it; null for a change of a keyspace, where the caller is no operator, and of a fact about time.',
      resolve: (entry) =>
        ofEvent(entry, ({ actor, workspaceId }) => ({
          actor: parseActor(actor),
          workspaceIds: workspaceId === null ? [] : [workspaceId],
        })),
    }),
    commandId: t.string({
      nullable: true,
      description: 'Of the mutation that caused it.',
      resolve: (entry) => ofEvent(entry, ({ commandId }) => commandId),
    }),
    requestId: t.string({
      nullable: true,
      description: 'The `X-Request-Id` of the request that caused it.',
      resolve: (entry) => ofEvent(entry, ({ requestId }) => requestId),
    }),
    keyspaceVersion: t.int({
      nullable: true,
      description: 'The profile that it was decided by.',
      resolve: ({ row }) => (isFact(row) ? null : (row.attributes.keyspaceversion ?? null)),
    }),
    ip: t.string({
      nullable: true,
      description: 'The caller’s address; null once it is erased.',
      extensions: OPENS_PERSONAL,
      resolve: async ({ personal }) => textOf((await personal())?.ip),
    }),
    userAgent: t.string({
      nullable: true,
      description: 'The caller’s; null once it is erased.',
      extensions: OPENS_PERSONAL,
      resolve: async ({ personal }) => textOf((await personal())?.userAgent),
    }),
    data: t.field({
      type: 'JSON',
      extensions: { cost: 25 },
      description: 'What changed, or of which expiry a fact speaks; without its personal part once that is erased.',
      resolve: async ({ row, personal }) => {
        const own = Object.entries((await personal()) ?? {}).filter(
          ([member]) => member !== 'ip' && member !== 'userAgent',
        );
        return { ...row.data, ...Object.fromEntries(own) };
      },
    }),
    position: t.field({
      type: 'Position',
      description: 'Just behind this event.',
      resolve: ({ row }) => positionAfter(row.position),
    }),
    hash: t.string({
      nullable: true,
      description: 'SHA-256 of its public form, in hexadecimal.',
      resolve: (entry) => ofEvent(entry, ({ attributes }) => attributes.hash),
    }),
    prev: t.string({
      nullable: true,
      description: '`hash` of the event before it; zeros for the first.',
      resolve: (entry) => ofEvent(entry, ({ attributes }) => attributes.prev),
    }),
  }),
});

export const KeyEventConnection = builder.connectionObject(
  {
    type: KeyEvent,
    name: 'KeyEventConnection',
    fields: (t) => ({
      totalCount: t.int({
        nullable: true,
        description: 'Null where events of some keyspaces are hidden from this caller.',
        extensions: COUNTS,
        resolve: ({ totalCount }) => totalCount(),
      }),
    }),
  },
  { name: 'KeyEventEdge' },
);

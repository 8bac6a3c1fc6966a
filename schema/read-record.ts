// ReadRecord: that somebody has read a workspace's history, for its admins and auditors. Reading these is recorded as well.
import { z } from 'zod';
import { parseActor } from '../events/ids.ts';
import { READ_KINDS, type ReadKind as Kind, type ReadRow } from '../projections/reads.ts';
import { Actor } from './actor.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { readCursors } from './cursors.ts';
import { COUNTS } from './field-cost.ts';
import { actorOf, checkFilter } from './filters.ts';
import { emptyPage, pageOf, windowOf, type Page, type PageArguments } from './paging.ts';

const DESCRIPTIONS: Readonly<Record<Kind, string>> = {
  HISTORY: 'Events.',
  REQUESTS: 'The request log.',
  DECISION: 'Why a check was answered as it was.',
  AS_OF: 'Keys as they were.',
  ACCESS_REVIEW: 'What has changed between two times.',
  EXPORT: 'A bundle of events.',
  READS: 'These records.',
};

export const ReadKind = builder.enumType('ReadKind', {
  description: 'What was read.',
  values: Object.fromEntries(READ_KINDS.map((kind) => [kind, { value: kind, description: DESCRIPTIONS[kind] }])) as {
    readonly [K in Kind]: { readonly value: K; readonly description: string };
  },
});

export const ReadRecord = builder.objectRef<ReadRow>('ReadRecord').implement({
  description: 'One operation of one caller, as far as it has read this workspace. Kept for 365 days.',
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => id }),
    time: t.expose('time', { type: 'DateTime', description: 'When it was asked.' }),
    actor: t.field({
      type: Actor,
      description: 'Who has read.',
      resolve: ({ actor, workspaceId }) => ({ actor: parseActor(actor), workspaceIds: [workspaceId] }),
    }),
    role: t.exposeString('role', { description: 'The caller’s in this workspace; `key` for an API key, `operator`.' }),
    kinds: t.field({ type: [ReadKind], description: 'What was read.', resolve: ({ kinds }) => kinds }),
    fields: t.field({
      type: 'JSON',
      description:
        'The fields that were read, with their arguments. `[not kept]` stands for cursors, for texts that were searched for, and for whatever does not look like an id, or may be a credential (a global id is as long as one: of keys, `keys` has the ids); under `all` for every argument, where the field has shown nothing or the record would be too large.',
      extensions: { cost: 10 },
      resolve: ({ fields: read }) => read,
    }),
    requestId: t.exposeString('requestId', { description: 'The `X-Request-Id` of the operation.' }),
    ip: t.string({ nullable: true, description: 'The reader’s address.', resolve: ({ ip }) => ip }),
    userAgent: t.string({ nullable: true, description: 'The reader’s.', resolve: ({ userAgent }) => userAgent }),
  }),
});

export const ReadConnection = builder.connectionObject(
  {
    type: ReadRecord,
    name: 'ReadConnection',
    fields: (t) => ({
      totalCount: t.int({
        description: 'Of the whole list, whatever the page.',
        extensions: COUNTS,
        resolve: async ({ totalCount }) => (await totalCount()) ?? 0,
      }),
    }),
  },
  { name: 'ReadEdge' },
);

export const ReadFilter = builder.inputType('ReadFilter', {
  description: 'All that are given must hold.',
  fields: (t) => ({
    actor: t.string({ description: '`user:ID` or `key:ID`.' }),
    kind: t.field({ type: ReadKind, description: 'What was read, among other things.' }),
    from: t.field({ type: 'DateTime', description: 'Inclusive.' }),
    to: t.field({ type: 'DateTime', description: 'Exclusive.' }),
  }),
});

interface ReadArguments extends PageArguments {
  readonly filter?:
    | {
        readonly actor?: string | null | undefined;
        readonly kind?: Kind | null | undefined;
        readonly from?: string | null | undefined;
        readonly to?: string | null | undefined;
      }
    | null
    | undefined;
}

const texts = z.object({ actor: actorOf('user', 'key') }).partial();

export async function workspaceReads(
  workspaceId: string,
  args: ReadArguments,
  context: Context,
): Promise<Page<ReadRow>> {
  const cursors = readCursors(workspaceId);
  const window = windowOf(args, cursors);
  const { kind, from, to } = args.filter ?? {};
  const filter = {
    ...checkFilter(texts, args.filter),
    ...(kind ? { kind } : {}),
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
  };
  const standing = context.caller.workspaces.get(workspaceId);
  if (standing !== 'admin' && standing !== 'auditor') return emptyPage();
  const query = { workspaceId, filter, now: context.now };
  const page = await context.reads.list(query, window);
  const count = () => context.reads.count(query);
  return pageOf(page, window, cursors, (row) => row, count);
}

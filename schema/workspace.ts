// Workspace: a tenant, for callers who have a role in it.
import { entryOf } from '../events/keyspaces/state.ts';
import { keyspaceIn, sortedEntries } from './access.ts';
import { ApiKey, KeyConnection } from './api-key.ts';
import { accessReview, AccessReview, REVIEW_COSTS } from './access-review.ts';
import { AS_OF, asOfCosts } from './as-of.ts';
import { AT_LEAST } from './at-least.ts';
import { builder } from './builder.ts';
import { Checkpoint, CheckpointConnection, listCheckpoints } from './checkpoint.ts';
import { UsageBucket } from './enums.ts';
import { HistoryFilter, workspaceHistory } from './history.ts';
import { KeyEvent, KeyEventConnection } from './key-event.ts';
import { KeyFilter, KeyOrder, listKeys } from './key-list.ts';
import { keyspaceScope } from '../projections/usage.ts';
import { Keyspace } from './keyspace.ts';
import { LOADS } from './field-cost.ts';
import { Request, RequestConnection } from './request.ts';
import { ReadConnection, ReadFilter, ReadRecord, workspaceReads } from './read-record.ts';
import { requestOf, RequestFilter, seenKeyspaces, workspaceRequests } from './request-list.ts';
import { USAGE_FIELD, usageOf, UsagePoint } from './usage.ts';

/** A workspace that the caller has a role in; there is nothing else to it than its id. */
export interface VisibleWorkspace {
  readonly workspaceId: string;
}

export const Workspace = builder.nodeRef('Workspace', {
  id: { resolve: ({ workspaceId }: VisibleWorkspace) => workspaceId },
  loadManyWithoutCache: (ids: string[], { caller }) =>
    ids.map((workspaceId) => (caller.workspaces.has(workspaceId) ? { workspaceId } : null)) as VisibleWorkspace[],
});

Workspace.implement({
  description: 'A tenant: its keys, their history, and the keyspaces that it may make keys in.',
  fields: (t) => ({
    workspaceId: t.exposeString('workspaceId'),
    position: t.field({
      type: 'Position',
      description: 'How far the log is projected: where to follow from.',
      resolve: (_, _args, context) => context.position(),
    }),
    keyspaces: t.field({
      type: [Keyspace],
      description: 'Those that this workspace is offered, by slug.',
      resolve: async ({ workspaceId }, _, context) => {
        const keyspaces = await context.read((view) => view.keyspaces());
        return sortedEntries(keyspaces)
          .map((entry) => keyspaceIn(context.caller, entry, workspaceId))
          .filter((keyspace) => keyspace !== null);
      },
    }),
    keyspace: t.field({
      type: Keyspace,
      nullable: true,
      args: { slug: t.arg.string({ required: true }) },
      resolve: async ({ workspaceId }, { slug }, context) => {
        const entry = entryOf(await context.read((view) => view.keyspaces()), slug);
        return entry ? keyspaceIn(context.caller, entry, workspaceId) : null;
      },
    }),
    keys: t.connection(
      {
        type: ApiKey,
        description: 'As far as this caller may see them, now or as of a time.',
        extensions: asOfCosts(5000),
        args: {
          filter: t.arg({ type: KeyFilter, description: 'Absent: all keys but deleted ones.' }),
          orderBy: t.arg({ type: KeyOrder, description: 'Absent: the newest first.' }),
          asOf: t.arg(AS_OF),
          atLeast: t.arg(AT_LEAST),
        },
        resolve: ({ workspaceId }, args, context) => listKeys(workspaceId, args, context),
      },
      KeyConnection,
    ),
    history: t.connection(
      {
        type: KeyEvent,
        description: 'What happened to its keys, oldest first, as far as this caller may see it.',
        args: { filter: t.arg({ type: HistoryFilter, description: 'Absent: every event.' }), atLeast: t.arg(AT_LEAST) },
        resolve: ({ workspaceId }, args, context) => workspaceHistory(workspaceId, args, context),
      },
      KeyEventConnection,
    ),
    checkpoints: t.connection(
      {
        type: Checkpoint,
        description:
          'Signed checkpoints, newest first: admins and auditors see them. They are one chain for all workspaces.',
        resolve: ({ workspaceId }, args, context) => listCheckpoints(workspaceId, args, context),
      },
      CheckpointConnection,
    ),
    requests: t.connection(
      {
        type: Request,
        description:
          'Checks of its keys that are still in the request log, newest first, as far as this caller may see them.',
        args: { filter: t.arg({ type: RequestFilter, description: 'Absent: every check.' }) },
        resolve: ({ workspaceId }, args, context) => workspaceRequests(workspaceId, args, context),
      },
      RequestConnection,
    ),
    request: t.field({
      type: Request,
      nullable: true,
      description: 'The newest check with this `requestId`.',
      extensions: LOADS,
      args: {
        id: t.arg.string({ required: true, description: 'What answers of the verifier and access logs name it by.' }),
      },
      resolve: ({ workspaceId }, { id }, context) => requestOf(workspaceId, id, context),
    }),
    reads: t.connection(
      {
        type: ReadRecord,
        description: 'Who has read its history, request log and reviews, newest first; for admins and auditors.',
        args: { filter: t.arg({ type: ReadFilter, description: 'Absent: every record.' }) },
        resolve: ({ workspaceId }, args, context) => workspaceReads(workspaceId, args, context),
      },
      ReadConnection,
    ),
    accessReview: t.field({
      type: AccessReview,
      description:
        'What each key might do at two times, and what happened between; empty for callers who may not see history. Keys that were deleted before `from` are left out, unless something happened to them later.',
      extensions: REVIEW_COSTS,
      args: {
        from: t.arg({ type: 'DateTime', required: true, description: 'The first of the times.' }),
        to: t.arg({ type: 'DateTime', required: true, description: 'The other: later, and not in the future.' }),
        first: t.arg.int({
          description:
            'So many rows from the beginning, or behind `after`: 1–100. Absent: all, if they are 100 at most.',
        }),
        after: t.arg.string({ description: 'The `endCursor` of a page of this review: what follows it.' }),
      },
      resolve: ({ workspaceId }, args, context) => accessReview(workspaceId, args, context),
    }),
    usage: t.field({
      type: [UsagePoint],
      ...USAGE_FIELD,
      args: {
        from: t.arg({ type: 'DateTime', required: true, description: 'In the first bucket.' }),
        to: t.arg({ type: 'DateTime', required: true, description: 'Exclusive: behind the last bucket, or in it.' }),
        bucket: t.arg({ type: UsageBucket, required: true, description: 'What is added up.' }),
      },
      resolve: async ({ workspaceId }, args, context) => {
        const { slugs, all } = await seenKeyspaces(context, workspaceId);
        // Under no keyspace: checks of which none was told.
        const scopes = (all ? [...slugs, ''] : slugs).map((slug) => keyspaceScope(workspaceId, slug));
        return usageOf(context, scopes, args);
      },
    }),
  }),
});

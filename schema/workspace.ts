// Workspace: a tenant, for callers who have a role in it.
import { entryOf } from '../events/keyspaces/state.ts';
import { keyspaceIn, sortedEntries } from './access.ts';
import { ApiKey, KeyConnection } from './api-key.ts';
import { AT_LEAST } from './at-least.ts';
import { builder } from './builder.ts';
import { HistoryFilter, workspaceHistory } from './history.ts';
import { KeyEvent, KeyEventConnection } from './key-event.ts';
import { KeyFilter, KeyOrder, listKeys } from './key-list.ts';
import { Keyspace } from './keyspace.ts';

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
        description: 'As far as this caller may see them.',
        args: {
          filter: t.arg({ type: KeyFilter, description: 'Absent: all keys but deleted ones.' }),
          orderBy: t.arg({ type: KeyOrder, description: 'Absent: the newest first.' }),
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
  }),
});

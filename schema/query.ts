// Query: where every read begins. What the caller may not see is null, like what does not exist.
import { keyspaceAnywhere, sortedEntries } from './access.ts';
import { ApiKey } from './api-key.ts';
import { reachAtLeast } from './at-least.ts';
import { builder } from './builder.ts';
import { decodeGlobalId, decodeKeyId } from './global-ids.ts';
import { badUserInput } from './graphql-errors.ts';
import { Health } from './health.ts';
import { Keyspace } from './keyspace.ts';
import { keyRef } from './loaders.ts';
import { MAX_PAGE } from './paging.ts';
import { Viewer } from './viewer.ts';
import { Workspace } from './workspace.ts';

/** An id that names a node; any other text is answered like an id of nothing. */
const nodeId = (id: string): string | null => (decodeGlobalId(id) ? id : null);

builder.queryType({
  fields: (t) => ({
    viewer: t.field({ type: Viewer, resolve: (_, _args, { caller }) => caller }),
    node: t.node({
      args: { id: t.arg.id({ required: true }), atLeast: t.arg({ type: 'Position' }) },
      id: async (_, { id, atLeast }, context) => {
        await reachAtLeast(context, atLeast);
        return nodeId(id);
      },
    }),
    nodes: t.nodeList({
      args: { ids: t.arg.idList({ required: true }) },
      ids: (_, { ids }) => {
        if (ids.length > MAX_PAGE) throw badUserInput(`At most ${MAX_PAGE} ids may be asked for at once.`);
        return ids.map(nodeId);
      },
    }),
    workspace: t.field({
      type: Workspace,
      nullable: true,
      args: { id: t.arg.string({ required: true }) },
      resolve: (_, { id }, { caller }) => (caller.workspaces.has(id) ? { workspaceId: id } : null),
    }),
    key: t.field({
      type: ApiKey,
      nullable: true,
      args: { id: t.arg.id({ required: true }), atLeast: t.arg({ type: 'Position' }) },
      resolve: async (_, { id, atLeast }, context) => {
        await reachAtLeast(context, atLeast);
        const keyId = decodeKeyId(id);
        return keyId === null ? null : keyRef(context.caller.workspaces.keys(), keyId);
      },
    }),
    keyspaces: t.field({
      type: [Keyspace],
      description: 'Operators: all; others: those of their workspaces.',
      resolve: async (_, _args, context) => {
        const keyspaces = await context.read((view) => view.keyspaces());
        return sortedEntries(keyspaces)
          .map((entry) => keyspaceAnywhere(context.caller, entry))
          .filter((keyspace) => keyspace !== null);
      },
    }),
    health: t.field({
      type: Health,
      nullable: true,
      description: 'For operators.',
      authScopes: { operator: true },
      unauthorizedResolver: () => null,
      resolve: (_, _args, context) => context.health(),
    }),
  }),
});

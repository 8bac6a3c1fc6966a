// Query: where every read begins. What the caller may not see is null, like what does not exist.
import { keyspaceAnywhere, sortedEntries } from './access.ts';
import { ApiKey } from './api-key.ts';
import { AS_OF, asOfCosts, pastTime } from './as-of.ts';
import { AT_LEAST, reachAtLeast } from './at-least.ts';
import { builder } from './builder.ts';
import { COUNTS } from './field-cost.ts';
import { decodeGlobalId, decodeKeyId } from './global-ids.ts';
import { badInput } from './graphql-errors.ts';
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
    viewer: t.field({
      type: Viewer,
      description: 'Who asks, and where they have which role.',
      resolve: (_, _args, { caller }) => caller,
    }),
    node: t.node({
      description:
        'Any key, workspace or keyspace by its global id; null for what this caller may not see, as for what does not exist.',
      args: {
        id: t.arg.id({ required: true, description: 'A global id, as `id` fields answer it.' }),
        atLeast: t.arg(AT_LEAST),
      },
      id: async (_, { id, atLeast }, context) => {
        await reachAtLeast(context, atLeast);
        return nodeId(id);
      },
    }),
    nodes: t.nodeList({
      description: 'The same for several, in their order.',
      args: { ids: t.arg.idList({ required: true, description: 'At most 100.' }) },
      ids: (_, { ids }) => {
        if (ids.length > MAX_PAGE) throw badInput({ path: ['ids'], message: `must have at most ${MAX_PAGE} entries` });
        return ids.map(nodeId);
      },
    }),
    workspace: t.field({
      type: Workspace,
      nullable: true,
      description: 'Null unless the caller has a role in it.',
      args: { id: t.arg.string({ required: true, description: 'As the caller’s token names it.' }) },
      resolve: (_, { id }, { caller }) => (caller.workspaces.has(id) ? { workspaceId: id } : null),
    }),
    key: t.field({
      type: ApiKey,
      nullable: true,
      description: 'One key; null for what this caller may not see.',
      extensions: asOfCosts(100),
      args: {
        id: t.arg.id({ required: true, description: 'A global id, as `id` fields answer it.' }),
        asOf: t.arg(AS_OF),
        atLeast: t.arg(AT_LEAST),
      },
      resolve: async (_, { id, asOf, atLeast }, context) => {
        const time = pastTime(context, 'asOf', asOf);
        await reachAtLeast(context, atLeast);
        const keyId = decodeKeyId(id);
        return keyId === null ? null : keyRef(context.caller.workspaces.keys(), keyId, time);
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
      description: 'How projections and verifiers stand; null for all but operators.',
      extensions: COUNTS,
      authScopes: { operator: true },
      unauthorizedResolver: () => null,
      resolve: (_, _args, context) => context.health(),
    }),
  }),
});

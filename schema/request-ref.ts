// What keys and workspaces need to know of requests: the type, and its connection. Its fields refer back to keys.
import type { RequestRow } from '../projections/usage.ts';
import { builder } from './builder.ts';
import { COUNTS } from './field-cost.ts';
import { UNCACHED } from './loaders.ts';
import { noteNode } from './read-notes.ts';
import { seesRequest } from './request-list.ts';

export const Request = builder.loadableNodeRef('Request', {
  id: { resolve: ({ id }: RequestRow) => id },
  load: async (ids: string[], context) => {
    const [found, keyspaces] = await Promise.all([
      context.usage.requests(ids, context.now),
      context.read((view) => view.keyspaces()),
    ]);
    return ids.map((id) => {
      const row = found.get(id);
      if (!row || !seesRequest(context.caller, keyspaces, row)) return null;
      noteNode(context, row);
      return row;
    }) as RequestRow[];
  },
  loaderOptions: UNCACHED,
});

export const RequestConnection = builder.connectionObject(
  {
    type: Request,
    name: 'RequestConnection',
    fields: (t) => ({
      totalCount: t.int({
        description: 'Of the whole list, whatever the page.',
        extensions: COUNTS,
        resolve: async ({ totalCount }) => (await totalCount()) ?? 0,
      }),
    }),
  },
  { name: 'RequestEdge' },
);

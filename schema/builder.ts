// The schema builder: which plugins there are, what the scalars and the context look like, and that nothing is nullable
// unless a type says so.
import SchemaBuilder from '@pothos/core';
import DataloaderPlugin from '@pothos/plugin-dataloader';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type { Position } from '../events/position.ts';
import type { Context } from './context.ts';
import { decodeGlobalId, encodeGlobalId } from './global-ids.ts';

export interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Scalars: {
    /** An opaque token outside. */
    Position: { Input: Position; Output: Position };
    /** RFC 3339, UTC, milliseconds; inputs are brought to that form. */
    DateTime: { Input: string; Output: string };
    JSON: { Input: unknown; Output: unknown };
  };
  /** Only asked for when it is selected; `null` where a list is filtered for the caller and counting would tell how much is hidden. */
  Connection: { totalCount: () => Promise<number | null> };
  AuthScopes: { operator: boolean };
}

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ScopeAuthPlugin, RelayPlugin, DataloaderPlugin],
  defaultFieldNullability: false,
  scopeAuth: { authScopes: ({ caller }) => ({ operator: caller.operator }) },
  relay: {
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodesOnConnection: true,
    cursorType: 'String',
    firstArgOptions: { description: 'So many from the beginning, or behind `after`: 1–100. Either this or `last`.' },
    lastArgOptions: { description: 'So many from the end, or in front of `before`: 1–100. Either this or `first`.' },
    afterArgOptions: { description: 'A cursor of this list in this order: what follows it.' },
    beforeArgOptions: { description: 'A cursor of this list in this order: what is in front of it.' },
    edgesFieldOptions: { nullable: { list: false, items: false } },
    nodeFieldOptions: { nullable: false },
    encodeGlobalID: (typename, id) => encodeGlobalId(typename, String(id)),
    decodeGlobalID: (id) => decodeGlobalId(id) ?? { typename: '', id: '' },
  },
});

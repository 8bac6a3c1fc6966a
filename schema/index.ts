// The schema. What a request needs besides it is a {@link Context}: loaders are made per context, by the fields themselves.
import './scalars.ts';
import './query.ts';
import './key-mutations.ts';
import './forget-owner.ts';
import './keyspace-mutations.ts';
import './edited-profile.ts';
import './operator-mutations.ts';
import './subscription.ts';
import { isObjectType, type GraphQLSchema } from 'graphql';
import type { VisibleKey } from './access.ts';
import { builder } from './builder.ts';
import { encodeGlobalId } from './global-ids.ts';
import { tellOutcomes } from './mutation-outcomes.ts';
import { noteReads } from './read-notes.ts';

/** The executable schema; its context value is a `Context` (schema/context.ts), a new one for each request. */
export const schema: GraphQLSchema = builder.toSchema();
tellOutcomes(schema);
noteReads(schema);

// The plugin answers ids by promises, and with them everything around an id: a list of keys would be hundreds of them.
const key = schema.getType('ApiKey');
const id = isObjectType(key) ? key.getFields().id : undefined;
if (id) id.resolve = ({ row }: VisibleKey) => encodeGlobalId('ApiKey', row.state.keyId);

// The schema. What a request needs besides it is a {@link Context}: loaders are made per context, by the fields themselves.
import './scalars.ts';
import './query.ts';
import './key-mutations.ts';
import './operator-mutations.ts';
import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';

/** The executable schema; its context value is a `Context` (schema/context.ts), a new one for each request. */
export const schema: GraphQLSchema = builder.toSchema();

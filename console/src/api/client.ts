// The GraphQL clients: POST with the header that no foreign page can send, subscriptions over server-sent events. One has
// a cache of entities, so that what an answer says of a key is seen wherever the key is shown; the other has none.
import { cacheExchange, type UpdateResolver } from '@urql/exchange-graphcache';
import { Client, fetchExchange, mapExchange, type Exchange, type OperationResult } from 'urql';
import { embedded, possibleTypes } from './generated/types.json';
import type { Reach } from './reach.ts';
import { retryWhenBack } from './retry-when-back.ts';

/** Parts of what they stand in: an `id` of theirs, such as a column's, means nothing outside of it. */
const keys = Object.fromEntries(embedded.map((type) => [type, () => null]));

const NOT_AS_SHOWN: ReadonlySet<unknown> = new Set(['NOT_FOUND', 'INVALID_STATE']);

/** A key that turns out to be other than it is shown is read again wherever it is shown. */
const reread: UpdateResolver<Record<string, { code?: string }>, { input: { id: string } }> = (
  parent,
  { input },
  cache,
  { fieldName },
) => {
  if (NOT_AS_SHOWN.has(parent[fieldName]?.code)) cache.invalidate({ __typename: 'ApiKey', id: input.id });
};
const Mutation = { disableKey: reread, enableKey: reread, revokeKey: reread, deleteKey: reread };

/**
 * What comes with an error is no data: a null in it may say that there is nothing, or that it could not be read, and neither
 * a page nor the cache could tell them apart. What a mutation has done is told all the same.
 */
export const withoutHoles = (result: OperationResult): OperationResult =>
  result.error && result.operation.kind === 'query' ? { ...result, data: undefined } : result;

export interface Clients {
  readonly cached: Client;
  /** For what a key was (`asOf`, access reviews): it has the id of what the key is, and must not take its place. */
  readonly uncached: Client;
  /** What both send by. */
  readonly fetch: typeof fetch;
}

export interface ClientOptions {
  /** Waits for the person to sign in again where the session is over. */
  readonly fetch: typeof fetch;
  readonly reach: Reach;
}

export function createClients({ fetch, reach }: ClientOptions): Clients {
  const make = (...exchanges: Exchange[]): Client => {
    const client: Client = new Client({
      url: '/graphql',
      preferGetMethod: false,
      fetchSubscriptions: true,
      fetch,
      fetchOptions: { credentials: 'same-origin', headers: { 'X-Keyfold-CSRF': '1' } },
      exchanges: [
        retryWhenBack({ reach, client: () => client }),
        ...exchanges,
        mapExchange({ onResult: withoutHoles }),
        fetchExchange,
      ],
    });
    return client;
  };
  return { cached: make(cacheExchange({ possibleTypes, keys, updates: { Mutation } })), uncached: make(), fetch };
}

// Questions that failed because the server was away, and that somebody still waits for, are asked again once it is back.
import { makeOperation, mapExchange, type Client, type Exchange, type Operation } from 'urql';
import type { Reach } from './reach.ts';

export interface RetryOptions {
  readonly reach: Reach;
  readonly client: () => Client;
}

export function retryWhenBack({ reach, client }: RetryOptions): Exchange {
  const failed = new Map<number, Operation>();
  reach.subscribe(() => {
    if (reach.away()) return;
    const again = [...failed.values()];
    failed.clear();
    for (const operation of again)
      client().reexecuteOperation(
        makeOperation('query', operation, { ...operation.context, requestPolicy: 'network-only' }),
      );
  });
  return mapExchange({
    onOperation({ kind, key }) {
      if (kind === 'teardown') failed.delete(key);
    },
    onResult({ operation, error }) {
      if (operation.kind === 'query' && error?.networkError) failed.set(operation.key, operation);
      else failed.delete(operation.key);
    },
  });
}

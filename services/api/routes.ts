// Routes of the API's port besides GraphQL.
import type { IncomingMessage, ServerResponse } from 'node:http';

/** `null`: the path is none of its own. */
export type Route = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  search: string,
) => Promise<void> | null;

/** The first that knows a path answers. */
export function firstOf(...routes: readonly Route[]): Route {
  return (...asked) => {
    for (const route of routes) {
      const answering = route(...asked);
      if (answering !== null) return answering;
    }
    return null;
  };
}

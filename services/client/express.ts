// The guard for Express, 4 and 5: a middleware. What its options' functions throw goes to the error handlers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { VerifierClient } from './client.ts';
import { createGuard, type GuardOptions } from './guard.ts';
import { arrivedAt, respond } from './node-http.ts';

/** What is read of Express's request. */
export interface ExpressRequest extends IncomingMessage {
  readonly originalUrl: string;
}

/** @throws TypeError for options that cannot be meant. */
export function guardExpress<R extends ExpressRequest>(
  client: VerifierClient,
  options: GuardOptions<R> = {},
): (request: R, response: ServerResponse, next: (error?: unknown) => void) => void {
  const guard = createGuard(client, options);
  return (request, response, next) => {
    guard(request, arrivedAt(request, request.originalUrl)).then(
      (refused) => (refused === null ? next() : respond(response, refused)),
      (error: unknown) => next(error),
    );
  };
}

// The guard for node:http: a listener that calls the handler only for requests that may pass.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { VerifierClient } from './client.ts';
import { createGuard, type Arrived, type GuardOptions } from './guard.ts';
import type { SentAnswer } from './refusal.ts';

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface HttpGuardOptions extends GuardOptions<IncomingMessage> {
  /** Told what the functions of these options have thrown, after the answer 500; a warning of the process unless given. */
  readonly onError?: ((error: Error) => void) | undefined;
}

export function arrivedAt(request: IncomingMessage, url: string | undefined): Arrived {
  const { rawHeaders, method, socket } = request;
  return { rawHeaders, method, url, address: socket.remoteAddress };
}

export function respond(response: ServerResponse, { status, headers, text }: SentAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
}

const FAILED: SentAnswer = {
  status: 500,
  headers: { 'cache-control': 'no-store', 'content-type': 'application/json' },
  text: JSON.stringify({ code: 'INTERNAL', message: 'this failed unexpectedly' }),
};

/**
 * A listener for `createServer`.
 *
 * @param handler called for requests that may pass; {@link keyOf} tells it whose key it was.
 * @throws TypeError for options that cannot be meant.
 */
export function guardHttp(
  client: VerifierClient,
  options: HttpGuardOptions,
  handler: HttpHandler,
): (request: IncomingMessage, response: ServerResponse) => void {
  const guard = createGuard(client, options);
  const { onError = (error: Error) => process.emitWarning(error) } = options;
  return (request, response) => {
    guard(request, arrivedAt(request, request.url)).then(
      (refused) => (refused === null ? handler(request, response) : respond(response, refused)),
      (error: unknown) => {
        respond(response, FAILED);
        onError(error as Error);
      },
    );
  };
}

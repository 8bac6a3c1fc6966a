// The guard for Fastify: a hook, best as `onRequest`, before the body is read. What its options' functions throw goes to
// the error handler.
import type { IncomingMessage } from 'node:http';
import type { VerifierClient } from './client.ts';
import { createGuard, type GuardOptions } from './guard.ts';
import { arrivedAt } from './node-http.ts';

/** What is read of Fastify's request. */
export interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly originalUrl: string;
}

/** What is used of Fastify's reply. */
export interface FastifyReply {
  code(status: number): unknown;
  headers(values: Readonly<Record<string, string>>): unknown;
  send(text: string): unknown;
}

/** @throws TypeError for options that cannot be meant. */
export function guardFastify<R extends FastifyRequest>(
  client: VerifierClient,
  options: GuardOptions<R> = {},
): (request: R, reply: FastifyReply) => Promise<unknown> {
  const guard = createGuard(client, options);
  return async (request, reply) => {
    const refused = await guard(request, arrivedAt(request.raw, request.originalUrl));
    if (refused === null) return undefined;
    reply.code(refused.status);
    reply.headers(refused.headers);
    reply.send(refused.text);
    return reply;
  };
}

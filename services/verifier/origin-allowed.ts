// GET /v1/origin-allowed?keyspace=…&origin=…: for preflights, which never carry a key. Says whether any active public key of
// the keyspace works from the origin; the request that follows is checked against its own key.
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { problemOf, type Problem } from '../../events/problem.ts';
import type { Checker } from './checker.ts';
import { readHeaders } from './request-headers.ts';
import { verifyRequest } from './request.ts';
import { inputRefusal, refusal, REFUSALS, reply, type Reply } from './responses.ts';

export const ORIGIN_ALLOWED = '/v1/origin-allowed';

/** The query's members, each as in `POST /v1/verify`. */
export const originQuery = verifyRequest.pick({ keyspace: true, origin: true }).required();
type OriginQuery = z.infer<typeof originQuery>;
const MEMBERS = Object.keys(originQuery.shape);

export interface OriginAllowedOptions {
  readonly checker: Pick<Checker, 'allowsOrigin'>;
  readonly isCaller: (authorization: string | null) => boolean;
  readonly requestId: (given: string | null) => string;
  /** Seconds, of `STALE`. */
  readonly retryAfter: string;
}

/** Nothing of a query is quoted: a key may stand in it. */
function readQuery(text: string): { readonly query: OriginQuery } | { readonly problem: Problem } {
  const given = new URLSearchParams(text);
  const names = [...given.keys()];
  if (names.some((name) => !MEMBERS.includes(name)))
    return { problem: { path: ['query'], message: `must have no members but ${MEMBERS.join(', ')}` } };
  const twice = MEMBERS.find((name) => given.getAll(name).length > 1);
  if (twice !== undefined) return { problem: { path: [twice], message: 'must not be given twice' } };
  const read = originQuery.safeParse(Object.fromEntries(given));
  return read.success ? { query: read.data } : { problem: problemOf(read.error) };
}

/** @returns what replies to a request, by its URL's query. */
export function createOriginAllowed({ checker, isCaller, requestId: idFor, retryAfter }: OriginAllowedOptions) {
  return (request: IncomingMessage, query: string): Reply => {
    const headers = readHeaders(request.rawHeaders);
    const requestId = idFor(headers.requestId);
    if (request.method !== 'GET') return refusal(requestId, REFUSALS.notGet);
    if (!isCaller(headers.authorization)) return refusal(requestId, REFUSALS.unauthenticated);
    const read = readQuery(query);
    if ('problem' in read) return inputRefusal(requestId, read.problem);
    // L4: no await from here to the answer.
    const answer = checker.allowsOrigin(read.query.keyspace, read.query.origin);
    if (answer !== null) return reply(200, JSON.stringify({ ...answer, requestId }));
    const message = 'the verifier cannot prove that its view is fresh';
    return reply(503, JSON.stringify({ code: 'STALE', message, requestId }), ['retry-after', retryAfter]);
  };
}

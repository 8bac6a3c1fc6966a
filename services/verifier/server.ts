// The verifier's HTTP: checks, one or many, origins, forward-auth, health and metrics, on plain node:http. Every answer is JSON and
// is stored nowhere; nothing of a request that was refused is sent back.
import type { IncomingMessage } from 'node:http';
import type { AddressSource } from '../shared/client-address.ts';
import { createHealthHandler } from '../shared/health.ts';
import type { Handler } from '../shared/http-server.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import { createAnswering } from './answering.ts';
import { createCallerCheck } from './caller.ts';
import type { Checker } from './checker.ts';
import type { DetailsReader } from './details.ts';
import { createFail } from './failure.ts';
import { createForwardAuth } from './forward-auth.ts';
import { createGatewayWarning } from './gateway-warning.ts';
import { openApiJson } from './openapi.ts';
import type { Judge } from './judge.ts';
import { createOriginAllowed, ORIGIN_ALLOWED } from './origin-allowed.ts';
import { createOutcomeCounter } from './outcome-counter.ts';
import { createPost, type Take } from './post.ts';
import { readHeaders } from './request-headers.ts';
import { createPreflight } from './preflight.ts';
import { createRequestIds } from './request-id.ts';
import { inputRefusal, refusal, REFUSALS, reply, write, type Reply } from './responses.ts';
import { createTurns } from './turns.ts';
import { createTakeBatch, createTakeOne } from './verify-post.ts';

const OPENAPI = '/openapi.json';

export interface HandlerOptions {
  readonly checker: Omit<Checker, 'stop'>;
  readonly judge: Judge;
  readonly details: DetailsReader;
  /** VERIFIER_TOKEN; `null`: whoever reaches the port may ask. */
  readonly token: string | null;
  /** Of a gateway's client, behind TRUSTED_PROXIES. */
  readonly clientAddress: (request: AddressSource) => string | null;
  /** The log's: a position that names others can never be reached. */
  readonly partitions: number;
  /** How long a check, or all of a batch together, wait for `atLeast`. */
  readonly atLeastMs: number;
  readonly maxStalenessMs: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function createVerifierHandler(options: HandlerOptions): Handler {
  const { checker, judge, details, token, clientAddress, partitions, atLeastMs, maxStalenessMs, logger, metrics } =
    options;
  const health = createHealthHandler({ readiness: () => checker.readiness(), registry: metrics.registry });
  const isCaller = createCallerCheck(token);
  const nextId = createRequestIds();
  const outcomes = createOutcomeCounter({ metrics, checker });
  const retryAfter = String(Math.max(1, Math.ceil(maxStalenessMs / 6000)));
  const onUnknownGateway = createGatewayWarning(logger);
  const forwardAuth = createForwardAuth({
    ...{ checker, judge, token, clientAddress, outcomes, retryAfter, onUnknownGateway },
    requestId: nextId,
  });
  const answering = createAnswering({ checker, judge, details, partitions, outcomes });
  const turns = createTurns({
    fail: createFail(logger),
    onAnswered: ({ response, at }) =>
      metrics.verifySeconds.observe(response.statusCode, (performance.now() - at) / 1000),
  });
  const post = createPost({ isCaller, requestId: nextId, onArrived: (arrived) => turns.add(arrived) });
  const originAllowed = createOriginAllowed({ checker, isCaller, requestId: nextId, retryAfter });
  const preflight = createPreflight({ checker, token, requestId: nextId, retryAfter, onUnknownGateway });
  const takers = new Map<string, Take>([
    ['/v1/verify', createTakeOne({ answering, atLeastMs, retryAfter })],
    ['/v1/verify/batch', createTakeBatch({ answering, atLeastMs })],
  ]);

  /** Of what is neither a check nor asked of every process. */
  function others(request: IncomingMessage, path: string, query: string): Reply {
    if (path === ORIGIN_ALLOWED) return originAllowed(request, query);
    const preflown = preflight(request, path);
    if (preflown !== null) return preflown;
    const requestId = nextId(readHeaders(request.rawHeaders).requestId);
    if (path === OPENAPI)
      return request.method === 'GET' ? reply(200, openApiJson()) : refusal(requestId, REFUSALS.notGet);
    if (!takers.has(path)) return refusal(requestId, REFUSALS.notFound);
    if (request.method !== 'POST') return refusal(requestId, REFUSALS.method);
    // A key in a URL ends up in logs: nothing is read from there.
    return inputRefusal(requestId, { path: [], message: 'must hold everything: the URL takes no query' });
  }

  return (request, response) => {
    const url = request.url ?? '';
    const take = request.method === 'POST' ? takers.get(url) : undefined;
    if (take !== undefined) {
      post(request, response, take);
      return;
    }
    const forwarded = forwardAuth(request);
    if (forwarded !== null) {
      const { requestId, hasBody, judge } = forwarded;
      const arrived = { response, requestId, at: performance.now(), judge };
      if (hasBody) {
        // What was announced as a body might be the next request: a gateway may leave the body out and its length in.
        response.shouldKeepAlive = false;
        turns.answerAlone(arrived);
      } else turns.add(arrived);
      return;
    }
    const [path = ''] = url.split('?', 1);
    if (path === '/metrics') outcomes.flush();
    if (health(request, response, path)) return;
    write(response, others(request, path, url.slice(path.length + 1)));
  };
}

// The verifier's HTTP: POST /v1/verify, forward-auth, health and metrics, on plain node:http. Every answer is JSON and is
// stored nowhere; nothing of a request that was refused is sent back.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodePosition } from '../../events/position.ts';
import type { AddressSource } from '../shared/client-address.ts';
import { createHealthHandler } from '../shared/health.ts';
import type { Handler } from '../shared/http-server.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import { answerBody } from './answer.ts';
import { readBytes } from './body.ts';
import { createCallerCheck } from './caller.ts';
import type { Checker } from './checker.ts';
import type { Details, DetailsReader } from './details.ts';
import { createForwardAuth } from './forward-auth.ts';
import { createOutcomeCounter } from './outcome-counter.ts';
import { createRequestIds } from './request-id.ts';
import { readHeaders, type RequestHeaders } from './request-headers.ts';
import { readBody, type VerifyRequest } from './request.ts';
import { REFUSALS, refuse, refuseInput, send, sendAscii, type HttpRefusal } from './responses.ts';

const VERIFY = '/v1/verify';
const MAX_BODY_BYTES = 64 * 1024;
const MEDIA_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const isJson = (type: string | null): boolean =>
  type === 'application/json' || (type !== null && MEDIA_TYPE.test(type));

export interface HandlerOptions {
  readonly checker: Checker;
  readonly details: DetailsReader;
  /** VERIFIER_TOKEN; `null`: whoever reaches the port may ask. */
  readonly token: string | null;
  /** Of a gateway's client, behind TRUSTED_PROXIES. */
  readonly clientAddress: (request: AddressSource) => string | null;
  /** The log's: a position that names others can never be reached. */
  readonly partitions: number;
  /** How long a check waits for `atLeast`. */
  readonly atLeastMs: number;
  readonly maxStalenessMs: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function createVerifierHandler(options: HandlerOptions): Handler {
  const { checker, details, token, clientAddress, partitions, atLeastMs, maxStalenessMs, logger, metrics } = options;
  const health = createHealthHandler({ readiness: () => checker.readiness(), registry: metrics.registry });
  const isCaller = createCallerCheck(token);
  const nextId = createRequestIds();
  const outcomes = createOutcomeCounter(metrics);
  const retryAfter = String(Math.max(1, Math.ceil(maxStalenessMs / 6000)));
  const forwardAuth = createForwardAuth({ checker, token, clientAddress, requestId: nextId, outcomes, retryAfter });

  function verify(request: IncomingMessage, response: ServerResponse): void {
    const start = performance.now();
    const headers = readHeaders(request.rawHeaders);
    const ownId = nextId(headers.requestId);
    const refusal = refusalOf(headers);
    if (refusal !== null) {
      refuse(response, ownId, refusal);
      measure(response, start);
      return;
    }
    readBytes(request, MAX_BODY_BYTES, (body) => {
      let waiting: Promise<void> | null = null;
      try {
        waiting = take(body, response, ownId);
      } catch (error) {
        fail(response, ownId, error);
      }
      if (waiting === null) measure(response, start);
      else void waiting.then(() => measure(response, start));
    });
  }

  function measure({ statusCode }: ServerResponse, start: number): void {
    metrics.verifySeconds.observe(statusCode, (performance.now() - start) / 1000);
  }

  function refusalOf({ authorization, contentType, contentEncoding }: RequestHeaders): HttpRefusal | null {
    if (!isCaller(authorization)) return REFUSALS.unauthenticated;
    const isPlain = contentEncoding === null || contentEncoding.toLowerCase() === 'identity';
    return isPlain && isJson(contentType) ? null : REFUSALS.mediaType;
  }

  /** `null`: it has answered; else it will have. */
  function take(body: Buffer | null, response: ServerResponse, ownId: string): Promise<void> | null {
    if (body === null) {
      refuse(response, ownId, REFUSALS.tooLarge);
      return null;
    }
    const read = readBody(body);
    if (!read.ok) {
      refuseInput(response, ownId, read.problem.path, read.problem.message);
      return null;
    }
    const { request: asked } = read;
    const requestId = asked.request?.id ?? ownId;
    if (asked.atLeast !== undefined || asked.include !== undefined) {
      return answerLater(response, asked, requestId).catch((error: unknown) => fail(response, requestId, error));
    }
    answer(response, asked, requestId, null);
    return null;
  }

  async function answerLater(response: ServerResponse, asked: VerifyRequest, requestId: string): Promise<void> {
    if (asked.atLeast !== undefined && !(await isReached(asked.atLeast, response, requestId))) return;
    const found = asked.include === undefined ? null : await readDetails(asked);
    answer(response, asked, requestId, found);
  }

  /** Whether the position is reached; if not, it has answered. */
  async function isReached(atLeast: string, response: ServerResponse, requestId: string): Promise<boolean> {
    const position = decodePosition(atLeast) ?? {};
    if (Object.keys(position).some((partition) => Number(partition) >= partitions)) {
      refuseInput(response, requestId, ['atLeast'], 'must be a position of this log');
      return false;
    }
    const reached = await checker.whenReached(position, AbortSignal.timeout(atLeastMs));
    if (!reached) stale(response, requestId, 'the position was not reached in time');
    return reached;
  }

  async function readDetails(asked: VerifyRequest): Promise<Details | null> {
    const verdict = checker.check(asked)?.verdict;
    if (verdict === undefined || verdict.code === 'MALFORMED' || verdict.code === 'NOT_FOUND') return null;
    return details.read(verdict.record.keyId, verdict.record.version);
  }

  // L4: no await from here to the answer.
  function answer(response: ServerResponse, asked: VerifyRequest, requestId: string, found: Details | null): void {
    const checked = checker.check(asked);
    if (checked === null) {
      stale(response, requestId, 'the verifier cannot prove that its view is fresh');
      return;
    }
    const { verdict, asOf } = checked;
    outcomes.count(verdict.code);
    sendAscii(response, answerBody(verdict, { asOf, requestId, include: asked.include, details: found }));
  }

  function stale(response: ServerResponse, requestId: string, message: string): void {
    outcomes.count('STALE');
    const body = JSON.stringify({ valid: false, code: 'STALE', message, requestId });
    send(response, 503, body, ['retry-after', retryAfter]);
  }

  function fail(response: ServerResponse, requestId: string, error: unknown): void {
    logger.error({ err: error, requestId }, 'a check failed unexpectedly');
    if (response.headersSent) response.destroy();
    else refuse(response, requestId, REFUSALS.internal);
  }

  return (request, response) => {
    const url = request.url ?? '';
    if (url === VERIFY && request.method === 'POST') {
      verify(request, response);
      return;
    }
    const start = performance.now();
    if (forwardAuth(request, response)) {
      measure(response, start);
      return;
    }
    const [path = ''] = url.split('?', 1);
    if (path === '/metrics') outcomes.flush();
    if (health(request, response, path)) return;
    const requestId = nextId(readHeaders(request.rawHeaders).requestId);
    if (path !== VERIFY) refuse(response, requestId, REFUSALS.notFound);
    else if (request.method !== 'POST') refuse(response, requestId, REFUSALS.method);
    // A key in a URL ends up in logs: nothing is read from there.
    else refuseInput(response, requestId, [], 'must hold everything: the URL takes no query');
  };
}

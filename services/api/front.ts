// The API's HTTP front, plain node:http: who asks, in which form, under which limits. What passes goes to the engine.
// A mutation runs only from a POST of application/json; nothing that was sent is repeated in a refusal.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OperationTypeNode, type GraphQLSchema } from 'graphql';
import type { Caller, Context } from '../../schema/context.ts';
import type { CheckedDocument } from '../../schema/limits.ts';
import type { AddressSource } from '../shared/client-address.ts';
import { onlyHeader } from '../shared/headers.ts';
import { createHealthHandler, type Readiness } from '../shared/health.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../shared/http-server.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import { requestId } from '../shared/request-id.ts';
import { refusalOf, refuse, REFUSALS, sendJson, type FrontRefusal } from './answers.ts';
import { createCors } from './cors.ts';
import { sendGraphiqlPage } from './graphiql-page.ts';
import type { Following } from './following.ts';
import { createGraphqlEngine, type GraphqlAnswer, type GraphqlEngineOptions } from './graphql-engine.ts';
import { paramsOfBody, paramsOfQuery, type GraphqlParams, type ParsedParams } from './graphql-params.ts';
import type { IdentityService } from './identity.ts';
import { answerType, isJsonBody, JSON_TYPE, takesStream, wantsPage, type AnswerType } from './media-types.ts';
import type { OperationsHttp } from './operations-http.ts';
import { createRecheck } from './recheck.ts';
import { isCsrfSafe } from './same-origin.ts';
import { readBody } from './request-body.ts';
import { isStream, sendAsStream } from './sse.ts';
import { createSubscriptions, type SubscriptionsOptions } from './subscriptions.ts';

export interface ApiServerOptions {
  readonly schema: GraphQLSchema;
  /** Parses and validates a document under the schema's limits. */
  readonly check: (query: string) => CheckedDocument;
  readonly contextFor: (caller: Caller, requestId: string) => Context;
  readonly identity: IdentityService;
  readonly clientAddress: (request: AddressSource) => string | null;
  /** Operators' own; absent: none. */
  readonly operations?: OperationsHttp;
  readonly following: Following;
  readonly readiness: () => Readiness | Promise<Readiness>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** CONSOLE_ORIGINS */
  readonly origins: readonly string[];
  /** A page to try queries on; embedded only. */
  readonly graphiql: boolean;
  readonly host: string;
  readonly port: number;
  readonly operationLimits?: GraphqlEngineOptions['limits'];
  readonly subscriptionLimits?: SubscriptionsOptions['limits'];
  readonly httpLimits?: HttpServerOptions['limits'];
}

/** Bytes of a request's body. */
export const MAX_BODY = 256 * 1024;
/** Of a refusal, where the caller takes event streams and nothing else. */
const PLAIN_JSON: AnswerType = { type: JSON_TYPE, legacy: false };
/** Statuses of refused requests that callers of application/json are told, too: they speak of HTTP. */
const KEPT: ReadonlySet<number> = new Set([REFUSALS.method.status, REFUSALS.notAcceptable.status]);

export function createApiServer(options: ApiServerOptions): HttpServer {
  const { schema, check, contextFor, identity, clientAddress, metrics, logger, origins, graphiql } = options;
  const { operations, following } = options;
  const health = createHealthHandler({ readiness: options.readiness, registry: metrics.registry });
  const cors = createCors(origins);
  const engine = createGraphqlEngine({
    schema,
    check,
    logger,
    ...(options.operationLimits ? { limits: options.operationLimits } : {}),
  });
  const subscriptions = createSubscriptions({
    ...{ engine, contextFor, following, metrics, logger },
    ...(options.subscriptionLimits ? { limits: options.subscriptionLimits } : {}),
  });

  /** What is asked and by whom; or why not; or `null` when the caller has gone. */
  const admit = async (
    request: IncomingMessage,
    search: string,
    id: string,
  ): Promise<Admission | FrontRefusal | null> => {
    const query = new URLSearchParams(search);
    const ip = clientAddress(request);
    const userAgent = request.headers['user-agent'] ?? null;
    const call = { id, method: request.method, path: '/graphql', userAgent: userAgent ?? undefined };
    const authentication = await identity.authenticate(request.rawHeaders, query, ip, call);
    if (!authentication.ok) return refusalOf(authentication);
    const caller = { ...authentication.identity, ip, userAgent };
    const recheck = createRecheck(caller, () => identity.authenticate(request.rawHeaders, query, ip));
    if (request.method === 'GET') return admission(caller, recheck, paramsOfQuery(query));
    const body = await readBody(request, MAX_BODY);
    if (body.ok) return admission(caller, recheck, paramsOfBody(body.bytes));
    return body.reason === 'TOO_LARGE' ? REFUSALS.tooLarge : null;
  };

  const graphql = async (request: IncomingMessage, response: ServerResponse, search: string): Promise<void> => {
    const { method, headers, rawHeaders } = request;
    if (method === 'OPTIONS') {
      response.writeHead(204, { allow: 'GET, POST, OPTIONS' }).end();
      return;
    }
    if (graphiql && method === 'GET' && search === '' && wantsPage(headers.accept)) {
      sendGraphiqlPage(response);
      return;
    }
    const id = requestId(rawHeaders);
    response.setHeader('x-request-id', id);
    const streams = takesStream(headers.accept);
    const malformed = formRefusal(request, streams === 'first');
    const answer = answerType(headers.accept) ?? (streams === 'no' ? null : PLAIN_JSON);
    if (malformed !== null || answer === null) {
      refuse(response, malformed ?? REFUSALS.notAcceptable);
      return;
    }
    const admitted = await admit(request, search, id);
    if (admitted === null) return;
    if ('status' in admitted) {
      refuse(response, admitted);
      return;
    }
    const { caller, params, recheck } = admitted;
    const send = ({ status, result }: GraphqlAnswer): void => {
      const tolerated = answer.legacy && status >= 400 && status < 500 && !KEPT.has(status);
      sendJson(response, tolerated ? 200 : status, answer.type, result);
    };
    if (streams !== 'no' && engine.kindOf(params) === OperationTypeNode.SUBSCRIPTION) {
      if (isCsrfSafe(rawHeaders)) {
        const lastEventId = onlyHeader(rawHeaders, 'last-event-id');
        await subscriptions.serve({ response, params, caller, requestId: id, lastEventId, recheck }, send);
      } else refuse(response, REFUSALS.csrf);
      return;
    }
    const done = await engine.run({ params, readOnly: method === 'GET', context: contextFor(caller, id) });
    if (streams === 'first' && done.result.data !== undefined) sendAsStream(response, done.result);
    else send(done);
  };

  const server = createHttpServer({
    host: options.host,
    port: options.port,
    portSetting: 'API_PORT',
    logger,
    ...(options.httpLimits ? { limits: options.httpLimits } : {}),
    handler(request, response) {
      const { url = '/' } = request;
      const at = url.indexOf('?');
      const path = at < 0 ? url : url.slice(0, at);
      if (health(request, response, path)) return;
      response.setHeader('cache-control', 'no-store');
      response.setHeader('x-content-type-options', 'nosniff');
      const operating = operations?.(request, response, path, at < 0 ? '' : url.slice(at + 1)) ?? null;
      if (operating !== null) return operating;
      if (path !== '/graphql') {
        refuse(response, REFUSALS.notFound);
        return;
      }
      cors(request, response);
      const stopClock = metrics.httpSeconds.startTimer({ route: 'graphql' });
      response.once('close', () => {
        if (!isStream(response)) stopClock({ status: response.statusCode });
      });
      return graphql(request, response, at < 0 ? '' : url.slice(at + 1));
    },
  });
  return {
    ...server,
    stop(deadlineMs) {
      subscriptions.stop(); // else they would last as long as the deadline
      return server.stop(deadlineMs);
    },
  };
}

interface Admission {
  readonly caller: Caller;
  readonly params: GraphqlParams;
  readonly recheck: () => Promise<Caller>;
}

function admission(caller: Caller, recheck: Admission['recheck'], parsed: ParsedParams): Admission | FrontRefusal {
  if (parsed.ok) return { caller, recheck, params: parsed.params };
  return { status: 400, code: 'BAD_USER_INPUT', message: parsed.message };
}

/** What is wrong with a request's form, before anything of it is read. */
function formRefusal({ method, rawHeaders }: IncomingMessage, asStream: boolean): FrontRefusal | null {
  if (method !== 'POST' && method !== 'GET') return REFUSALS.method;
  if (method === 'POST' && !isJsonBody(rawHeaders)) return REFUSALS.mediaType;
  return (method === 'POST' && !asStream) || isCsrfSafe(rawHeaders) ? null : REFUSALS.csrf;
}

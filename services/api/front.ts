// The API's HTTP front, plain node:http: who asks, in which form, under which limits. What passes goes to the engine.
// A mutation runs only from a POST of application/json; nothing that was sent is repeated in a refusal.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLSchema } from 'graphql';
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
import { createGraphqlEngine, type GraphqlEngineOptions } from './graphql-engine.ts';
import { paramsOfBody, paramsOfQuery, type GraphqlParams, type ParsedParams } from './graphql-params.ts';
import type { IdentityService } from './identity.ts';
import { answerType, isJsonBody, wantsPage } from './media-types.ts';
import type { OperationsHttp } from './operations-http.ts';
import { readBody } from './request-body.ts';

export interface ApiServerOptions {
  readonly schema: GraphQLSchema;
  /** Parses and validates a document under the schema's limits. */
  readonly check: (query: string) => CheckedDocument;
  readonly contextFor: (caller: Caller, requestId: string) => Context;
  readonly identity: IdentityService;
  readonly clientAddress: (request: AddressSource) => string | null;
  /** Operators' own; absent: none. */
  readonly operations?: OperationsHttp;
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
  readonly httpLimits?: HttpServerOptions['limits'];
}

/** Bytes of a request's body. */
export const MAX_BODY = 256 * 1024;
const CSRF_HEADER = 'x-keyfold-csrf';

export function createApiServer(options: ApiServerOptions): HttpServer {
  const { schema, check, contextFor, identity, clientAddress, metrics, logger, origins, graphiql } = options;
  const { operations } = options;
  const health = createHealthHandler({ readiness: options.readiness, registry: metrics.registry });
  const cors = createCors(origins);
  const run = createGraphqlEngine({
    schema,
    check,
    logger,
    ...(options.operationLimits ? { limits: options.operationLimits } : {}),
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
    if (request.method === 'GET') return admission(caller, paramsOfQuery(query));
    const body = await readBody(request, MAX_BODY);
    if (body.ok) return admission(caller, paramsOfBody(body.bytes));
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
    const malformed = formRefusal(request);
    const answer = answerType(headers.accept);
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
    const context = contextFor(admitted.caller, id);
    const { status, result } = await run({ params: admitted.params, readOnly: method === 'GET', context });
    const tolerated = answer.legacy && status >= 400 && status < 500 && status !== REFUSALS.method.status;
    sendJson(response, tolerated ? 200 : status, answer.type, result);
  };

  return createHttpServer({
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
      response.once('close', () => stopClock({ status: response.statusCode }));
      return graphql(request, response, at < 0 ? '' : url.slice(at + 1));
    },
  });
}

interface Admission {
  readonly caller: Caller;
  readonly params: GraphqlParams;
}

function admission(caller: Caller, parsed: ParsedParams): Admission | FrontRefusal {
  if (parsed.ok) return { caller, params: parsed.params };
  return { status: 400, code: 'BAD_USER_INPUT', message: parsed.message };
}

/** What is wrong with a request's form, before anything of it is read. */
function formRefusal({ method, rawHeaders }: IncomingMessage): FrontRefusal | null {
  if (method !== 'POST' && method !== 'GET') return REFUSALS.method;
  if (method === 'POST') return isJsonBody(rawHeaders) ? null : REFUSALS.mediaType;
  return onlyHeader(rawHeaders, CSRF_HEADER) === '1' ? null : REFUSALS.csrf;
}

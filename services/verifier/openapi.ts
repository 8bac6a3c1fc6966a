// GET /openapi.json: the verifier's HTTP as an OpenAPI 3.1 document, made from the schemas that requests are read by.
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { TOKEN_HEADER } from './forward-request.ts';
import { GATEWAYS } from './gateways.ts';
import * as answers from './openapi-answers.ts';
import { originQuery } from './origin-allowed.ts';
import { MAX_CHECKS, verifyRequest } from './request.ts';

type Response = Exclude<ZodOpenApiResponsesObject['200'], undefined>;
type Headers = Readonly<Record<string, string>>;

/** Of every answer. */
const NO_STORE: Headers = { 'Cache-Control': 'no-store' };
const RETRY_AFTER: Headers = { 'Retry-After': 'seconds' };
/** Of keys with a rate limit, where it was looked at. */
const RATE_LIMIT: Headers = {
  'RateLimit-Policy': 'of a key with a rate limit: its tokens (q) in any window of that length (w, seconds)',
  RateLimit:
    'of a key with a rate limit: tokens left (r), and seconds until there are more (t); of an address that has sent too many invalid keys: when a further one is told what it is',
};
const LIMIT_RETRY: Headers = { 'Retry-After': 'seconds, of `RATE_LIMITED`: until the same check passes' };

const headersOf = (headers: Headers) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' as const } }]),
  );

function json(description: string, schema: z.ZodType, headers: Headers = {}): Response {
  return {
    description,
    headers: headersOf({ ...NO_STORE, ...headers }),
    content: { 'application/json': { schema } },
  };
}

const unauthenticated = json('`UNAUTHENTICATED`: without the token, where one is set.', answers.refusal, {
  'WWW-Authenticate': 'Bearer',
});
const badInput = json('`INVALID_INPUT`: what is wrong, and where.', answers.inputRefusal);
const internal = json('`INTERNAL`: it failed unexpectedly.', answers.refusal);

const notAllowed = (allow: string) => json('`METHOD_NOT_ALLOWED`.', answers.refusal, { Allow: allow });

/** Of a POST of JSON. */
const POST = {
  '400': badInput,
  '401': unauthenticated,
  '405': notAllowed('POST'),
  '413': json('`PAYLOAD_TOO_LARGE`: more than 64 KiB.', answers.refusal),
  '415': json('`UNSUPPORTED_MEDIA_TYPE`: not JSON in UTF-8, or compressed.', answers.refusal),
  '500': internal,
};

const requestIdHeader = z.object({
  'X-Request-Id': z.string().optional().meta({ description: 'becomes the id of the check, if it is a plain one' }),
});
/** An installation without VERIFIER_TOKEN asks for none. */
const TOKEN = [{ verifierToken: [] }, {}];
const FORWARD_TOKEN = [{ forwardAuthToken: [] }, {}];

const check = verifyRequest.meta({ id: 'Check' });
const checks = z.array(check).min(1).max(MAX_CHECKS);

const verify: ZodOpenApiOperationObject = {
  operationId: 'verify',
  summary: 'May this key do this, now?',
  security: TOKEN,
  requestParams: { header: requestIdHeader },
  requestBody: { required: true, content: { 'application/json': { schema: check } } },
  responses: {
    '200': json('The verdict, whatever it is.', answers.verifyAnswer, { ...RATE_LIMIT, ...LIMIT_RETRY }),
    ...POST,
    '503': json('`STALE`: ask again.', answers.staleAnswer, RETRY_AFTER),
  },
};

const verifyBatch: ZodOpenApiOperationObject = {
  operationId: 'verifyBatch',
  summary: 'Up to 100 checks at once',
  description:
    'One that is malformed refuses all; a `STALE` one is so among the answers. All together wait for `atLeast` for 5 s.',
  security: TOKEN,
  requestParams: { header: requestIdHeader },
  requestBody: { required: true, content: { 'application/json': { schema: checks } } },
  responses: { '200': json('The answers, in the order of the checks.', answers.batchAnswer), ...POST },
};

const originAllowed: ZodOpenApiOperationObject = {
  operationId: 'originAllowed',
  summary: 'Does any active public key of a keyspace work from this origin?',
  description: 'For preflights, which never carry a key. The request that follows is checked against its own key.',
  security: TOKEN,
  requestParams: { header: requestIdHeader, query: originQuery },
  responses: {
    '200': json('Whether one does; of a keyspace that is not known none does.', answers.originAnswer),
    '400': badInput,
    '401': unauthenticated,
    '405': notAllowed('GET'),
    '500': internal,
    '503': json('`STALE`: ask again.', answers.refusal, RETRY_AFTER),
  },
};

const VARY: Headers = { Vary: 'what was asked' };

const preflight: ZodOpenApiOperationObject = {
  operationId: 'preflight',
  summary: "A browser's preflight, answered in a gateway's place",
  description: 'A gateway hands the preflight on as it is; the query is not read.',
  security: FORWARD_TOKEN,
  requestParams: {
    path: z.object({ keyspace: verifyRequest.shape.keyspace.unwrap() }),
    header: z.object({
      Origin: z.string(),
      'Access-Control-Request-Method': z.string(),
      'Access-Control-Request-Headers': z.string().optional(),
    }),
  },
  responses: {
    '204': {
      description: 'An active public key of the keyspace works from the origin.',
      headers: headersOf({
        ...{ ...NO_STORE, ...VARY, 'X-Request-Id': 'the id of the request' },
        ...{ 'Access-Control-Allow-Origin': 'the origin', 'Access-Control-Allow-Methods': 'the method' },
        ...{ 'Access-Control-Allow-Headers': 'the headers', 'Access-Control-Max-Age': 'seconds' },
      }),
    },
    '400': badInput,
    '403': json('`ORIGIN_NOT_ALLOWED`: none does.', answers.refusal, VARY),
    '503': json('`STALE`: ask again. `UNAVAILABLE`: without the token, where one is set.', answers.refusal, {
      ...RETRY_AFTER,
      ...VARY,
    }),
  },
};

const IDENTITY: Headers = {
  'X-Keyfold-Key-Id': 'the key',
  'X-Keyfold-Workspace': 'its workspace',
  'X-Keyfold-Scopes': 'its scopes, separated by spaces; empty for an unrestricted key',
  'X-Keyfold-Owner': "its owner's id, percent-encoded",
  'X-Keyfold-Environment': 'its environment',
  'X-Keyfold-Request-Id': 'the id of the check',
};
const TOLD: Headers = { 'X-Keyfold-Code': "the outcome's own name", 'X-Request-Id': 'the id of the check' };
/** Of a gateway that hands on no body: what its client is to be told. */
const BESIDES: Headers = { 'X-Keyfold-Status': 'nginx: the status', 'X-Keyfold-Body': 'nginx: the body, in ASCII' };
/** A keyspace's error map may have a body of its own. */
const mapped = z
  .union([answers.refusal, z.looseObject({})])
  .meta({ description: 'code, message and requestId, or what the keyspace says' });

const { keyspace, permission, environment, scopes, flags } = verifyRequest.shape;
const forwardQuery = z.object({
  keyspace: keyspace.unwrap(),
  permission,
  environment,
  scope: scopes.meta({ description: 'repeated: all are needed' }),
  flag: flags.meta({ description: 'repeated: all are needed' }),
  resource: z.string().optional().meta({ description: 'type:id' }),
});
const gateway = z.enum(Object.keys(GATEWAYS) as [string, ...string[]]);

const forwardAuth = (method: string): ZodOpenApiOperationObject => ({
  operationId: `forwardAuth${method}`,
  summary: 'May a gateway let this request pass?',
  description:
    'The key is read from the headers that the keyspace names, the original method, path and client from those of that ' +
    'gateway only. The body is not read. A keyspace may map a refusal to another status and body; nginx is given 403 for ' +
    'what it cannot pass on. Behind Envoy the query ends in `path=`, and the path of the client follows.',
  security: FORWARD_TOKEN,
  requestParams: { path: z.object({ gateway }), query: forwardQuery, header: requestIdHeader },
  responses: {
    '200': json('It may.', answers.passed, { ...IDENTITY, ...RATE_LIMIT }),
    '400': json('`INVALID_INPUT`: the query, or a path that servers may read differently.', answers.inputRefusal, TOLD),
    '401': json('It may not.', mapped, {
      ...{ ...TOLD, ...BESIDES, 'WWW-Authenticate': 'how to send a key' },
    }),
    '403': json('It may not.', mapped, {
      ...{ ...TOLD, ...BESIDES, ...RATE_LIMIT },
      'Retry-After':
        'seconds, of `RATE_LIMITED`, `STALE` and `UNAVAILABLE` where the gateway passes neither 429 nor 503 on',
    }),
    '429': json('`RATE_LIMITED`; nginx is given 403.', mapped, { ...TOLD, ...RATE_LIMIT, ...LIMIT_RETRY }),
    '503': json(
      '`STALE`: ask again. `UNAVAILABLE`: without the token, where one is set. nginx is given 403.',
      answers.refusal,
      { ...TOLD, ...RETRY_AFTER },
    ),
    default: json("It may not: a status of the keyspace's error map.", mapped, {
      ...{ ...TOLD, ...RATE_LIMIT, ...LIMIT_RETRY },
    }),
  },
});

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;
const capital = (method: string): string => method.slice(0, 1).toUpperCase() + method.slice(1);

const open = (
  operationId: string,
  summary: string,
  responses: ZodOpenApiResponsesObject,
): ZodOpenApiOperationObject => ({
  operationId,
  summary,
  security: [],
  responses: { '405': { description: 'Not a GET or HEAD.', headers: headersOf({ Allow: 'GET, HEAD' }) }, ...responses },
});

/** The document, as a value of JSON. */
export const openApiDocument = (): object =>
  createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Keyfold verifier',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: {
      '/v1/verify': { post: verify },
      '/v1/verify/batch': { post: verifyBatch },
      '/v1/origin-allowed': { get: originAllowed },
      '/v1/origin-allowed/{keyspace}': { options: preflight },
      '/v1/forward-auth/{gateway}': Object.fromEntries(
        METHODS.map((method) => [method, forwardAuth(capital(method))] as const),
      ),
      '/healthz': { get: open('healthz', 'Does the process live?', { '200': json('It does.', answers.health) }) },
      '/readyz': {
        get: open('readyz', 'May it answer?', {
          '200': json('It may.', answers.readiness),
          '503': json('Not now, and why.', answers.readiness),
        }),
      },
      '/metrics': {
        get: open('metrics', 'Metrics for Prometheus', {
          '200': {
            description: 'The text format.',
            headers: headersOf(NO_STORE),
            content: { 'text/plain': { schema: { type: 'string' } } },
          },
        }),
      },
      '/openapi.json': {
        get: open('openapi', 'This document', {
          '200': json('OpenAPI 3.1.', z.record(z.string(), z.unknown())),
          '405': notAllowed('GET'),
        }),
      },
    },
    components: {
      securitySchemes: {
        verifierToken: { type: 'http', scheme: 'bearer', description: 'VERIFIER_TOKEN' },
        forwardAuthToken: { type: 'apiKey', in: 'header', name: TOKEN_HEADER, description: 'VERIFIER_TOKEN' },
      },
    },
  });

let text: string | null = null;

/** JSON, made when it is first asked for. */
export const openApiJson = (): string => (text ??= JSON.stringify(openApiDocument()));

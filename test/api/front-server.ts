// The HTTP front over a small schema, for tests: fields that answer, fail, wait and echo.
import { Readable } from 'node:stream';
import { buildSchema, GraphQLError, parse, specifiedRules, validate, type GraphQLSchema } from 'graphql';
import type { Caller, Context } from '../../schema/context.ts';
import type { CheckedDocument } from '../../schema/limits.ts';
import { badUserInput, positionTimeout } from '../../schema/graphql-errors.ts';
import { createApiServer, type ApiServerOptions } from '../../services/api/front.ts';
import type { Authentication } from '../../services/api/identity.ts';
import { createClientAddress } from '../../services/shared/client-address.ts';
import { READY } from '../../services/shared/health.ts';
import type { HttpServer } from '../../services/shared/http-server.ts';
import { createLogger } from '../../services/shared/logger.ts';
import { createMetrics } from '../../services/shared/metrics.ts';

const STORE_AWAY = Object.assign(new Error('canary-driver: connect ECONNREFUSED 10.1.2.3'), {
  code: 'STORE_UNAVAILABLE',
});

interface Thing {
  readonly count: number;
}

/** What the root fields do. Each call that runs a mutation is noted in `ran`. */
export function smallSchema(ran: string[]): GraphQLSchema {
  const schema = buildSchema(`
    type Query { hello(name: String, thing: Thing): String! nullable: String who: String! fails: String! away: String! late: String! slow: String! }
    type Mutation { change(text: String): String slowly: String! }
    input Thing { count: Int! tags: [String!] }
  `);
  const query = schema.getQueryType()?.getFields() ?? {};
  const mutation = schema.getMutationType()?.getFields() ?? {};
  const never = (): Promise<never> => new Promise(() => undefined);
  const resolvers: Record<
    string,
    (root: unknown, args: { name?: string; thing?: Thing; text?: string }, context: Context) => unknown
  > = {
    hello: (_, { name }) => `hello ${name ?? 'you'}`,
    nullable: () => null,
    who: (_, _args, { caller, requestId }) =>
      JSON.stringify({ actor: caller.actor.id, ip: caller.ip, userAgent: caller.userAgent, requestId }),
    fails: () => {
      throw new Error('canary-stack: something with a secret in it');
    },
    away: () => {
      throw STORE_AWAY;
    },
    late: () => {
      throw positionTimeout();
    },
    slow: never,
    change: (_, { text }) => {
      ran.push(text ?? '');
      return text ?? null;
    },
    slowly: never,
  };
  for (const [name, resolve] of Object.entries(resolvers)) {
    const field = query[name] ?? mutation[name];
    if (field) field.resolve = resolve as NonNullable<typeof field.resolve>;
  }
  return schema;
}

/** GraphQL's own rules, with its words kept in. */
export function checkWith(schema: GraphQLSchema): (query: string) => CheckedDocument {
  return (query) => {
    try {
      const document = parse(query);
      const errors = validate(schema, document, specifiedRules);
      return errors.length > 0
        ? { ok: false, errors: errors.map(() => badUserInput('Not valid.')) }
        : { ok: true, document };
    } catch (error) {
      if (error instanceof GraphQLError) return { ok: false, errors: [badUserInput('Not GraphQL.')] };
      throw error;
    }
  };
}

export const TOKEN = 'good-token';

export interface Front {
  readonly url: string;
  readonly port: number;
  readonly server: HttpServer;
  /** Texts of mutations that ran. */
  readonly ran: readonly string[];
  /** All log lines. */
  readonly log: () => string;
  /** POSTs a document signed in; more headers win. */
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export async function startFront(options: Partial<ApiServerOptions> = {}): Promise<Front> {
  const ran: string[] = [];
  const lines: string[] = [];
  const schema = options.schema ?? smallSchema(ran);
  const server = createApiServer({
    schema,
    check: checkWith(schema),
    contextFor: (caller: Caller, requestId: string) =>
      ({ caller, requestId, recordReads: () => Promise.resolve() }) as unknown as Context,
    identity: { authenticate: (rawHeaders) => Promise.resolve(authenticate(rawHeaders)) },
    clientAddress: createClientAddress([]),
    following: { follow: () => Readable.from([]), logEnd: () => Promise.resolve({}) },
    readiness: () => READY,
    metrics: createMetrics({ defaults: false }),
    logger: createLogger({ level: 'trace', destination: { write: (line: string) => void lines.push(line) } }),
    origins: ['https://console.example.com'],
    graphiql: false,
    host: '127.0.0.1',
    port: 0,
    ...options,
  });
  const { url, port } = await server.start();
  return {
    url,
    port,
    server,
    ran,
    log: () => lines.join(''),
    post: (body, headers = {}) =>
      fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      }),
  };
}

function authenticate(rawHeaders: readonly string[]): Authentication {
  const at = rawHeaders.findIndex((name) => name.toLowerCase() === 'authorization');
  const value = rawHeaders[at + 1];
  if (value === 'Bearer uncheckable') return { ok: false, code: 'UNAVAILABLE' };
  if (at < 0 || value !== `Bearer ${TOKEN}`) return { ok: false, code: 'UNAUTHENTICATED' };
  return {
    ok: true,
    identity: { actor: { kind: 'user', id: 'alice' }, workspaces: new Map(), operator: false, email: null },
  };
}

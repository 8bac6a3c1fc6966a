// GraphQL without HTTP: parameters in, result out. Documents are checked once and kept, operations have a time, and no
// error leaves unmasked.
import {
  createSourceEventStream,
  execute,
  getOperationAST,
  OperationTypeNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import type { Context } from '../../schema/context.ts';
import type { CheckedDocument } from '../../schema/limits.ts';
import { badUserInput, codeOf, maskError, publicError, STATUS_OF_CODE } from '../../schema/graphql-errors.ts';
import type { Logger } from '../shared/logger.ts';
import { createDocumentCache } from './document-cache.ts';
import type { GraphqlParams } from './graphql-params.ts';
import { variableErrors } from './variable-errors.ts';

export interface GraphqlEngineOptions {
  readonly schema: GraphQLSchema;
  /** Parses and validates a document under the limits of SECURITY.md. */
  readonly check: (query: string) => CheckedDocument;
  readonly logger: Logger;
  readonly limits?: Partial<typeof OPERATION_MS>;
}

export interface GraphqlRequest {
  readonly params: GraphqlParams;
  /** GET: only queries. */
  readonly readOnly: boolean;
  readonly context: Context;
}

/** `status`: of the HTTP answer, where the caller's media type allows it to be another than 200. */
export interface GraphqlAnswer {
  readonly status: number;
  readonly result: ExecutionResult;
}

/** Milliseconds. */
export const OPERATION_MS = { query: 10_000, mutation: 15_000 };

const METHOD_NOT_ALLOWED = 405;
const NOT_ACCEPTABLE = 406;
const AS_STREAM = 'A subscription is answered as an event stream: send "Accept: text/event-stream".';

/** A subscription that was taken: its events, and what each comes to. */
export interface OpenedSubscription {
  /** As the field hands them out. */
  readonly payloads: AsyncIterable<unknown>;
  /** Never rejects. @param context a new one for each: what loaders have read grows old. */
  readonly resultOf: (payload: unknown, context: Context) => Promise<ExecutionResult>;
}

export interface GraphqlEngine {
  /** What kind of operation is asked for; `null` where it will be refused. */
  kindOf(params: GraphqlParams): OperationTypeNode | null;
  /** Carries a query or a mutation out. Never rejects. */
  run(request: GraphqlRequest): Promise<GraphqlAnswer>;
  /** Takes a subscription, or says why not. Never rejects. */
  subscribe(request: Pick<GraphqlRequest, 'params' | 'context'>): Promise<GraphqlAnswer | OpenedSubscription>;
}

export function createGraphqlEngine({ schema, check, logger, limits }: GraphqlEngineOptions): GraphqlEngine {
  const times = { ...OPERATION_MS, ...limits };
  const checked = createDocumentCache(check);

  const refuserOf = ({ requestId }: Context) => {
    const mask = (error: unknown): GraphQLError =>
      maskError(error, requestId, (hidden) => {
        logger.error({ err: hidden, requestId }, 'an operation failed unexpectedly');
      });
    const refuse = (errors: readonly unknown[], status?: number): GraphqlAnswer =>
      answer({ errors: errors.map(mask) }, status);
    return { mask, refuse };
  };

  /** The operation of a document within the limits, or what is wrong with it. */
  function prepare({ query, operationName, variables }: GraphqlParams) {
    const checkedDocument = checked(query);
    if (!checkedDocument.ok) return { errors: checkedDocument.errors };
    const { document, exceededBy } = checkedDocument;
    const exceeded = exceededBy?.(variables ?? {}) ?? [];
    if (exceeded.length > 0) return { errors: exceeded };
    const operation = getOperationAST(document, operationName);
    if (!operation) return { errors: [badUserInput('"operationName" does not name one of the operations.')] };
    const args = { schema, document, operationName, variableValues: variables };
    return { operation, args };
  }

  async function run({ params, readOnly, context }: GraphqlRequest): Promise<GraphqlAnswer> {
    const { mask, refuse } = refuserOf(context);
    try {
      const prepared = prepare(params);
      if ('errors' in prepared) return refuse(prepared.errors);
      const { operation, args } = prepared;
      const kind = operation.operation;
      if (kind === OperationTypeNode.SUBSCRIPTION) return refuse([badUserInput(AS_STREAM)], NOT_ACCEPTABLE);
      if (readOnly && kind !== OperationTypeNode.QUERY)
        return refuse([badUserInput('Only queries may be sent by GET.')], METHOD_NOT_ALLOWED);
      const running = execute({ ...args, contextValue: context });
      const milliseconds = kind === OperationTypeNode.QUERY ? times.query : times.mutation;
      const result = running instanceof Promise ? await within(running, milliseconds) : running;
      if (result === null) return refuse([tooLong(kind)]);
      // What is read leaves only once it is on record who has read it. What was changed is told in any case: a secret that
      // was made is shown once.
      await context.recordReads().catch((error: unknown) => {
        if (kind === OperationTypeNode.QUERY) throw error;
        logger.error({ err: error, requestId: context.requestId }, 'what a mutation has read is not on record');
      });
      if (result.data === undefined)
        return refuse(variableErrors(schema, operation, params.variables) ?? result.errors ?? []);
      return answer(result.errors ? { ...result, errors: result.errors.map(mask) } : result);
    } catch (error) {
      return refuse([error]);
    }
  }

  async function subscribe({
    params,
    context,
  }: Pick<GraphqlRequest, 'params' | 'context'>): Promise<GraphqlAnswer | OpenedSubscription> {
    const { refuse } = refuserOf(context);
    try {
      const prepared = prepare(params);
      if ('errors' in prepared) return refuse(prepared.errors);
      const { operation, args } = prepared;
      const payloads = await createSourceEventStream({ ...args, contextValue: context });
      if (!(Symbol.asyncIterator in payloads))
        return refuse(variableErrors(schema, operation, params.variables) ?? payloads.errors ?? []);
      return {
        payloads,
        async resultOf(payload, eventContext) {
          const { mask } = refuserOf(eventContext);
          try {
            const result = await execute({ ...args, rootValue: payload, contextValue: eventContext });
            return result.errors ? { ...result, errors: result.errors.map(mask) } : result;
          } catch (error) {
            return { errors: [mask(error)] };
          }
        },
      };
    } catch (error) {
      return refuse([error]);
    }
  }

  return {
    kindOf(params) {
      const prepared = prepare(params);
      return 'errors' in prepared ? null : prepared.operation.operation;
    },
    run,
    subscribe,
  };
}

function answer(result: ExecutionResult, status?: number): GraphqlAnswer {
  const [first] = result.errors ?? [];
  const code = first && result.data == null ? codeOf(first) : null;
  return { status: status ?? (code === null ? 200 : STATUS_OF_CODE[code]), result };
}

function tooLong(operation: OperationTypeNode): GraphQLError {
  const advice =
    operation === OperationTypeNode.MUTATION
      ? 'its outcome is unknown: send it again with the same commandId'
      : 'ask for less';
  return publicError('UNAVAILABLE', `The operation took too long; ${advice}.`);
}

/** The promise's value, or `null` when the time is over first. */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}

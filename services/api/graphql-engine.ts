// GraphQL without HTTP: parameters in, result out. Documents are checked once and kept, operations have a time, and no
// error leaves unmasked.
import {
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

export function createGraphqlEngine({ schema, check, logger, limits }: GraphqlEngineOptions) {
  const times = { ...OPERATION_MS, ...limits };
  const checked = createDocumentCache(check);

  /** Carries one operation out. Never rejects. */
  return async ({ params, readOnly, context }: GraphqlRequest): Promise<GraphqlAnswer> => {
    const mask = (error: unknown): GraphQLError =>
      maskError(error, context.requestId, (hidden) => {
        logger.error({ err: hidden, requestId: context.requestId }, 'an operation failed unexpectedly');
      });
    const refuse = (errors: readonly unknown[], status?: number): GraphqlAnswer =>
      answer({ errors: errors.map(mask) }, status);
    try {
      const checkedDocument = checked(params.query);
      if (!checkedDocument.ok) return refuse(checkedDocument.errors);
      const { document, exceededBy } = checkedDocument;
      const exceeded = exceededBy?.(params.variables ?? {}) ?? [];
      if (exceeded.length > 0) return refuse(exceeded);
      const operation = getOperationAST(document, params.operationName);
      if (!operation) return refuse([badUserInput('"operationName" does not name one of the operations.')]);
      if (readOnly && operation.operation !== OperationTypeNode.QUERY) {
        return refuse([badUserInput('Only queries may be sent by GET.')], METHOD_NOT_ALLOWED);
      }
      const { operationName, variables } = params;
      const running = execute({ schema, document, operationName, variableValues: variables, contextValue: context });
      const milliseconds = operation.operation === OperationTypeNode.QUERY ? times.query : times.mutation;
      const result = running instanceof Promise ? await within(running, milliseconds) : running;
      if (result === null) return refuse([tooLong(operation.operation)]);
      if (result.data === undefined) return refuse(variableErrors(schema, operation, variables) ?? result.errors ?? []);
      return answer(result.errors ? { ...result, errors: result.errors.map(mask) } : result);
    } catch (error) {
      return refuse([error]);
    }
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

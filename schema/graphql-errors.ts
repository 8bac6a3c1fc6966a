// Errors at the top level of an answer: their codes, and the mask that lets nothing else out. What a mutation refuses is
// never one of these: that is a member of its union.
import { GraphQLError, type ASTNode } from 'graphql';
import type { Problem } from '../events/problem.ts';

/** Codes in `extensions.code`, each with the HTTP status of an answer that holds nothing else. */
export const STATUS_OF_CODE = {
  /** Malformed, invalid or over a limit; the message says what, and quotes no value. */
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  /** Somebody else is signed in to the console than the request says, or than a link signs in. */
  CONFLICT: 409,
  /** Of a calling key's rate limit, or of an address that sends too many invalid keys. */
  RATE_LIMITED: 429,
  /** Of one caller, or of the process: others must end first. */
  TOO_MANY_SUBSCRIPTIONS: 429,
  /** Of a subscription whose reader does not take what is sent: follow on from the position that is told. */
  SLOW_CONSUMER: 503,
  /** `atLeast` was not reached in time: ask again. */
  POSITION_TIMEOUT: 503,
  /** The log or the read store is away: ask again. */
  UNAVAILABLE: 503,
  /** A defect; the correlation id finds it in the log. */
  INTERNAL: 500,
} as const;
export type ErrorCode = keyof typeof STATUS_OF_CODE;

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(STATUS_OF_CODE, code);
}

/** An error that may be shown as it is. */
export function publicError(code: ErrorCode, message: string, node?: ASTNode | null): GraphQLError {
  return new GraphQLError(message, { nodes: node ?? null, extensions: { code } });
}

export function badUserInput(message: string, node?: ASTNode | null): GraphQLError {
  return publicError('BAD_USER_INPUT', message, node);
}

/** Bad input at one place: its path, which begins with an argument's or a variable's name, is told in `extensions` too. */
export function badInput({ path, message }: Problem, node?: ASTNode | null): GraphQLError {
  const extensions = { code: 'BAD_USER_INPUT' satisfies ErrorCode, path };
  return new GraphQLError(`${path.join('.')} ${message}.`, { nodes: node ?? null, extensions });
}

export function positionTimeout(): GraphQLError {
  return publicError('POSITION_TIMEOUT', 'The position was not reached in time: ask again.');
}

export function forbidden(message: string): GraphQLError {
  return publicError('FORBIDDEN', message);
}

export function unauthenticated(): GraphQLError {
  return publicError('UNAUTHENTICATED', 'A valid credential is needed.');
}

/** The code of an error that may be shown; `null` for one that must be masked. */
export function codeOf(error: unknown): ErrorCode | null {
  if (!(error instanceof GraphQLError)) return null;
  return isErrorCode(error.extensions.code) ? error.extensions.code : null;
}

/** Whether an error says that a store is away: by its code, since the schema knows no adapter. */
function isAway(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'STORE_UNAVAILABLE' || error.code === 'LOG_UNAVAILABLE')
  );
}

/** The argument that a variable left out or made null, by the schema's name; graphql-js finds this only when it calls the resolver. */
function badArgument({ originalError, message }: GraphQLError): string | null {
  if (!(originalError instanceof GraphQLError) || originalError.originalError !== undefined) return null;
  return /^Argument "(\w+)"/.exec(message)?.[1] ?? null;
}

/** The same place, other words. */
function restated(
  error: unknown,
  message: string,
  extensions: { readonly code: ErrorCode; readonly correlationId?: string; readonly path?: unknown },
): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  const { nodes = null, source = null, positions = null, path = null } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}

/**
 * What may be said of any error: one with a code as it is, everything else without a word of what it was.
 * `correlationId` is told instead, and `report` is called with what is hidden.
 */
export function maskError(error: unknown, correlationId: string, report: (hidden: unknown) => void): GraphQLError {
  const code = codeOf(error);
  if (error instanceof GraphQLError) {
    const { path } = error.extensions;
    if (code !== null) return restated(error, error.message, path === undefined ? { code } : { code, path });
    // Without a path it was refused before anything ran, by a rule of GraphQL itself.
    const early = error.path === undefined && error.originalError === undefined;
    if (early) return restated(error, 'The request is not valid.', { code: 'BAD_USER_INPUT' });
    const argument = badArgument(error);
    if (argument !== null) {
      return restated(error, `${argument} must be given and not be null.`, {
        code: 'BAD_USER_INPUT',
        path: [argument],
      });
    }
  }
  report(error);
  const cause = error instanceof GraphQLError ? error.originalError : error;
  return isAway(cause)
    ? restated(error, 'The read store does not answer: ask again.', { code: 'UNAVAILABLE', correlationId })
    : restated(error, 'Internal error.', { code: 'INTERNAL', correlationId });
}

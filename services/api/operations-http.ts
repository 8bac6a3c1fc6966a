// /v1/operations/…: what the commands of operators ask the API besides GraphQL: GET tells how something stands, POST starts
// it. For operators of the installation only; stored nowhere; refused as the rest of the API refuses, and a POST runs only
// from application/json, which no page of another origin can send by itself.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressSource } from '../shared/client-address.ts';
import type { Logger } from '../shared/logger.ts';
import { requestId } from '../shared/request-id.ts';
import { refusalOf, refuse, REFUSALS, sendJson, type FrontRefusal } from './answers.ts';
import { inTime } from './deadline.ts';
import type { IdentityService } from './identity.ts';
import { isJsonBody } from './media-types.ts';
import { readBody } from './request-body.ts';

const PREFIX = '/v1/operations/';
/** A large installation is counted for half a minute. */
const OPERATION_MS = 120_000;
const MAX_BODY = 16 * 1024;

const FOR_OPERATORS = {
  status: 403,
  code: 'FORBIDDEN',
  message: 'This is for operators of the installation.',
} as const;
const ONLY_GET = { ...REFUSALS.method, message: 'Use GET.', headers: { allow: 'GET' } } as const;
const GET_OR_POST = { ...REFUSALS.method, message: 'Use GET or POST.', headers: { allow: 'GET, POST' } } as const;

export interface Operation {
  /** What GET answers, as JSON. */
  readonly read: (query: URLSearchParams) => Promise<unknown>;
  /** What POST does with its body, and answers; absent: there is nothing to start. */
  readonly start?: (input: unknown) => Promise<unknown>;
}

/** The body of a POST is not what the operation takes; the message says what it takes. */
export class OperationInputError extends Error {}

export interface OperationsHttpOptions {
  readonly identity: Pick<IdentityService, 'authenticate'>;
  readonly clientAddress: (request: AddressSource) => string | null;
  readonly logger: Logger;
  /** By name. */
  readonly operations: Readonly<Record<string, Operation>>;
}

/** `null`: the path is none of these. */
export type OperationsHttp = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  search: string,
) => Promise<void> | null;

export function createOperationsHttp(options: OperationsHttpOptions): OperationsHttp {
  const { identity, clientAddress, logger, operations } = options;
  const byName = new Map(Object.entries(operations));

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    search: string,
    operation: Operation,
  ): Promise<void> {
    const query = new URLSearchParams(search);
    const call = { id: requestId(request.rawHeaders), method: request.method, path: PREFIX };
    const caller = await identity.authenticate(request.rawHeaders, query, clientAddress(request), call);
    if (!caller.ok) {
      refuse(response, refusalOf(caller));
      return;
    }
    if (!caller.identity.operator) {
      refuse(response, FOR_OPERATORS);
      return;
    }
    try {
      const { start } = operation;
      if (request.method !== 'POST' || start === undefined) {
        sendJson(response, 200, 'application/json', await inTime(operation.read(query), OPERATION_MS));
        return;
      }
      const input = await inputOf(request);
      if (input === null) return;
      if ('refusal' in input) refuse(response, input.refusal);
      else sendJson(response, 200, 'application/json', await inTime(start(input.value), OPERATION_MS));
    } catch (error) {
      if (error instanceof OperationInputError) {
        refuse(response, { status: 400, code: 'BAD_USER_INPUT', message: error.message });
        return;
      }
      logger.warn({ err: error }, 'an operation could not be carried out');
      refuse(response, { status: 503, code: 'UNAVAILABLE', message: 'The read store does not answer: ask again.' });
    }
  }

  return (request, response, path, search) => {
    const operation = path.startsWith(PREFIX) ? byName.get(path.slice(PREFIX.length)) : undefined;
    if (operation === undefined) return null;
    const refusal = formRefusal(request, operation);
    if (refusal === null) return answer(request, response, search, operation);
    refuse(response, refusal);
    return Promise.resolve();
  };
}

/** What is wrong with a request's form, before anything of it is read. */
function formRefusal({ method, rawHeaders }: IncomingMessage, { start }: Operation): FrontRefusal | null {
  if (method === 'GET') return null;
  if (start === undefined) return ONLY_GET;
  if (method !== 'POST') return GET_OR_POST;
  return isJsonBody(rawHeaders) ? null : REFUSALS.mediaType;
}

/** `null`: the caller has gone. */
async function inputOf(
  request: IncomingMessage,
): Promise<{ readonly value: unknown } | { readonly refusal: FrontRefusal } | null> {
  const body = await readBody(request, MAX_BODY);
  if (!body.ok) return body.reason === 'TOO_LARGE' ? { refusal: REFUSALS.tooLarge } : null;
  try {
    return { value: JSON.parse(body.bytes.toString('utf8')) as unknown };
  } catch {
    throw new OperationInputError('The body is no JSON.');
  }
}

// GET /v1/operations/…: what the commands of operators ask the API besides GraphQL. For operators of the installation only;
// stored nowhere; refused as the rest of the API refuses.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressSource } from '../shared/client-address.ts';
import type { Logger } from '../shared/logger.ts';
import { requestId } from '../shared/request-id.ts';
import { refusalOf, refuse, REFUSALS, sendJson } from './answers.ts';
import { inTime } from './deadline.ts';
import type { IdentityService } from './identity.ts';

const PREFIX = '/v1/operations/';
/** A large installation is counted for half a minute. */
const OPERATION_MS = 120_000;

const FOR_OPERATORS = {
  status: 403,
  code: 'FORBIDDEN',
  message: 'This is for operators of the installation.',
} as const;
const ONLY_GET = { ...REFUSALS.method, message: 'Use GET.', headers: { allow: 'GET' } } as const;

export interface OperationsHttpOptions {
  readonly identity: Pick<IdentityService, 'authenticate'>;
  readonly clientAddress: (request: AddressSource) => string | null;
  readonly logger: Logger;
  /** By name: what answers, as JSON. */
  readonly operations: Readonly<Record<string, () => Promise<unknown>>>;
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
    operate: () => Promise<unknown>,
  ): Promise<void> {
    const query = new URLSearchParams(search);
    const call = { id: requestId(request.rawHeaders), method: 'GET', path: PREFIX };
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
      sendJson(response, 200, 'application/json', await inTime(operate(), OPERATION_MS));
    } catch (error) {
      logger.warn({ err: error }, 'an operation could not be carried out');
      refuse(response, { status: 503, code: 'UNAVAILABLE', message: 'The read store does not answer: ask again.' });
    }
  }

  return (request, response, path, search) => {
    const operate = path.startsWith(PREFIX) ? byName.get(path.slice(PREFIX.length)) : undefined;
    if (operate === undefined) return null;
    if (request.method === 'GET') return answer(request, response, search, operate);
    refuse(response, ONLY_GET);
    return Promise.resolve();
  };
}

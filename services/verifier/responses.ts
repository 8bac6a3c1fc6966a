// Replies: JSON of a known length that nobody stores. A refusal says what is wrong and quotes nothing.
import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { Problem } from '../../events/problem.ts';

/** Names and values in turns, as `writeHead` takes them fastest. */
export type FlatHeaders = readonly OutgoingHttpHeader[];

/** What a request comes to; see {@link write}. */
export interface Reply {
  readonly status: number;
  readonly headers: FlatHeaders;
  readonly body: string;
  readonly encoding: 'latin1' | 'utf8';
}

export function reply(status: number, body: string, more?: FlatHeaders): Reply {
  const length = Buffer.byteLength(body);
  return { status, headers: headersOf(length, more), body, encoding: length === body.length ? 'latin1' : 'utf8' };
}

/** 200, for a body that is known to be ASCII: its length is known without a look at it, and it goes out a byte a character. */
export const asciiReply = (body: string, more?: FlatHeaders): Reply => ({
  status: 200,
  headers: headersOf(body.length, more),
  body,
  encoding: 'latin1',
});

export function write(response: ServerResponse, { status, headers, body, encoding }: Reply): void {
  response.writeHead(status, headers as OutgoingHttpHeader[]);
  response.end(body, encoding);
}

function headersOf(length: number, more?: FlatHeaders): FlatHeaders {
  const own: OutgoingHttpHeader[] = [
    'content-type',
    'application/json',
    'content-length',
    length,
    'cache-control',
    'no-store',
  ];
  return more === undefined ? own : own.concat(more);
}

const BEYOND_ASCII = /[\u0080-\uffff]/g;
const BEYOND_HEADERS = /[\u007f-\uffff]/g;
const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON without a character beyond ASCII: those are escaped. */
export const asciiJson = (value: unknown): string => JSON.stringify(value).replace(BEYOND_ASCII, escaped);

/** JSON text, as it may stand in a header: it means the same. */
export const inHeader = (json: string): string => json.replace(BEYOND_HEADERS, escaped);

export interface HttpRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: FlatHeaders;
}

/** Of requests of which nothing was read. */
export const REFUSALS = {
  unauthenticated: {
    status: 401,
    code: 'UNAUTHENTICATED',
    message: "send the verifier's token as a Bearer token",
    headers: ['www-authenticate', 'Bearer'],
  },
  notFound: { status: 404, code: 'NOT_FOUND', message: 'there is nothing here' },
  method: { status: 405, code: 'METHOD_NOT_ALLOWED', message: 'use POST', headers: ['allow', 'POST'] },
  notGet: { status: 405, code: 'METHOD_NOT_ALLOWED', message: 'use GET', headers: ['allow', 'GET'] },
  tooLarge: {
    status: 413,
    code: 'PAYLOAD_TOO_LARGE',
    message: 'send at most 65536 bytes',
    headers: ['connection', 'close'],
  },
  mediaType: {
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'send application/json in UTF-8, not compressed',
  },
  internal: { status: 500, code: 'INTERNAL', message: 'this failed unexpectedly; the log has it' },
} as const satisfies Record<string, HttpRefusal>;

export function refusal(requestId: string, { status, code, message, headers }: HttpRefusal): Reply {
  return reply(status, JSON.stringify({ code, message, requestId }), headers);
}

/** 400. @param path of the member that is wrong; `[]`: the body itself. */
export function inputRefusal(requestId: string, { path, message }: Problem, more?: FlatHeaders): Reply {
  const where = path.length === 0 ? 'body' : path.join('.');
  const body = { code: 'INVALID_INPUT', message: `${where}: ${message}`, path, requestId };
  return reply(400, JSON.stringify(body), more);
}

// Answers of the API's HTTP front: JSON, never cached, with the request's id; errors in GraphQL's shape.
import type { ServerResponse } from 'node:http';
import { STATUS_OF_CODE } from '../../schema/graphql-errors.ts';
import type { Authentication } from './identity.ts';
import { JSON_TYPE, type AnswerType } from './media-types.ts';

type Code = keyof typeof STATUS_OF_CODE;

/** A refusal before GraphQL has anything to say. */
export interface FrontRefusal {
  readonly status: number;
  readonly code: Code;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const RETRY_AFTER_SECONDS = '5';

export function sendJson(response: ServerResponse, status: number, type: AnswerType['type'], body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    ...(status === STATUS_OF_CODE.UNAVAILABLE ? { 'retry-after': RETRY_AFTER_SECONDS } : {}),
  });
  response.end(text); // as text it goes out in one write with the head
}

export function refuse(response: ServerResponse, { status, code, message, headers = {} }: FrontRefusal): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendJson(response, status, JSON_TYPE, { errors: [{ message, extensions: { code } }] });
}

export const REFUSALS = {
  notFound: { status: 404, code: 'BAD_USER_INPUT', message: 'There is nothing here.' },
  method: {
    status: 405,
    code: 'BAD_USER_INPUT',
    message: 'Use POST, or GET for queries.',
    headers: { allow: 'GET, POST, OPTIONS' },
  },
  notAcceptable: {
    status: 406,
    code: 'BAD_USER_INPUT',
    message: 'Answers are application/json or application/graphql-response+json, of subscriptions text/event-stream.',
  },
  mediaType: {
    status: 415,
    code: 'BAD_USER_INPUT',
    message: 'The body must be application/json in UTF-8, not compressed.',
  },
  csrf: { status: 403, code: 'FORBIDDEN', message: 'GET and event streams need the header "X-Keyfold-CSRF: 1".' },
  notOfConsole: {
    status: 403,
    code: 'FORBIDDEN',
    message: 'With the cookie of the console a request needs "X-Keyfold-CSRF: 1" and must come from one of its pages.',
  },
  otherPerson: {
    status: 409,
    code: 'CONFLICT',
    message: 'Somebody else is signed in now than "X-Keyfold-Person" says: load the page anew.',
  },
  lastEventId: {
    status: 400,
    code: 'BAD_USER_INPUT',
    message: '"Last-Event-ID" must be the "id" of an event, as it came.',
  },
  tooManyOfCaller: {
    status: 429,
    code: 'TOO_MANY_SUBSCRIPTIONS',
    message: 'This caller has as many subscriptions open as it may: end one first.',
    headers: { 'retry-after': '5' },
  },
  tooManyOfProcess: {
    status: 429,
    code: 'TOO_MANY_SUBSCRIPTIONS',
    message: 'This process has as many subscriptions open as it takes: try again, or another one.',
    headers: { 'retry-after': '5' },
  },
  stopping: { status: 503, code: 'UNAVAILABLE', message: 'This process is stopping: ask again.' },
  tooLarge: {
    status: 413,
    code: 'BAD_USER_INPUT',
    message: 'The body is too large.',
    headers: { connection: 'close' },
  },
  unauthenticated: {
    status: 401,
    code: 'UNAUTHENTICATED',
    message: 'A valid credential is needed.',
    headers: { 'www-authenticate': 'Bearer' },
  },
  unavailable: { status: 503, code: 'UNAVAILABLE', message: 'The credential cannot be checked now: ask again.' },
} as const satisfies Record<string, FrontRefusal>;

const rateLimited = (retryAfterSeconds: number): FrontRefusal => ({
  status: STATUS_OF_CODE.RATE_LIMITED,
  code: 'RATE_LIMITED',
  message: 'This key is used too often, or this address sends too many that are none.',
  headers: { 'retry-after': String(retryAfterSeconds) },
});

/** What a caller is told whose credential was not taken. */
export function refusalOf(authentication: Extract<Authentication, { ok: false }>): FrontRefusal {
  switch (authentication.code) {
    case 'UNAUTHENTICATED':
      return REFUSALS.unauthenticated;
    case 'UNAVAILABLE':
      return REFUSALS.unavailable;
    case 'FORBIDDEN':
      return REFUSALS.notOfConsole;
    case 'CONFLICT':
      return REFUSALS.otherPerson;
    case 'RATE_LIMITED':
      return rateLimited(authentication.retryAfterSeconds);
  }
}

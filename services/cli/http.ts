// One HTTP request of a command: JSON in, JSON out, with a deadline. That nobody answers is an error with advice.
import { CliError, EXIT } from './io.ts';

const TIMEOUT_MS = 30_000;
const LONG_TIMEOUT_MS = 150_000;
/** With these the request has not left: nothing can have come of it. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

export interface JsonAnswer {
  readonly status: number;
  /** `undefined` when the answer is no JSON. */
  readonly body: unknown;
}

/** @throws {@link CliError} `UNREACHABLE` (it was not sent), `NO_ANSWER` (it may have been). */
export function postJson(url: string, token: string | undefined, body: unknown, setting: string): Promise<JsonAnswer> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json',
    ...authorization(token),
  };
  return send(url, { method: 'POST', headers, body: JSON.stringify(body) }, setting, TIMEOUT_MS);
}

/** The same for a question that may be counted for minutes. */
export function getJson(url: string, token: string | undefined, setting: string): Promise<JsonAnswer> {
  const headers = { accept: 'application/json', ...authorization(token) };
  return send(url, { method: 'GET', headers }, setting, LONG_TIMEOUT_MS);
}

/** An answer that is taken as it comes. */
export interface StreamAnswer {
  readonly status: number;
  /** Of its content. */
  readonly type: string;
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole of it instead; `undefined` when it is no JSON. */
  json(): Promise<unknown>;
}

/** GET, with a deadline for its first byte alone; as from a page of our own, which no other origin's can be taken for. */
export async function openStream(url: string, token: string | undefined, setting: string): Promise<StreamAnswer> {
  const headers = { 'x-keyfold-csrf': '1', ...authorization(token) };
  const response = await answered(url, { method: 'GET', headers }, setting, LONG_TIMEOUT_MS);
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    // As Node has it; a browser's streams, whose types may be about, are no iterables everywhere.
    body: (response.body ?? new ReadableStream<Uint8Array>()) as unknown as AsyncIterable<Uint8Array>,
    json: () => response.json().catch((): unknown => undefined),
  };
}

const authorization = (token: string | undefined): Readonly<Record<string, string>> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

async function send(url: string, init: RequestInit, setting: string, timeoutMs: number): Promise<JsonAnswer> {
  const response = await answered(url, { ...init, signal: AbortSignal.timeout(timeoutMs) }, setting, timeoutMs);
  return { status: response.status, body: await response.json().catch((): unknown => undefined) };
}

/** The head of an answer. */
async function answered(url: string, init: RequestInit, setting: string, timeoutMs: number): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    return await fetch(url, { redirect: 'error', signal: late.signal, ...init });
  } catch (cause) {
    const origin = new URL(url).origin;
    if (NOT_SENT.has(errorCode(cause))) {
      const advice = `start Keyfold, or set ${setting}`;
      throw new CliError('UNREACHABLE', `nobody answers at ${origin}`, { exitCode: EXIT.unknown, advice, cause });
    }
    throw new CliError('NO_ANSWER', `no answer came from ${origin}`, {
      exitCode: EXIT.unknown,
      advice: 'try again',
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return errorCode(error.cause);
}

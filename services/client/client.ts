// The verifier's client, on the platform's fetch. A question always has an outcome within its time; the key goes into the
// body of one request and nowhere else: what fetch throws is dropped, since it may hold the request.
import { readAnswer, type Received } from './answer.ts';
import { unavailable, type Outcome, type VerifyRequest } from './outcome.ts';

export interface VerifierClientOptions {
  /** Where the verifier is: `http://127.0.0.1:4100`, or https. */
  readonly url: string | URL;
  /** The verifier's `VERIFIER_TOKEN`, where one is set. */
  readonly token?: string | undefined;
  /** What every request asks for that names none itself. Absent: a key of any keyspace is valid. */
  readonly keyspace?: string | undefined;
  /** For an outcome, tries and pauses included; 1000 unless given. */
  readonly timeoutMs?: number | undefined;
  /**
   * How often it is tried again where the connection failed, or the verifier was `STALE` and asked for a pause that fits
   * into the time; 1 unless given. A connection that fails after the verifier has counted the call costs its `cost` twice.
   */
  readonly retries?: number | undefined;
  /** Another fetch, such as one with a dispatcher of its own; the platform's unless given. */
  readonly fetch?: typeof fetch | undefined;
}

export interface VerifyOptions {
  /** Ends the question: `UNAVAILABLE`, reason `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** In place of the client's. */
  readonly timeoutMs?: number | undefined;
}

export interface VerifierClient {
  /** As it was given. */
  readonly keyspace: string | null;
  /**
   * Asks whether a key may do something, now.
   *
   * @throws TypeError where a request or an option is not of its type: a mistake of the program. Never else.
   */
  verify(request: VerifyRequest, options?: VerifyOptions): Promise<Outcome>;
}

const TIMEOUT_MS = 1000;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** Several times what the longest answer takes. */
const MAX_ANSWER_BYTES = 512 * 1024;
/** Visible ASCII: what a header takes as it is. */
const TOKEN = /^[\x21-\x7e]+$/;

/** No message quotes a value: there may be a password in a URL. */
function endpointOf(url: string | URL): string {
  const parsed = URL.canParse(String(url)) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) throw new TypeError('url must be an http or https URL');
  const { username, password, search, hash } = parsed;
  if (`${username}${password}${search}${hash}` !== '') {
    throw new TypeError('url must have neither a user, nor a query, nor a fragment');
  }
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}/v1/verify`;
}

function checkTimeout(timeoutMs: number): void {
  if (!(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) throw new TypeError('timeoutMs must be a positive number');
}

function bodyOf(request: VerifyRequest, keyspace: string | null): string {
  if (typeof (request as Partial<VerifyRequest> | null)?.key !== 'string') throw new TypeError('key must be a string');
  try {
    return JSON.stringify(keyspace === null ? request : { ...request, keyspace: request.keyspace ?? keyspace });
  } catch {
    throw new TypeError('the request must be plain data');
  }
}

/** The whole body as text; `null` when it is too long. */
async function textOf(response: Response): Promise<string | null> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.byteLength;
    if (length > MAX_ANSWER_BYTES) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(next.value, { stream: true });
  }
  return text + decoder.decode();
}

/** Resolves after the time, or as soon as the signal fires. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}

/** How long to wait before another try; `null`: there is no use in one. */
function pauseAfter(outcome: Outcome): number | null {
  if (outcome.code !== 'UNAVAILABLE') return null;
  if (outcome.reason === 'CONNECTION') return 0;
  return outcome.reason === 'STALE' && outcome.retryAfterSeconds !== null ? outcome.retryAfterSeconds * 1000 : null;
}

/** @throws TypeError for an option that cannot be meant. */
export function createVerifierClient(options: VerifierClientOptions): VerifierClient {
  const { url, token, keyspace = null, timeoutMs = TIMEOUT_MS, retries = 1, fetch: send = fetch } = options;
  const endpoint = endpointOf(url);
  checkTimeout(timeoutMs);
  if (!Number.isInteger(retries) || retries < 0) throw new TypeError('retries must be a whole number, 0 or more');
  if (token !== undefined && !TOKEN.test(token)) throw new TypeError('token must be visible ASCII characters');
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };

  /** `null`: the connection failed, or the signal fired. */
  async function receive(body: string, signal: AbortSignal): Promise<Received | 'too long' | null> {
    try {
      // A redirect that is followed would hand the key to somebody else.
      const response = await send(endpoint, { method: 'POST', headers, body, signal, redirect: 'manual' });
      const text = await textOf(response);
      return text === null
        ? 'too long'
        : { status: response.status, retryAfter: response.headers.get('retry-after'), text };
    } catch {
      return null;
    }
  }

  async function verify(request: VerifyRequest, given: VerifyOptions = {}): Promise<Outcome> {
    const within = given.timeoutMs ?? timeoutMs;
    checkTimeout(within);
    const body = bodyOf(request, keyspace);
    const deadline = performance.now() + within;
    const controller = new AbortController();
    let reason: 'TIMEOUT' | 'ABORTED' = 'TIMEOUT';
    const abort = (): void => {
      reason = 'ABORTED';
      controller.abort();
    };
    const timer = setTimeout(() => controller.abort(), within);
    given.signal?.addEventListener('abort', abort);
    if (given.signal?.aborted === true) abort();
    const { signal } = controller;

    async function once(): Promise<Outcome> {
      const received = await receive(body, signal);
      if (received === 'too long') return unavailable('UNREADABLE');
      if (received !== null) return readAnswer(received, request.key);
      return unavailable(signal.aborted ? reason : 'CONNECTION');
    }

    try {
      let outcome = await once();
      for (let left = retries; left > 0; left--) {
        const wait = pauseAfter(outcome);
        if (wait === null || performance.now() + wait >= deadline) break;
        await pause(wait, signal);
        if (signal.aborted) break;
        outcome = await once();
      }
      return outcome;
    } finally {
      clearTimeout(timer);
      given.signal?.removeEventListener('abort', abort);
    }
  }

  return { keyspace, verify };
}

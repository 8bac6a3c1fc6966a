// A gateway's request: what it says of the original one, read from that gateway's own headers only. Pure.
import type { Problem } from '../../events/problem.ts';
import { createHeaderReader } from '../shared/headers.ts';
import { readForwardQuery, splitPrefixed, type Asked, type ReadQuery } from './forward-query.ts';
import type { Gateway } from './gateways.ts';

/** Takes VERIFIER_TOKEN: `Authorization` belongs to the client's key. */
export const TOKEN_HEADER = 'X-Keyfold-Verifier-Token';

/** Headers that are read, `null` where absent, `''` where sent more than once. */
export interface ForwardHeaders {
  readonly token: string | null;
  readonly requestId: string | null;
  readonly origin: string | null;
  readonly userAgent: string | null;
  /** Whether a body was announced, sent or not. */
  readonly hasBody: boolean;
  /** Of the original request; `null` where the request line has them. */
  readonly method: string | null;
  readonly path: string | null;
}

const COMMON = [
  TOKEN_HEADER.toLowerCase(),
  'x-request-id',
  'origin',
  'user-agent',
  'content-length',
  'transfer-encoding',
];

/** Makes the function that reads a gateway's headers in one pass. */
export function createForwardHeaders({ original }: Gateway): (rawHeaders: readonly string[]) => ForwardHeaders {
  const valuesOf = createHeaderReader(original === null ? COMMON : [...COMMON, original.method, original.path]);
  return (rawHeaders) => {
    const values = valuesOf(rawHeaders);
    // One by one: taking a list apart costs more than reading the headers.
    const length = values[4] ?? null;
    const coding = values[5] ?? null;
    return {
      token: values[0] ?? null,
      requestId: values[1] ?? null,
      origin: values[2] ?? null,
      userAgent: values[3] ?? null,
      hasBody: coding !== null || (length !== null && length !== '0'),
      method: values[6] ?? null,
      path: values[7] ?? null,
    };
  };
}

/** What is asked, by the gateway's operator and by the client. */
export type ReadForward =
  | { readonly ok: true; readonly asked: Asked; readonly method: string | null; readonly path: string | null }
  | {
      readonly ok: false;
      readonly problem: Problem;
      /** Whether the client has sent what is wrong, not the gateway. */
      readonly byClient?: true;
    };

/** What one server reads as another path than the next one: dots, doubled and encoded slashes, `;`, `\`, `#`. */
const AMBIGUOUS = /\/\.{1,2}(?:\/|$)|\/\/|[;\\#]|%(?:2[ef]|3b|5c|00)/i;

/** By char code: 1 for all that such a part begins with but slashes. */
const SUSPECT = new Uint8Array(128);
for (const character of '.;\\#%') SUSPECT[character.charCodeAt(0)] = 1;

/** Whether a closer look is needed, in one pass: hardly ever. */
function isSuspect(path: string): boolean {
  for (let i = 0; i < path.length; i++) if (SUSPECT[path.charCodeAt(i)] === 1) return true;
  return path.includes('//');
}

function isAmbiguous(path: string): boolean {
  if (!isSuspect(path)) return false;
  const end = path.indexOf('?');
  return AMBIGUOUS.test(end < 0 ? path : path.slice(0, end));
}

const AMBIGUOUS_PATH: ReadForward = {
  ok: false,
  problem: {
    path: ['path'],
    message: 'must have one meaning: no . or .., no //, ; \\ or #, no %2F, %2E, %3B, %5C or %00',
  },
  byClient: true,
};

/** The route was chosen by what the gateway takes the path for: what is behind it might take it for another one. */
const answered = (read: ReadQuery, method: string | null, path: string | null): ReadForward => {
  if (!read.ok) return read;
  if (path !== null && isAmbiguous(path)) return AMBIGUOUS_PATH;
  return { ok: true, asked: read.asked, method, path };
};

const BEHIND_PREFIX: ReadForward = {
  ok: false,
  problem: { path: ['path'], message: 'must be the last member of the prefix: …&path=' },
};

/** @param query of the gateway's own request, without the question mark. */
export function readForward(
  gateway: Gateway,
  { method, query }: { readonly method: string | null; readonly query: string },
  headers: Pick<ForwardHeaders, 'method' | 'path'>,
): ReadForward {
  if (gateway.original !== null) {
    // Sent twice: one by the gateway, one by its client, and nobody can tell which.
    const doubled = headers.method === '' ? 'method' : headers.path === '' ? 'path' : null;
    if (doubled !== null) return { ok: false, problem: { path: [doubled], message: 'must be sent once' } };
    return answered(readForwardQuery(query), headers.method, headers.path);
  }
  const parts = splitPrefixed(query);
  if (parts === null) return BEHIND_PREFIX;
  return answered(readForwardQuery(parts.query), method, parts.path);
}

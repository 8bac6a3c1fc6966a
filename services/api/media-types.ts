// Media types of GraphQL over HTTP: which one an answer has, and whether a request's body is JSON at all.
import { headerValues, onlyHeader } from '../shared/headers.ts';

export const JSON_TYPE = 'application/json';
export const STREAM_TYPE = 'text/event-stream';
export const GRAPHQL_TYPE = 'application/graphql-response+json';

/** How to answer. `legacy`: the caller asked for application/json by name, so a refused request has status 200. */
export interface AnswerType {
  readonly type: typeof JSON_TYPE | typeof GRAPHQL_TYPE;
  readonly legacy: boolean;
}

const MAX_ACCEPT = 1024;

/** What an Accept or Accept-Encoding header takes, best first; ranges with q=0 are left out. */
function accepted(accept: string): string[] {
  return accept
    .slice(0, MAX_ACCEPT)
    .split(',')
    .map((range, index) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const q = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1');
      return { type, q: Number.isNaN(q) ? 1 : q, index };
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q || a.index - b.index)
    .map(({ type }) => type);
}

/** The media type of the answer; `null` when the caller takes none of ours (406). */
export function answerType(accept: string | undefined): AnswerType | null {
  for (const type of accepted(accept ?? '*/*')) {
    if (type === GRAPHQL_TYPE) return { type, legacy: false };
    if (type === JSON_TYPE) return { type, legacy: true };
    if (type === 'application/*' || type === '*/*') return { type: JSON_TYPE, legacy: false };
  }
  return null;
}

/** Whether a caller takes an event stream: by name, and `first` where it takes no other answer of ours rather. */
export function takesStream(accept: string | undefined): 'first' | 'also' | 'no' {
  const types = accepted(accept ?? '');
  if (!types.includes(STREAM_TYPE)) return 'no';
  const best = types.find((type) => [STREAM_TYPE, JSON_TYPE, GRAPHQL_TYPE, 'application/*', '*/*'].includes(type));
  return best === STREAM_TYPE ? 'first' : 'also';
}

/** Whether a caller is a browser that wants a page. */
export function wantsPage(accept: string | undefined): boolean {
  return accepted(accept ?? '')[0] === 'text/html';
}

/** Whether a caller takes a body in this content coding, by its name. */
export function acceptsEncoding(acceptEncoding: string | undefined, encoding: string): boolean {
  return accepted(acceptEncoding ?? '').includes(encoding);
}

/** Whether a body is JSON in UTF-8, not compressed, and says so once. @param rawHeaders `req.rawHeaders` */
export function isJsonBody(rawHeaders: readonly string[]): boolean {
  const contentType = onlyHeader(rawHeaders, 'content-type') ?? '';
  const [type, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const encoding = headerValues(rawHeaders, 'content-encoding').join(',') || 'identity';
  return (
    type === JSON_TYPE &&
    encoding === 'identity' &&
    parameters.every((parameter) => !parameter.startsWith('charset=') || /^charset="?utf-?8"?$/.test(parameter))
  );
}

// Which web pages of other origins may call the API: those that are listed, word for word, and none with cookies.
import type { IncomingMessage, ServerResponse } from 'node:http';

const MAX_AGE_SECONDS = '600';
const ALLOWED_HEADERS = 'Authorization, Content-Type, X-Keyfold-CSRF, X-Request-Id, Last-Event-ID';

/** Sets an answer's CORS headers. An origin that is not listed gets none, which makes its browser refuse. */
export function createCors(origins: readonly string[]): (request: IncomingMessage, response: ServerResponse) => void {
  const listed = new Set(origins);
  return (request, response) => {
    response.setHeader('vary', 'Origin, Accept');
    const { origin } = request.headers;
    if (origin === undefined || !listed.has(origin)) return;
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', 'X-Request-Id, Retry-After');
    if (request.method !== 'OPTIONS') return;
    response.setHeader('access-control-allow-methods', 'GET, POST');
    response.setHeader('access-control-allow-headers', ALLOWED_HEADERS);
    response.setHeader('access-control-max-age', MAX_AGE_SECONDS);
  };
}

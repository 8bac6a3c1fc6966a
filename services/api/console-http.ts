// The console at `/`: its files, and its index for every other page that a browser asks for, under a policy that lets no
// script run but the console's own. What the API answers itself is never the console's.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConsoleFile, Encoding } from './console-files.ts';
import { acceptsEncoding, wantsPage } from './media-types.ts';
import type { Route } from './routes.ts';

/** Paths, and all under them, that are the API's. */
const OF_THE_API = ['/graphql', '/session', '/v1', '/.well-known', '/healthz', '/readyz', '/metrics'];
const ASSETS = '/assets';

const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');
const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
const NOT_BUILT = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Keyfold</title></head>
<body>
<h1>The console is not built</h1>
<p>Run <code>npm run build</code> in Keyfold’s folder, then start Keyfold again. The API answers at <code>/graphql</code>.</p>
</body>
</html>
`;

/** @param files `null`: none were built, which a page says. */
export function createConsoleHttp(files: ReadonlyMap<string, ConsoleFile> | null): Route {
  const index = files?.get('/index.html') ?? null;

  function fileAt(path: string, { headers }: IncomingMessage): ConsoleFile | null {
    const found = path === '/' ? index : files?.get(path);
    if (found) return found;
    // A file that is not there is no page: a script that got one would be a riddle.
    return isUnder(path, ASSETS) || !wantsPage(headers.accept) ? null : index;
  }

  return (request, response, path) => {
    const { method = '' } = request;
    if ((method !== 'GET' && method !== 'HEAD') || OF_THE_API.some((each) => isUnder(path, each))) return null;
    if (files === null) {
      if (path !== '/' && !wantsPage(request.headers.accept)) return null;
      sendNotBuilt(response, method);
      return Promise.resolve();
    }
    const file = fileAt(path, request);
    return file && send(request, response, file);
  };
}

const isUnder = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

async function send({ method, headers }: IncomingMessage, response: ServerResponse, file: ConsoleFile): Promise<void> {
  const encoding = encodingFor(headers['accept-encoding'], file);
  const etag = file.etag(encoding);
  const common = {
    ...HEADERS,
    etag,
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(file.encodings.length > 1 ? { vary: 'Accept-Encoding' } : {}),
  };
  if (isKnown(headers['if-none-match'], etag)) {
    response.writeHead(304, common).end();
    return;
  }
  const body = await file.body(encoding);
  response.writeHead(200, {
    ...common,
    'content-type': file.type,
    'content-length': body.length,
    ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

const encodingFor = (accepted: string | undefined, { encodings }: ConsoleFile): Encoding =>
  encodings.find((encoding) => encoding !== 'identity' && acceptsEncoding(accepted, encoding)) ?? 'identity';

/** Whether the browser has it: If-None-Match, compared weakly (RFC 9110, 13.1.2). */
function isKnown(noneMatch: string | undefined, etag: string): boolean {
  if (noneMatch === undefined) return false;
  return noneMatch.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag);
}

function sendNotBuilt(response: ServerResponse, method: string): void {
  response.writeHead(404, {
    ...HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(NOT_BUILT),
  });
  response.end(method === 'HEAD' ? undefined : NOT_BUILT);
}

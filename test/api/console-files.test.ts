// The console's files over HTTP: what is cached how, under which policy, and that no path leads anywhere else.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConsoleFiles } from '../../services/api/console-files.ts';
import { createConsoleHttp } from '../../services/api/console-http.ts';
import { startFront, type Front } from './front-server.ts';

const INDEX = '<!doctype html><title>Keyfold</title><div id="root"></div>';
const SCRIPT = `console.log(${JSON.stringify('x'.repeat(5000))})`;
const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

let folder: string;
let front: Front;
let bare: Front;

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), 'keyfold-console-'));
  folder = join(root, 'console');
  await mkdir(join(folder, 'assets'), { recursive: true });
  await mkdir(join(folder, '.vite'));
  await writeFile(join(folder, 'index.html'), INDEX);
  await writeFile(join(folder, 'favicon.svg'), '<svg/>');
  await writeFile(join(folder, 'assets', 'index-B1x.js'), SCRIPT);
  await writeFile(join(folder, 'assets', 'index-C2y.css'), 'body { margin: 0 }');
  await writeFile(join(folder, 'assets', 'data.bin'), '?');
  await writeFile(join(folder, '.vite', 'manifest.json'), '{}');
  await writeFile(join(root, 'secret.txt'), 'canary');
  await symlink(join(root, 'secret.txt'), join(folder, 'linked.txt'));
  front = await startFront({ operations: createConsoleHttp(await readConsoleFiles(folder)) });
  bare = await startFront({ operations: createConsoleHttp(await readConsoleFiles(join(root, 'absent'))) });
  // The build goes away under the running process.
  await rm(folder, { recursive: true });
});
afterAll(async () => {
  await front.server.stop(1000);
  await bare.server.stop(1000);
  await rm(join(folder, '..'), { recursive: true, force: true });
});

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The path goes out as it stands. */
function get(path: string, headers: Record<string, string> = {}, { of = front, method = 'GET' } = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest({ host: '127.0.0.1', port: of.port, path, method, headers }, (response) => {
      const { statusCode: status = 0 } = response;
      buffer(response).then((body) => resolve({ status, headers: response.headers, body }), reject);
    });
    sending.on('error', reject).end();
  });
}
const page = (path: string, more: Record<string, string> = {}) => get(path, { accept: HTML, ...more });

describe('the console', () => {
  test('is at /, and at every path that is a page of its own', async () => {
    for (const path of ['/', '/index.html', '/sign-in', '/w/demo/keys/key_1', '/health', '/graphqlx', '/w/a%2Fb?x=1']) {
      const { status, headers, body } = await page(path);
      expect([status, body.toString()], path).toEqual([200, INDEX]);
      expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
    }
    expect((await get('/')).body.toString()).toBe(INDEX);
  });

  test('is for browsers that want a page, by GET or HEAD', async () => {
    for (const accept of ['application/json', '*/*', 'image/png', ''])
      expect((await get('/w/demo', { accept })).status, accept).toBe(404);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await get('/', { accept: HTML }, { method })).status, method).toBe(404);
    const head = await get('/', { accept: HTML }, { method: 'HEAD' });
    expect([head.status, head.body.length, head.headers['content-length']]).toEqual([200, 0, String(INDEX.length)]);
  });

  test.each(['/graphql', '/session', '/v1', '/.well-known', '/healthz', '/readyz', '/metrics'])(
    'is never under %s',
    async (path) => {
      for (const each of [path, `${path}/else`])
        expect((await page(each)).body.toString(), each).not.toContain('<title>');
    },
  );

  test('lets browsers keep what has a hash in its name for ever, and ask for the rest each time', async () => {
    for (const [path, type] of [
      ['/assets/index-B1x.js', 'text/javascript; charset=utf-8'],
      ['/assets/index-C2y.css', 'text/css; charset=utf-8'],
      ['/assets/data.bin', 'application/octet-stream'],
    ] as const) {
      const { status, headers } = await get(path);
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' });
    }
    expect((await get('/favicon.svg')).headers['cache-control']).toBe('no-cache');
  });

  test('is not sent again to who has it', async () => {
    for (const path of ['/', '/assets/index-B1x.js']) {
      const { headers } = await page(path);
      const etag = headers.etag ?? '';
      expect(etag).toMatch(/^"[\w-]{22}-identity"$/);
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await page(path, { 'if-none-match': known });
        expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, etag]);
        expect(again.headers['cache-control']).toBe(headers['cache-control']);
      }
      expect((await page(path, { 'if-none-match': '"other"' })).status).toBe(200);
    }
  });

  test('goes out compressed to who takes that', async () => {
    const ask = (encoding: string) => get('/assets/index-B1x.js', { 'accept-encoding': encoding });
    const [br, gz, plain] = [await ask('gzip, deflate, br, zstd'), await ask('gzip'), await ask('br;q=0')];
    expect([br, gz, plain].map(({ headers }) => headers['content-encoding'])).toEqual(['br', 'gzip', undefined]);
    expect(new Set([br, gz, plain].map(({ headers }) => headers.etag)).size).toBe(3);
    expect(new Set([br, gz, plain].map(({ headers }) => headers.vary))).toEqual(new Set(['Accept-Encoding']));
    expect(brotliDecompressSync(br.body).toString()).toBe(SCRIPT);
    expect(gunzipSync(gz.body).toString()).toBe(SCRIPT);
    expect(plain.body.toString()).toBe(SCRIPT);
    expect(br.body.length).toBeLessThan(200);
    expect((await get('/favicon.svg', { 'accept-encoding': 'br' })).headers['content-encoding']).toBeUndefined();
  });

  test('stands under a policy without any exception, on every answer', async () => {
    for (const path of ['/', '/w/demo', '/assets/index-B1x.js']) {
      const { headers } = await page(path);
      const policy = headers['content-security-policy'];
      expect(String(policy).split('; ').sort()).toEqual([
        "base-uri 'none'",
        "default-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "object-src 'none'",
        "require-trusted-types-for 'script'",
        "script-src 'self'",
        "style-src 'self'",
      ]);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  test('has no file but its own, however it is asked for', async () => {
    const ways = [
      '../secret.txt',
      '..%2fsecret.txt',
      '%2e%2e/secret.txt',
      '..\\secret.txt',
      '....//secret.txt',
      'linked.txt',
    ];
    for (const way of ways)
      for (const path of [`/${way}`, `/assets/${way}`, `/assets/../../${way}`, `//${way}`]) {
        expect((await get(path)).status, path).toBe(404);
        expect((await page(path)).body.toString(), path).not.toContain('canary');
      }
    for (const path of ['/.vite/manifest.json', '/assets', '/assets/', '/constructor', '/__proto__', '/assets/%00'])
      expect((await get(path)).status, path).toBe(404);
  });

  test('answers 404, not a page, for an asset that is not there', async () => {
    for (const path of ['/assets/index-old.js', '/assets/', '/assets'])
      expect((await page(path)).status, path).toBe(404);
  });

  test('that was not built says what to run', async () => {
    for (const path of ['/', '/sign-in']) {
      const { status, headers, body } = await get(path, { accept: HTML }, { of: bare });
      expect([status, headers['cache-control']]).toEqual([404, 'no-store']);
      expect(body.toString()).toContain('npm run build');
      expect(headers['content-security-policy']).toContain("script-src 'self'");
    }
    expect((await get('/sign-in', {}, { of: bare })).headers['content-type']).toContain('application/json');
    expect((await get('/graphql', { accept: HTML }, { of: bare })).status).not.toBe(200);
  });
});

// The HTTP server: its limits hold one past the edge and not before, and its stop lets nobody hang.
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpServer, ListenError, type Handler, type HttpServer } from '../../services/shared/http-server.ts';
import { createLogger } from '../../services/shared/logger.ts';

const logger = createLogger({ level: 'silent' });
const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(0)));
});

async function start(
  handler: Handler,
  limits = {},
  rawHeadersOnly = false,
): Promise<{ server: HttpServer; port: number; url: string }> {
  const where = { host: '127.0.0.1', port: 0, portSetting: 'TEST_PORT' };
  const server = createHttpServer({ ...where, handler, logger, limits, rawHeadersOnly });
  servers.push(server);
  return { server, ...(await server.start()) };
}

/** Sends bytes; answers all that comes back until the connection ends. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return received;
}

const headers = (count: number): string => Array.from({ length: count }, (_, index) => `x-${index}: 1\r\n`).join('');
const ok: Handler = (_, response) => void response.end('ok');

/** A promise and what settles it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('limits', () => {
  it('100 headers are taken, 101 are refused with 431', async () => {
    const { port } = await start(ok);
    const request = (count: number): string =>
      `GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers(count - 2)}\r\n`;
    expect(await raw(port, request(100))).toMatch(/^HTTP\/1.1 200 /);
    expect(await raw(port, request(101))).toMatch(/^HTTP\/1.1 431 /);
    expect(await raw(port, request(250))).toMatch(/^HTTP\/1.1 431 /);
  });

  it('a second credential behind 100 headers is not dropped in silence', async () => {
    let seen = 0;
    const { port } = await start((_, response) => void response.end(String((seen += 1))));
    expect(await raw(port, `GET / HTTP/1.1\r\nhost: x\r\n${headers(120)}authorization: x\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
    expect(seen).toBe(0);
  });

  it('headers that do not end in time are cut off', async () => {
    const { port } = await start(ok, { headersTimeoutMs: 100, requestTimeoutMs: 200, checkIntervalMs: 20 });
    expect(await raw(port, 'GET / HTTP/1.1\r\nhost: x\r\n')).toMatch(/^HTTP\/1.1 408 /);
  });

  it('a body that does not end in time is cut off', async () => {
    const { port } = await start((request, response) => void request.resume().on('end', () => response.end()), {
      headersTimeoutMs: 100,
      requestTimeoutMs: 200,
      checkIntervalMs: 20,
    });
    expect(await raw(port, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab')).toMatch(/^HTTP\/1.1 408 /);
  });
});

describe('what node itself would answer is answered without leave to keep it', () => {
  const NO_STORE = /\r\ncache-control: no-store\r\n/i;
  /** For what does not end in time; the rest would be late, too, on a busy machine. */
  const BOUNDS = { headersTimeoutMs: 100, requestTimeoutMs: 200, checkIntervalMs: 20 };
  const cases: readonly (readonly [string, number, string])[] = [
    [
      'an expectation that it does not know',
      417,
      'GET / HTTP/1.1\r\nhost: x\r\nexpect: 200-ok\r\nconnection: close\r\n\r\n',
    ],
    ['no host', 400, 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['what is no request', 400, 'hello\r\n\r\n'],
    ['two lengths', 400, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na'],
    ['a header without an end', 431, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['too many headers', 431, `GET / HTTP/1.1\r\nhost: x\r\n${headers(120)}\r\n`],
    [
      'chunk extensions without an end',
      413,
      `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1;a=${'b'.repeat(20_000)}\r\n`,
    ],
    ['headers that do not end in time', 408, 'GET / HTTP/1.1\r\nhost: x\r\n'],
    ['a body that does not end in time', 408, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab'],
  ];
  it.each(cases)('%s: %i', async (_, status, bytes) => {
    for (const rawHeadersOnly of [false, true]) {
      const drain: Handler = (request, response) => void request.resume().on('end', () => response.end());
      const { port } = await start(drain, status === 408 ? BOUNDS : {}, rawHeadersOnly);
      const answer = await raw(port, bytes);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [A-Z]`));
      expect(answer).toMatch(NO_STORE);
      expect(answer.match(/HTTP\/1.1/g)).toHaveLength(1);
    }
  });

  it('an expectation that it knows is met, whoever reads the headers', async () => {
    for (const rawHeadersOnly of [false, true]) {
      const { port } = await start(ok, {}, rawHeadersOnly);
      const head = 'POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1\r\n';
      expect(await raw(port, `${head}Expect: 100-continue\r\n\r\na`)).toMatch(
        /^HTTP\/1.1 100 [^]*HTTP\/1.1 200 [^]*ok/,
      );
      expect(await raw(port, `${head}expect: a\r\nexpect: 100-continue\r\n\r\na`)).toMatch(/^HTTP\/1.1 100 /);
      expect(await raw(port, `${head}\r\na`)).toMatch(/^HTTP\/1.1 200 /);
    }
  });

  it('of HTTP/1.0, which names no host, requests are served', async () => {
    for (const rawHeadersOnly of [false, true]) {
      const { port } = await start(ok, {}, rawHeadersOnly);
      expect(await raw(port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /);
    }
  });

  it('an answer that has begun is cut off, not followed by another', async () => {
    const { port } = await start((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('begun');
    });
    const answer = await raw(port, 'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nno length\r\n');
    expect(answer.match(/HTTP\/1.1/g)?.length ?? 0).toBeLessThan(2);
    expect(answer).not.toContain('400');
  });
});

describe('failures', () => {
  it('a handler that throws or rejects answers 500 without a word of why, and the next request is served', async () => {
    const fail = (): never => {
      throw new Error('the canary sings');
    };
    const { url } = await start((request, response) =>
      request.url === '/throws'
        ? fail()
        : request.url === '/rejects'
          ? Promise.reject(new Error('the canary sings'))
          : void response.end('ok'),
    );
    for (const path of ['/throws', '/rejects']) {
      const response = await fetch(url + path);
      expect([response.status, await response.text()]).toEqual([500, '']);
    }
    expect(await (await fetch(url)).text()).toBe('ok');
  });

  it('a port that is taken is refused with the setting that names it', async () => {
    const { port } = await start(ok);
    const second = createHttpServer({ host: '127.0.0.1', port, portSetting: 'TEST_PORT', handler: ok, logger });
    await expect(second.start()).rejects.toThrow(ListenError);
    await expect(second.start()).rejects.toMatchObject({
      message: `cannot listen on 127.0.0.1:${port}: it is in use by another process`,
      advice: `stop the process that holds it, or set TEST_PORT to another port than ${port}`,
    });
  });
});

describe('stop', () => {
  it('lets 200 requests in flight finish, takes no new one, and ends at once after the last', async () => {
    const { opened, open } = gate();
    const arrived = gate();
    let inFlight = 0;
    const { server, url, port } = await start(async (_, response) => {
      if ((inFlight += 1) === 200) arrived.open();
      await opened;
      response.end('done');
    });
    const answers = Array.from({ length: 200 }, async () => (await fetch(url)).text());
    await arrived.opened;
    const stopped = server.stop(10_000);
    await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow();
    open();
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['done']));
    expect(await stopped).toBe('drained');
  });

  it('closes connections that are idle', async () => {
    const { server, url } = await start(ok);
    await (await fetch(url)).text();
    const begun = performance.now();
    expect(await server.stop(10_000)).toBe('drained');
    expect(performance.now() - begun).toBeLessThan(4_000); // far less than a keep-alive connection lives
  });

  it('forces what is left when the deadline is over', async () => {
    const arrived = gate();
    const { server, url } = await start(() => arrived.open());
    const answer = fetch(url).then(
      () => 'answered',
      () => 'cut',
    );
    await arrived.opened;
    expect(await server.stop(50)).toBe('forced');
    expect(await answer).toBe('cut');
  });

  it('may be asked for twice, and before a start', async () => {
    const { server } = await start(ok);
    const [first, second] = await Promise.all([server.stop(1000), server.stop(1000)]);
    expect([first, second]).toEqual(['drained', 'drained']);
    const never = createHttpServer({ host: '127.0.0.1', port: 0, portSetting: 'TEST_PORT', handler: ok, logger });
    expect(await never.stop(1000)).toBe('drained');
  });
});

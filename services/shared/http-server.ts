// An HTTP server (plain node:http) with every time-out and limit set, and a stop that drains: it takes no new
// connection, lets requests in flight finish, and forces what is left when the deadline is over.
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { hasHeader } from './headers.ts';
import type { Logger } from './logger.ts';
import { SlimRequest } from './slim-request.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The setting that names the port, for the message when it is taken. */
  readonly portSetting: string;
  readonly handler: Handler;
  readonly logger: Logger;
  readonly limits?: Partial<typeof LIMITS>;
  /** Whether the handler reads `rawHeaders` alone: then nobody makes `headers` of them, which would cost as much as a check. */
  readonly rawHeadersOnly?: boolean;
}

export interface HttpServer {
  /** Listens; answers the address, whose port is the real one. @throws {@link ListenError} */
  start(): Promise<{ readonly host: string; readonly port: number; readonly url: string }>;
  /**
   * Stops; `drained` when all requests in flight were answered within the deadline, else `forced`. Safe to call twice.
   */
  stop(deadlineMs: number): Promise<'drained' | 'forced'>;
  readonly server: Server;
}

export const LIMITS = {
  /** A whole request, from its first byte to its last. */
  requestTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 5_000,
  /** How often the two above are looked at. */
  checkIntervalMs: 1_000,
  maxHeaders: 100,
};

const DRAIN_INTERVAL_MS = 20;

/** The port cannot be listened on; the advice names the setting. */
export class ListenError extends Error {
  readonly code = 'CANNOT_LISTEN';
  readonly advice: string;

  constructor(message: string, advice: string, cause: unknown) {
    super(message, { cause });
    this.advice = advice;
  }
}

/** Why, and what to do: it fits whether the settings are set or have their defaults. */
function listenError(
  error: NodeJS.ErrnoException,
  { host, port, portSetting }: Pick<HttpServerOptions, 'host' | 'port' | 'portSetting'>,
): ListenError {
  const refused = (why: string, advice: string): ListenError =>
    new ListenError(`cannot listen on ${host}:${port}: ${why}`, advice, error);
  const code = error.code ?? 'it failed';
  switch (code) {
    case 'EADDRINUSE': {
      const advice = `stop the process that holds it, or set ${portSetting} to another port than ${port}`;
      return refused('it is in use by another process', advice);
    }
    case 'EACCES':
      return refused('it is not allowed', `set ${portSetting} to a port above 1023, or give this process the right`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return refused(`${host} is no address of this machine`, 'set HOST to one, such as 127.0.0.1');
    default:
      return refused(code, `check HOST and ${portSetting}`);
  }
}

/** Ours in place of node's, which a cache may keep. */
const REFUSAL = { 'cache-control': 'no-store', connection: 'close' } as const;

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, REFUSAL).end();
}

/** What a connection is told whose bytes are no request, by the error's code; all else is a bad request. */
const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** A connection, with the answer that is being written to it: where node's own listener looks for it, too. */
type Answering = Duplex & { readonly _httpMessage?: ServerResponse | null };

function refuseBytes(socket: Duplex, status: number): void {
  const lines = Object.entries(REFUSAL).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`);
}

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { host, port, portSetting, handler, logger, limits, rawHeadersOnly = false } = options;
  const bounds = { ...LIMITS, ...limits };
  const server = createServer(
    {
      ...(rawHeadersOnly ? { IncomingMessage: SlimRequest } : {}),
      requestTimeout: bounds.requestTimeoutMs,
      headersTimeout: bounds.headersTimeoutMs,
      keepAliveTimeout: bounds.keepAliveTimeoutMs,
      connectionsCheckingInterval: bounds.checkIntervalMs,
      // Asked below: node's own answer may be kept by a cache.
      requireHostHeader: false,
    },
    (request, response) => {
      // Node drops headers past its limit in silence; one more than ours is let in, to be seen and refused.
      if (request.rawHeaders.length > 2 * bounds.maxHeaders) {
        refuse(response, 431);
        return;
      }
      if (request.httpVersion === '1.1' && !hasHeader(request.rawHeaders, 'host')) {
        refuse(response, 400);
        return;
      }
      try {
        const answered = handler(request, response);
        if (answered instanceof Promise) answered.catch((error: unknown) => fail(response, error));
      } catch (error) {
        fail(response, error);
      }
    },
  );
  server.maxHeadersCount = bounds.maxHeaders + 1;

  server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => refuse(response, 417));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Answering) => {
    // In the midst of an answer another one would be taken for a part of it.
    const isAnswering = socket._httpMessage?.headersSent === true;
    if (socket.writable && !isAnswering) refuseBytes(socket, STATUS_OF[error.code ?? ''] ?? 400);
    socket.destroy(error);
  });

  const fail = (response: ServerResponse, error: unknown): void => {
    logger.error({ err: error }, 'a request failed unexpectedly');
    if (response.headersSent) response.destroy();
    else refuse(response, 500);
  };

  let stopping: Promise<'drained' | 'forced'> | undefined;
  const stop = async (deadlineMs: number): Promise<'drained' | 'forced'> => {
    if (!server.listening) return 'drained';
    const closed = new Promise<'drained'>((resolve) => server.close(() => resolve('drained')));
    // A connection that was busy when `close` was called is idle after its answer, and nobody else closes it then.
    const drain = setInterval(() => server.closeIdleConnections(), DRAIN_INTERVAL_MS);
    let force: NodeJS.Timeout | undefined;
    const over = new Promise<'forced'>((resolve) => (force = setTimeout(() => resolve('forced'), deadlineMs)));
    const outcome = await Promise.race([closed, over]);
    clearTimeout(force);
    clearInterval(drain);
    server.closeAllConnections();
    await closed;
    return outcome;
  };

  return {
    server,
    start: () =>
      new Promise((resolve, reject) => {
        const fail = (error: NodeJS.ErrnoException): void => reject(listenError(error, { host, port, portSetting }));
        server.once('error', fail);
        server.listen({ host, port }, () => {
          server.off('error', fail);
          server.on('error', (error) => logger.error({ err: error }, 'the HTTP server reported an error'));
          const { port: actual } = server.address() as AddressInfo;
          const name = host.includes(':') ? `[${host}]` : host;
          resolve({ host, port: actual, url: `http://${name}:${actual}` });
        });
      }),
    stop: (deadlineMs) => (stopping ??= stop(deadlineMs)),
  };
}

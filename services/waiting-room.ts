// The waiting room: what a process answers on its ports while log or store have not answered since its start. It lives and
// is not ready; verifiers say STALE, never that a key is not good (L10).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Registry } from 'prom-client';
import { REFUSALS, refuse } from './api/answers.ts';
import { createHealthHandler } from './shared/health.ts';
import { createHttpServer, type HttpServer } from './shared/http-server.ts';
import type { Logger } from './shared/logger.ts';
import type { ServiceName, Settings } from './shared/settings.ts';

export interface WaitingRoom {
  /** Gives the ports free. Safe to call twice. */
  close(): Promise<void>;
}

const RETRY_AFTER_SECONDS = '5';
const CLOSE_MS = 1000;
const REASON = 'the log or the read store has not answered since the start';
const PORT_SETTINGS = { api: 'API_PORT', verifier: 'VERIFIER_PORT', projector: 'PROJECTOR_PORT' } as const;

const answers: Readonly<Record<ServiceName, (response: ServerResponse) => void>> = {
  api: (response) => refuse(response, { ...REFUSALS.unavailable, message: `Not ready: ${REASON}.` }),
  verifier: (response) => {
    response.writeHead(503, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'retry-after': RETRY_AFTER_SECONDS,
    });
    response.end(JSON.stringify({ valid: false, code: 'STALE', message: REASON }));
  },
  projector: (response) => {
    response.writeHead(404).end();
  },
};

/** Listens on the ports of the services that will; not on those that any free one is chosen for, since nobody knows it. */
export async function openWaitingRoom({ services, host, ports }: Settings, logger: Logger): Promise<WaitingRoom> {
  const health = createHealthHandler({
    readiness: () => ({ ready: false, reasons: [REASON], degraded: [] }),
    registry: new Registry(),
  });
  const listening = services.filter((name) => ports[name] !== 0 && (name !== 'projector' || services.length === 1));
  const servers = listening.map((name): HttpServer => {
    const handler = (request: IncomingMessage, response: ServerResponse): void => {
      const [path = ''] = (request.url ?? '').split('?', 1);
      if (!health(request, response, path)) answers[name](response);
    };
    return createHttpServer({ host, port: ports[name], portSetting: PORT_SETTINGS[name], handler, logger });
  });
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop(CLOSE_MS)));
  };
  try {
    for (const server of servers) await server.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

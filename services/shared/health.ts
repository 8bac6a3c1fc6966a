// /healthz (the process lives), /readyz (it may answer; else why not) and /metrics, the same on every port.
// Reasons are our own words: nothing that a driver said reaches them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

/** Whether a process may answer now, and what is wrong if anything is. */
export interface Readiness {
  readonly ready: boolean;
  /** Why it is not ready, in our own words. */
  readonly reasons: readonly string[];
  /** What is wrong although it answers: parked records, a store that is away for the moment. */
  readonly degraded: readonly string[];
}

export const READY: Readiness = { ready: true, reasons: [], degraded: [] };

/** One readiness of several parts of a process. */
export function combineReadiness(parts: readonly Readiness[]): Readiness {
  return {
    ready: parts.every((part) => part.ready),
    reasons: parts.flatMap((part) => part.reasons),
    degraded: parts.flatMap((part) => part.degraded),
  };
}

export interface HealthOptions {
  /** Asked at every call of /readyz; a throw counts as not ready. */
  readonly readiness: () => Readiness | Promise<Readiness>;
  readonly registry: Registry;
}

const PATHS = ['/healthz', '/readyz', '/metrics'] as const;

/**
 * Answers the three paths; `false` when the path is another one. The promise never rejects.
 *
 * @param path the request's path without its query.
 */
export function createHealthHandler({ readiness, registry }: HealthOptions) {
  const answers: Record<(typeof PATHS)[number], () => Promise<[status: number, type: string, body: string]>> = {
    '/healthz': () => Promise.resolve([200, 'application/json', '{"status":"ok"}']),
    '/readyz': async () => {
      const { ready, reasons, degraded } = await readiness();
      const status = ready ? (degraded.length > 0 ? 'degraded' : 'ready') : 'unready';
      return [ready ? 200 : 503, 'application/json', JSON.stringify({ status, reasons: [...reasons, ...degraded] })];
    },
    '/metrics': async () => [200, registry.contentType, await registry.metrics()],
  };
  return (request: IncomingMessage, response: ServerResponse, path: string): boolean => {
    const known = PATHS.find((candidate) => candidate === path);
    if (known === undefined) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return true;
    }
    void answers[known]()
      .catch((): [number, string, string] => [
        503,
        'application/json',
        '{"status":"unready","reasons":["the state is not known"]}',
      ])
      .then(([status, type, body]) => {
        response.writeHead(status, {
          'content-type': type,
          'content-length': Buffer.byteLength(body),
          'cache-control': 'no-store',
        });
        response.end(request.method === 'HEAD' ? undefined : body);
      });
    return true;
  };
}

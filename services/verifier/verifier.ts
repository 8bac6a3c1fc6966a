// The verifier: a decision point behind its HTTP port. The same in one process with everything else and as a process of its own.
import { createDecisionPoint, type DecisionPoint, type DecisionPointOptions } from './decision-point.ts';
import { createDetailsReader } from './details.ts';
import { createClientAddress } from '../shared/client-address.ts';
import { createHttpServer, type HttpServer } from '../shared/http-server.ts';
import { createVerifierHandler } from './server.ts';

export interface VerifierOptions extends DecisionPointOptions {
  /** HOST and VERIFIER_PORT (0: any free one). */
  readonly host: string;
  readonly port: number;
  /** VERIFIER_TOKEN; `null`: open. */
  readonly token: string | null;
  /** TRUSTED_PROXIES: whose word about a gateway's client is taken. */
  readonly trustedProxies: readonly string[];
  /** How long a check waits for `atLeast`; default 5 s. */
  readonly atLeastMs?: number;
}

export interface Verifier extends Omit<DecisionPoint, 'start' | 'stop'> {
  /** Listens, and begins to load; answers `STALE` until the view is proven fresh. */
  start(): ReturnType<HttpServer['start']>;
  /** Answers what is in flight, at most for `deadlineMs`, then stops following the log. */
  stop(deadlineMs?: number): Promise<'drained' | 'forced'>;
  readonly server: HttpServer['server'];
}

const AT_LEAST_MS = 5000;
const STOP_MS = 8000;

export function createVerifier(options: VerifierOptions): Verifier {
  const { log, store, host, port, token, logger, metrics, maxStalenessMs, atLeastMs = AT_LEAST_MS } = options;
  const details = createDetailsReader({ store });
  const point = createDecisionPoint({ ...options, onErased: (keyIds) => details.forget(keyIds) });
  const handler = createVerifierHandler({
    ...{ checker: point, judge: point.judge, token, maxStalenessMs, logger, metrics },
    details,
    clientAddress: createClientAddress(options.trustedProxies),
    partitions: log.partitions,
    atLeastMs,
  });
  const http = createHttpServer({ host, port, portSetting: 'VERIFIER_PORT', handler, logger, rawHeadersOnly: true });
  return {
    ...point,
    server: http.server,
    start: async () => {
      const address = await http.start();
      point.start();
      return address;
    },
    stop: async (deadlineMs = STOP_MS) => {
      const draining = http.stop(deadlineMs);
      const [outcome] = await Promise.all([draining, point.stop(deadlineMs, draining)]);
      return outcome;
    },
  };
}

// The verifier: a checker behind its HTTP port. The same in one process with everything else and as a process of its own.
import { createChecker, type Checker, type CheckerOptions } from './checker.ts';
import { createDetailsReader } from './details.ts';
import { createClientAddress } from '../shared/client-address.ts';
import { createHttpServer, type HttpServer } from '../shared/http-server.ts';
import { createVerifierHandler } from './server.ts';

export interface VerifierOptions extends CheckerOptions {
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

export interface Verifier extends Omit<Checker, 'start' | 'stop'> {
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
  const checker = createChecker(options);
  const details = createDetailsReader({ store });
  const handler = createVerifierHandler({
    ...{ checker, details, token, maxStalenessMs, logger, metrics },
    clientAddress: createClientAddress(options.trustedProxies),
    partitions: log.partitions,
    atLeastMs,
  });
  const http = createHttpServer({ host, port, portSetting: 'VERIFIER_PORT', handler, logger });
  return {
    ...checker,
    server: http.server,
    start: async () => {
      const address = await http.start();
      checker.start();
      return address;
    },
    stop: async (deadlineMs = STOP_MS) => {
      // A store or log that hangs must not hold up the process.
      const over = AbortSignal.timeout(deadlineMs);
      const left = new Promise<void>((resolve) => over.addEventListener('abort', () => resolve()));
      const draining = http.stop(deadlineMs);
      const [outcome] = await Promise.all([draining, Promise.race([checker.stop(draining), left])]);
      return outcome;
    },
  };
}

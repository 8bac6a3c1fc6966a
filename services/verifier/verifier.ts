// The verifier: a checker behind its HTTP port. The same in one process with everything else and as a process of its own.
import { createChecker, type Checker, type CheckerOptions } from './checker.ts';
import { createDetailsReader } from './details.ts';
import { createClientAddress } from '../shared/client-address.ts';
import { systemClock } from './freshness.ts';
import { createInvalidKeys } from './invalid-keys.ts';
import { createHttpServer, type HttpServer } from '../shared/http-server.ts';
import { createLimiter } from './limiter.ts';
import { createVerifierHandler } from './server.ts';
import { createUsage, type UsageOptions } from './usage.ts';

export interface VerifierOptions extends CheckerOptions {
  /** HOST and VERIFIER_PORT (0: any free one). */
  readonly host: string;
  readonly port: number;
  /** VERIFIER_TOKEN; `null`: open. */
  readonly token: string | null;
  /** TRUSTED_PROXIES: whose word about a gateway's client is taken. */
  readonly trustedProxies: readonly string[];
  /** Where what is decided is recorded; absent: nowhere. */
  readonly recordTo?: Pick<UsageOptions, 'log' | 'folder'>;
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
/** How long the usage log may take for what is left; the spool keeps the rest. */
const USAGE_STOP_MS = 1000;

export function createVerifier(options: VerifierOptions): Verifier {
  const { log, store, host, port, token, logger, metrics, maxStalenessMs, atLeastMs = AT_LEAST_MS, recordTo } = options;
  const checking = createChecker(options);
  const usage =
    recordTo === undefined
      ? null
      : createUsage({
          ...{ ...recordTo, logger, metrics, verifier: checking.id, partitions: log.partitions },
          position: () => checking.position(),
        });
  const readiness = () => usage?.added(checking.readiness()) ?? checking.readiness();
  const checker = { ...checking, readiness };
  const details = createDetailsReader({ store });
  const { clock = systemClock } = options;
  const limiter = createLimiter({ limits: store.limits, verifier: checker.id, clock, metrics });
  const handler = createVerifierHandler({
    ...{ checker, recorder: usage, limiter, details, token, maxStalenessMs, logger, metrics },
    clientAddress: createClientAddress(options.trustedProxies),
    invalidKeys: createInvalidKeys({
      clock: options.clock ?? systemClock,
      onRefused: () => metrics.invalidKeysRefused.inc(),
    }),
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
      usage?.start();
      return address;
    },
    stop: async (deadlineMs = STOP_MS) => {
      // A store or log that hangs must not hold up the process.
      const over = AbortSignal.timeout(deadlineMs);
      const left = new Promise<void>((resolve) => over.addEventListener('abort', () => resolve()));
      const draining = http.stop(deadlineMs);
      const [outcome] = await Promise.all([draining, Promise.race([checker.stop(draining), left])]);
      // Nobody asks any more: what is left goes back.
      await Promise.race([limiter.close(), left]);
      await usage?.stop(AbortSignal.timeout(USAGE_STOP_MS));
      return outcome;
    },
  };
}

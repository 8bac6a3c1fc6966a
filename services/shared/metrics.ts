// Metrics: one registry per process (prom-client), the process's own and ours. No label holds anything that a caller
// chose, so that the number of series is bounded and no secret can become one.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** @param defaults also the process's: memory, event loop, garbage collection. Off in tests that make many registries. */
export function createMetrics({ defaults = true }: { readonly defaults?: boolean } = {}) {
  const registry = new Registry();
  const registers = [registry];
  if (defaults) collectDefaultMetrics({ register: registry });
  return {
    registry,
    /** `outcome`: `ok`, or the code of the refusal. */
    mutations: new Counter({
      name: 'keyfold_mutations_total',
      help: 'Commands by name and outcome.',
      labelNames: ['command', 'outcome'] as const,
      registers,
    }),
    mutationSeconds: new Histogram({
      name: 'keyfold_mutation_seconds',
      help: 'From the arrival of a command until its outcome is known.',
      buckets: [0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 5, 10],
      registers,
    }),
    projectionLag: new Gauge({
      name: 'keyfold_projection_lag_records',
      help: 'Records between the checkpoint of the live generation and the end of the log.',
      labelNames: ['projection'] as const,
      registers,
    }),
    projectedRecords: new Counter({
      name: 'keyfold_projected_records_total',
      help: 'Records that the projector has read, by what became of them.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    parkedRecords: new Gauge({
      name: 'keyfold_parked_records',
      help: 'Records that no fold could take and that nobody has dealt with.',
      registers,
    }),
    /** `code`: the contract's verify codes. */
    verifications: new Counter({
      name: 'keyfold_verifications_total',
      help: 'Answers of the verifier by code.',
      labelNames: ['code'] as const,
      registers,
    }),
    verifierKeys: new Gauge({
      name: 'keyfold_verifier_keys',
      help: 'Keys that the verifier holds in memory.',
      registers,
    }),
    verifierStaleSeconds: new Gauge({
      name: 'keyfold_verifier_staleness_seconds',
      help: 'Age of the newest log end that the verifier has folded up to.',
      registers,
    }),
    missingPeppers: new Counter({
      name: 'keyfold_missing_pepper_total',
      help: 'Checks of keys whose pepper is not in the settings any more; they fail closed.',
      registers,
    }),
    /** `route`: a fixed name, never a path that a caller chose. */
    httpSeconds: new Histogram({
      name: 'keyfold_http_request_seconds',
      help: 'Time to answer by route and status.',
      labelNames: ['route', 'status'] as const,
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
      registers,
    }),
  };
}

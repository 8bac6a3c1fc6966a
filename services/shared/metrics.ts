// Metrics: one registry per process (prom-client), the process's own and ours. No label holds anything that a caller
// chose, so that the number of series is bounded and no secret can become one.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type GaugeConfiguration } from 'prom-client';
import { createTally } from './tally.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** A gauge whose value is asked for at every scrape; it shows none until `readFrom` says whom to ask, nor for `null`. */
function askedGauge(options: Pick<GaugeConfiguration<string>, 'name' | 'help' | 'registers'>) {
  let ask: () => number | null = () => null;
  const gauge = new Gauge({
    ...options,
    collect: () => {
      const value = ask();
      if (value === null) gauge.remove();
      else gauge.set(value);
    },
  });
  return { readFrom: (source: () => number | null): void => void (ask = source) };
}

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
      help: 'Records between a checkpoint and the end of the log: of the live generation, of usage, of the public topic.',
      labelNames: ['projection'] as const,
      registers,
    }),
    projectedRecords: new Counter({
      name: 'keyfold_projected_records_total',
      help: 'Records that the projector has read, by what became of them.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    /** `outcome`: `counted`, `repeated`, `unreadable`, `lost`. */
    usageFolded: new Counter({
      name: 'keyfold_usage_folded_total',
      help: 'Batches of verifiers by what became of them; lost: removed from the usage log before they were counted.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    publishedEvents: new Counter({
      name: 'keyfold_published_events_total',
      help: 'Events and facts that this process has handed on to the public topic; copies count again.',
      registers,
    }),
    facts: new Counter({
      name: 'keyfold_facts_total',
      help: 'Facts about time that the projector has noticed and appended, by fact; another may have been faster.',
      labelNames: ['fact'] as const,
      registers,
    }),
    /** Shown where a projector runs, which is told of every one, while the store answers. */
    parkedRecords: askedGauge({
      name: 'keyfold_parked_records',
      help: 'Records that no fold could take and that nobody has dealt with.',
      registers,
    }),
    /** `code`: the contract's verify codes; `keyspace`: one of the installation's, or empty. */
    verifications: new Counter({
      name: 'keyfold_verifications_total',
      help: 'Answers of the verifier by code and keyspace.',
      labelNames: ['code', 'keyspace'] as const,
      registers,
    }),
    /** Seconds by the status of the answer. */
    verifySeconds: createTally({
      name: 'keyfold_verify_seconds',
      help: 'From the headers of a check until its answer is handed over, by status; waits that were asked for included.',
      label: 'status',
      bounds: [0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers,
    }),
    verifierKeys: new Gauge({
      name: 'keyfold_verifier_keys',
      help: 'Keys that the verifier holds in memory.',
      registers,
    }),
    verifierEvictions: askedGauge({
      name: 'keyfold_verifier_evictions',
      help: 'Keys that have left memory since the view was loaded, because VERIFIER_MAX_KEYS were held.',
      registers,
    }),
    /** `result`: found, absent, or failed, which is answered `STALE`. */
    verifierMisses: new Counter({
      name: 'keyfold_verifier_misses_total',
      help: 'Keys that were asked for, not held, and looked up in the read store, by what came of it.',
      labelNames: ['result'] as const,
      registers,
    }),
    /** At MAX_STALENESS_MS and above every check is answered `STALE`. */
    verifierStaleSeconds: askedGauge({
      name: 'keyfold_verifier_staleness_seconds',
      help: 'Time since the newest log end that the verifier has folded up to was asked for; +Inf before the first.',
      registers,
    }),
    /** At MAX_STALENESS_MS and above every check is answered `STALE`. */
    verifierLeaseSeconds: askedGauge({
      name: 'keyfold_verifier_lease_age_seconds',
      help: 'Time since the moment that the lease counts from; +Inf without one.',
      registers,
    }),
    usageSpoolBytes: askedGauge({
      name: 'keyfold_usage_spool_bytes',
      help: 'What the verifier has recorded and the usage log has not acknowledged yet.',
      registers,
    }),
    usageBatches: new Counter({
      name: 'keyfold_usage_batches_total',
      help: 'Batches of usage that the usage log has acknowledged.',
      registers,
    }),
    /** `what`: `requests`, of the request log only, or `batches`, with their counts. */
    usageDropped: new Counter({
      name: 'keyfold_usage_dropped_total',
      help: 'What did not fit into memory or the spool, or was damaged there: calls of the request log, or whole batches.',
      labelNames: ['what'] as const,
      registers,
    }),
    /** `outcome`: `ok`, or `failed`: no answer in time. */
    limiterRequests: new Counter({
      name: 'keyfold_limiter_requests_total',
      help: 'Requests to the store for tokens of rate limits, and reports of their use, by outcome.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    limiterDegraded: new Counter({
      name: 'keyfold_limiter_degraded_total',
      help: "Tokens that were granted from this verifier's own share while the store was away.",
      registers,
    }),
    /** `outcome`: `equal`, `different`, or `failed`: it could not be told. */
    shadowRuns: new Counter({
      name: 'keyfold_shadow_runs_total',
      help: 'Comparisons of the read models with what the log says, by outcome.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    shadowDifferences: askedGauge({
      name: 'keyfold_shadow_differences',
      help: 'Differences that the last comparison of this process has named; none before the first.',
      registers,
    }),
    /** Shown where an API runs, once it has looked. */
    checkpointNumber: askedGauge({
      name: 'keyfold_checkpoint_number',
      help: 'Number of the last signed checkpoint; 0 before the first.',
      registers,
    }),
    checkpointAgeSeconds: askedGauge({
      name: 'keyfold_checkpoint_age_seconds',
      help: 'Time since the last checkpoint was signed.',
      registers,
    }),
    checkpointUnsigned: askedGauge({
      name: 'keyfold_checkpoint_unsigned_records',
      help: 'Projected records of the log that no checkpoint covers yet.',
      registers,
    }),
    changedRecords: new Counter({
      name: 'keyfold_changed_records_total',
      help: 'Sealed parts that were read and do not open although their data key is there: they were changed.',
      registers,
    }),
    lostDataKeys: new Counter({
      name: 'keyfold_lost_data_keys_total',
      help: 'Times that a data key was asked for that is neither there nor erased: what it sealed cannot be read.',
      registers,
    }),
    missingPeppers: new Counter({
      name: 'keyfold_missing_pepper_total',
      help: 'Checks of keys whose pepper is not in the settings any more; they fail closed.',
      registers,
    }),
    invalidKeysRefused: new Counter({
      name: 'keyfold_invalid_keys_refused_total',
      help: 'Invalid keys that were answered RATE_LIMITED: their address has sent too many.',
      registers,
    }),
    subscriptions: new Gauge({
      name: 'keyfold_subscriptions_open',
      help: 'Subscriptions that this process is answering.',
      registers,
    }),
    /** `reason`: `completed` by a stop of the process, `gone`, `slow`, or the code of the error that ended it. */
    subscriptionsEnded: new Counter({
      name: 'keyfold_subscriptions_ended_total',
      help: 'Subscriptions that have ended, by why; slow: their readers did not take what was sent.',
      labelNames: ['reason'] as const,
      registers,
    }),
    /** `outcome`: `ok`, `refused`, or `failed`: it could not be told, or not be kept. */
    signIns: new Counter({
      name: 'keyfold_sign_ins_total',
      help: 'Attempts to sign in to the console, by method (code, oidc) and outcome.',
      labelNames: ['method', 'outcome'] as const,
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

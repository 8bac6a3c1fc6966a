// The rotation of sealing keys: how many data keys each one wraps, and wrapping them anew under the newest. Page by page,
// guarded, so that any number of processes may do it at once, and it goes on wherever it was broken off.
import { MissingSealingKeyError, unwrapKey, wrapKey, type SealingKey } from '../../events/sealing.ts';
import type { Rewrap } from '../../projections/data-key-wraps.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { DataKeyRow } from '../../projections/rows.ts';
import { createLongTask, TaskError, type LongTask, type TaskControl } from './long-task.ts';

const PAGE = 500;
/** Data keys that could not be opened and are named; all are counted. */
const NAMED = 100;
/** Others may go on making data keys under an older one while it walks: then it walks again. */
const WALKS = 5;

export interface SealingKeyUse {
  readonly id: string;
  /** Whether it is in KEYFOLD_SEALING_KEYS: without it what it wraps cannot be opened. */
  readonly inSettings: boolean;
  /** Whether new data keys are wrapped by it. */
  readonly newest: boolean;
  /** How many data keys it wraps. */
  readonly dataKeys: number;
}

export interface SealingStatus {
  /** Those of the settings, newest first, then those that are missing there, by id. */
  readonly sealingKeys: readonly SealingKeyUse[];
  /** Data keys that are not destroyed. */
  readonly dataKeys: number;
}

export interface RewrapProgress {
  /** Data keys that were looked at, in this walk. */
  readonly seen: number;
  /** Wrapped anew so far. */
  readonly rewrapped: number;
  /** Those that could not be opened; the first of them are named. */
  readonly failed: number;
  readonly failures: readonly { readonly dataKeyId: string; readonly reason: string }[];
}

export interface SealingOptions {
  readonly store: Pick<ReadStore, 'wraps'>;
  /** Newest first. */
  readonly sealingKeys: readonly SealingKey[];
  readonly randomBytes: (size: number) => Uint8Array;
  /** ISO time. */
  readonly now: () => string;
  readonly logger: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

export interface Sealing {
  /** Counts; whoever asks while a count is under way gets its result. */
  readonly status: () => Promise<SealingStatus>;
  readonly rewrap: LongTask<null, RewrapProgress, RewrapProgress>;
}

const NOTHING: RewrapProgress = { seen: 0, rewrapped: 0, failed: 0, failures: [] };

export function createSealing(options: SealingOptions): Sealing {
  const { store, sealingKeys, now, logger } = options;
  let counting: Promise<SealingStatus> | null = null;

  async function count(): Promise<SealingStatus> {
    const uses = new Map<string, number>();
    let dataKeys = 0;
    for await (const page of pages(store)) {
      dataKeys += page.length;
      for (const { sealingKeyId } of page) uses.set(sealingKeyId, (uses.get(sealingKeyId) ?? 0) + 1);
    }
    const given = sealingKeys.map(({ id }) => id);
    const missing = [...uses.keys()].filter((id) => !given.includes(id)).sort();
    const found = [...given, ...missing].map((id, place) => ({
      ...{ id, inSettings: place < given.length, newest: place === 0 && given.length > 0 },
      dataKeys: uses.get(id) ?? 0,
    }));
    return { sealingKeys: found, dataKeys };
  }

  return {
    status: () =>
      (counting ??= count().finally(() => {
        counting = null;
      })),
    rewrap: createLongTask<null, RewrapProgress, RewrapProgress>({
      begin: NOTHING,
      now,
      async work(_, control) {
        const done = await rewrapAll(options, control);
        const { rewrapped, failed } = done;
        if (failed > 0) logger.warn({ rewrapped, failed }, 'data keys could not be wrapped anew');
        else logger.info({ rewrapped }, 'all data keys are wrapped by the newest sealing key');
        return done;
      },
      onFailed: (error) => logger.warn({ err: error }, 'wrapping data keys anew was broken off'),
    }),
  };
}

/** Walks all data keys until a walk has found none that could be wrapped anew. */
async function rewrapAll(options: SealingOptions, control: TaskControl<RewrapProgress>): Promise<RewrapProgress> {
  const { store, sealingKeys } = options;
  const [newest] = sealingKeys;
  if (!newest) throw new TaskError('NOT_ENABLED', 'there is no sealing key in the settings of this process');
  let progress = NOTHING;
  for (let walk = 0; walk < WALKS; walk++) {
    const before = progress.rewrapped;
    progress = { ...NOTHING, rewrapped: before };
    for await (const page of pages(store)) {
      control.signal.throwIfAborted();
      const rewraps: Rewrap[] = [];
      for (const row of page) {
        if (row.sealingKeyId === newest.id) continue;
        const result = rewrap(row, newest, options);
        if ('to' in result) rewraps.push(result);
        else progress = withFailure(progress, row.id, result.reason);
      }
      // What another process has wrapped meanwhile, or what was destroyed, is left as it is.
      const written = await store.wraps.replace(rewraps);
      progress = { ...progress, seen: progress.seen + page.length, rewrapped: progress.rewrapped + written };
      control.report(progress);
    }
    if (progress.rewrapped === before) break;
  }
  return progress;
}

function rewrap(
  from: DataKeyRow,
  newest: SealingKey,
  { sealingKeys, randomBytes }: SealingOptions,
): Rewrap | { readonly reason: string } {
  try {
    const key = unwrapKey(from, from.id, sealingKeys);
    return { from, to: { id: from.id, ...wrapKey(key, from.id, newest, randomBytes) } };
  } catch (error) {
    if (error instanceof MissingSealingKeyError) return { reason: error.message };
    return { reason: `sealing key "${from.sealingKeyId}" does not open it: the row was changed` };
  }
}

function withFailure(progress: RewrapProgress, dataKeyId: string, reason: string): RewrapProgress {
  const { failed, failures } = progress;
  return {
    ...progress,
    failed: failed + 1,
    failures: failures.length < NAMED ? [...failures, { dataKeyId, reason }] : failures,
  };
}

async function* pages({ wraps }: SealingOptions['store']): AsyncGenerator<readonly DataKeyRow[], void, undefined> {
  for (let after: string | null = null; ;) {
    const page: readonly DataKeyRow[] = await wraps.scan(after, PAGE);
    if (page.length > 0) yield page;
    after = page.at(-1)?.id ?? null;
    if (page.length < PAGE) return;
  }
}

// The checkpointer: signs what all heads are, every so many events and minutes. Several processes may run one: a lease lets
// one of them work, and the unique number of a checkpoint lets one of them sign, so that there is never a fork.
import { randomUUID } from 'node:crypto';
import { covers, type Position } from '../../events/position.ts';
import { publicJwk, signCheckpoint, type SignedCheckpoint, type SigningKey } from '../../events/proof/checkpoint.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { createBackOff } from '../../projections/back-off.ts';
import { createTicker } from '../../projections/ticker.ts';
import { READY, type Readiness } from '../shared/health.ts';
import type { Logger } from '../shared/logger.ts';
import {
  ContradictedError,
  positionOf,
  prepareCheckpoint,
  ViewBehindError,
  wholePosition,
} from './checkpoint-signing.ts';

export interface CheckpointerOptions {
  readonly store: ReadStore;
  /** Of the log. */
  readonly partitions: number;
  /** Newest first: the first one signs, all are published. */
  readonly keys: readonly SigningKey[];
  /** CHECKPOINT_EVENTS and CHECKPOINT_INTERVAL, in milliseconds. */
  readonly everyEvents: number;
  readonly intervalMs: number;
  /** ISO time. */
  readonly now: () => string;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /**
   * Told of every checkpoint in order, at least once: again after whatever it throws, and after a crash. Only one process
   * at a time calls it, but for moments when a lease passes on.
   */
  readonly onSigned?: (row: SignedCheckpoint) => Promise<void>;
  /** How often is looked whether one is due, in milliseconds. */
  readonly lookMs?: number;
  /** Milliseconds of a clock that is never set. */
  readonly monotonic?: () => number;
}

export interface Checkpointer {
  start(): void;
  stop(): Promise<void>;
  /** Signs now if anything was accepted since the last one; answers the newest, `null` where there is nothing to sign. */
  sign(): Promise<SignedCheckpoint | null>;
  /** What one round does: signs if one is due, publishes. */
  look(): Promise<void>;
  readiness(): Readiness;
  /** As this process has seen it last; `null`: not yet. */
  status(): CheckpointStatus | null;
}

export interface CheckpointStatus {
  /** 0: there is none. */
  readonly number: number;
  /** ISO time of the last one. */
  readonly time: string | null;
  /** Records of the log behind the last one, as far as they are projected. */
  readonly unsigned: number;
}

const LOOK_MS = 2000;
/** The longest pause after a failure. */
const RETRY_MS = 60_000;
/** Of the lease, in looks. */
const LEASE_LOOKS = 6;
const ATTEMPTS = 10;
const PUBLISHED_AT_ONCE = 100;
/** All keys of a workspace are read for each checkpoint of it: of the time of a process no more than this share, … */
const SHARE = 1 / 20;
/** … where one takes longer than this, in milliseconds. */
const SHORT_MS = 250;

export function createCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { store, partitions, keys, everyEvents, intervalMs, now, logger, onSigned, lookMs = LOOK_MS } = options;
  const { monotonic = () => performance.now() } = options;
  const { checkpoints } = store;
  const [key] = keys;
  if (!key) throw new TypeError('no key to sign checkpoints with');
  const signer = key;
  const id = randomUUID();
  const began = now();
  /** The number of the last one that this process knows of, and since when it does, by a clock that is never set. */
  let known = { number: 0, since: monotonic() };
  let keysKept = false;
  let trouble: string | null = null;
  let status: CheckpointStatus | null = null;
  /** Looked through up to here: nothing was accepted behind the last one. */
  let idleUpTo: Position = {};
  /** Monotonic: from when on the number of events alone makes the next one due. */
  let restedFrom = -Infinity;
  /** One after the other within this process. */
  let signing: Promise<unknown> = Promise.resolve();

  function sign(): Promise<SignedCheckpoint | null> {
    const signed = signing.catch(() => undefined).then(signOnce);
    signing = signed;
    return signed;
  }

  async function signOnce(): Promise<SignedCheckpoint | null> {
    await keepKeys();
    const wanted = await projectedUpTo();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const last = await checkpoints.newest();
      if (last && covers(positionOf(last.checkpoint), wanted)) return last;
      const prepared = await prepareCheckpoint({ store, checkpoints, partitions, now }, last?.checkpoint ?? null);
      if (prepared.checkpoint === null) {
        idleUpTo = prepared.upTo;
        return last;
      }
      const row = await signCheckpoint({ checkpoint: prepared.checkpoint, key: signer });
      // Of several who sign this number one does; the others stand on what it signed.
      if (await checkpoints.add(row, prepared.changed)) {
        const { number, position, count } = row.checkpoint;
        logger.info({ number, position, count, kid: signer.id }, 'a checkpoint was signed');
        return row;
      }
    }
    throw new Error('others sign checkpoints all the time');
  }

  /** Published before anything is signed with them. */
  async function keepKeys(): Promise<void> {
    if (keysKept) return;
    for (const { id: kid, key: seed } of keys) {
      const own = publicJwk(seed);
      if ((await checkpoints.addKey(kid, own)).x !== own.x)
        throw new Error(`checkpoint key "${kid}" is not the one that this installation was run with`);
    }
    keysKept = true;
  }

  async function projectedUpTo(): Promise<Position> {
    const { live, generations } = await store.control();
    return wholePosition(generations.find((each) => each.id === live)?.checkpoint ?? {}, partitions);
  }

  /** Whether one is due. */
  async function isDue(): Promise<boolean> {
    const [last, reached] = [await checkpoints.newest(), await projectedUpTo()];
    const signed = last ? positionOf(last.checkpoint) : {};
    const seen = covers(idleUpTo, signed) ? idleUpTo : signed;
    const unsigned = Object.entries(reached).reduce(
      (sum, [partition, offset]) => sum + Math.max(0, offset - (seen[Number(partition)] ?? 0)),
      0,
    );
    const [number, at] = [last?.checkpoint.number ?? 0, monotonic()];
    status = { number, time: last?.checkpoint.time ?? null, unsigned };
    if (number !== known.number) known = { number, since: at };
    if (unsigned === 0) return false;
    if (unsigned >= everyEvents && at >= restedFrom) return true;
    // A wall clock that was set back does not put it off; what passed before this process began counts by it alone.
    const byWallClock = Date.parse(now()) - Date.parse(last?.checkpoint.time ?? began);
    return Math.max(byWallClock, at - known.since) >= intervalMs;
  }

  async function look(): Promise<void> {
    await keepKeys();
    const due = await isDue();
    if (!(await checkpoints.lead(id, lookMs * LEASE_LOOKS))) {
      trouble = null; // somebody else's work
      return;
    }
    if (due) {
      const from = monotonic();
      await sign();
      const took = monotonic() - from;
      if (took > SHORT_MS) restedFrom = from + took / SHARE;
      await isDue();
    }
    await publish();
    trouble = null;
  }

  async function publish(): Promise<void> {
    if (!onSigned) return;
    for (;;) {
      const above = await checkpoints.published();
      const rows = await checkpoints.list({ above, newestFirst: false, limit: PUBLISHED_AT_ONCE });
      for (const row of rows) {
        await onSigned(row);
        await checkpoints.setPublished(row.checkpoint.number);
      }
      if (rows.length < PUBLISHED_AT_ONCE) return;
    }
  }

  function onError(error: unknown): void {
    const reason = reasonOf(error);
    // Said once: it is tried again every few seconds.
    if (reason !== trouble) {
      if (error instanceof ContradictedError) logger.error({ err: error }, reason);
      else logger.warn({ err: error }, `${reason}; trying again`);
    }
    trouble = reason;
  }

  const backOff = createBackOff({ firstMs: lookMs, maxMs: RETRY_MS });
  const ticker = createTicker({
    intervalMs: lookMs,
    onError,
    async work(signal) {
      try {
        await look();
        backOff.reset();
      } catch (error) {
        onError(error);
        await backOff.pause(signal);
      }
    },
  });
  return {
    start: () => ticker.start(),
    async stop() {
      await ticker.stop();
      await signing.catch(() => undefined);
      await checkpoints.leave(id).catch(() => undefined);
    },
    sign,
    look,
    readiness: () => (trouble === null ? READY : { ...READY, degraded: [trouble] }),
    status: () => status,
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof ContradictedError) return `no checkpoint is signed: ${error.message}`;
  if (error instanceof ViewBehindError)
    return 'no checkpoint is signed: the read models are behind the last one, and being made again';
  return 'no checkpoint could be signed or published: the read store does not answer, or has refused';
}

// The usage spool: batches on their way to the usage log, in the order of their sequences, until they are acknowledged (P6).
// Those that the log does not take soon are on disk. Bounded: past its bound calls go first, then batches, oldest first. While
// the disk takes nothing, a few are kept in memory and whoever brings more waits. It never throws.
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutRequests } from '../../events/usage-format.ts';
import type { Logger } from '../shared/logger.ts';
import type { EncodedBatch } from './usage-batches.ts';
import { DAMAGED, fileName, readBatchFile, writeBatchFile, type BatchName } from './usage-file.ts';
import { takeSlots, type Slot } from './usage-slot.ts';
import { createWaiters } from './waiters.ts';

/** A batch on its way. */
export interface Parcel extends BatchName {
  readonly bytes: number;
}

interface Held extends BatchName {
  bytes: number;
  thin: boolean;
  /** `null`: it is in memory only. */
  path: string | null;
  /** `null`: it is on disk only. */
  json: Uint8Array | null;
  slot: Slot | null;
  /** Monotonic: when it came. */
  since: number;
  /** Is being sent, and stays as it is. */
  taken: boolean;
}

export interface UsageSpoolOptions {
  readonly folder: string;
  readonly logger: Logger;
  /** What was dropped, or set aside. */
  readonly onDropped: (what: 'requests' | 'batches', count: number) => void;
  /** Bound on disk. */
  readonly maxBytes?: number;
  /** Bound of what is in memory only. */
  readonly maxMemoryBytes?: number;
  /** How long to leave a disk alone that takes nothing. */
  readonly retryMs?: number;
}

export interface UsageSpool {
  /** Looks for what earlier processes have left, unless it has; to be called again. Not beside {@link UsageSpool.put}. */
  open(): Promise<void>;
  /** Takes a batch into memory, where it may be sent before it is ever on disk; `false`: too many are there. */
  hold(batch: EncodedBatch): boolean;
  /** Resolves once the batch is on disk, with all before it, or in memory where the disk takes nothing. */
  put(batch: EncodedBatch): Promise<void>;
  /** Writes what was held for so long. One at a time, and not beside {@link UsageSpool.put}. */
  settle(afterMs: number): Promise<void>;
  /** The oldest batch, which stays until it is {@link UsageSpool.remove}d; waits for one. `null`: the signal came first. */
  next(signal: AbortSignal): Promise<Parcel | null>;
  /** Its JSON; `null`: it is damaged, was set aside, and the next one is to be taken. @throws what the file system says */
  read(parcel: Parcel): Promise<Uint8Array | null>;
  remove(parcel: Parcel): Promise<void>;
  readonly isEmpty: boolean;
  /** Of all batches, wherever they are. */
  readonly bytes: number;
  /** What is wrong with it, in our own words; `null`: nothing. */
  trouble(): string | null;
  /** From now on nobody who brings a batch is kept waiting. */
  finish(): void;
  /** Leaves what is on disk to the next process; answers how many batches were in memory only, and are lost. */
  close(): Promise<number>;
}

/** 256 MiB: hours of an outage at hundreds of checks a second. */
export const USAGE_SPOOL_BYTES = 256 * 1024 * 1024;
const MEMORY_BYTES = 8 * 1024 * 1024;
/** Batches on disk that are also kept in memory, so that they need not be read again to be sent. */
const AT_HAND_BYTES = 16 * 1024 * 1024;
const RETRY_MS = 1000;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';

export function createUsageSpool(options: UsageSpoolOptions): UsageSpool {
  const { folder, logger, onDropped, retryMs = RETRY_MS } = options;
  const { maxBytes = USAGE_SPOOL_BYTES, maxMemoryBytes = MEMORY_BYTES } = options;
  let queue: Held[] = [];
  let own: Slot | null = null;
  const slots = new Set<Slot>();
  let trouble: string | null = null;
  /** Monotonic; the disk is left alone until then. */
  let restUntil = -Infinity;
  let finishing = false;
  const waiters = createWaiters();

  const total = (of: (held: Held) => boolean): number =>
    queue.reduce((sum, each) => (of(each) ? sum + each.bytes : sum), 0);

  function complain(error: unknown): void {
    restUntil = performance.now() + retryMs;
    const said = `the usage spool cannot be written (${codeOf(error)}): usage waits in memory`;
    if (trouble !== said) logger.warn({ err: error, folder }, said);
    trouble = said;
  }

  async function open(): Promise<Slot> {
    if (own !== null) return own;
    const taken = await takeSlots(folder);
    own = taken.own;
    for (const slot of [own, ...taken.others]) {
      slots.add(slot);
      for (const { path, ...name } of slot.leftOvers) await adopt(slot, path, name);
    }
    if (queue.length > 0) logger.info({ batches: queue.length }, 'usage of earlier processes is sent, too');
    waiters.wake();
    return own;
  }

  async function adopt(slot: Slot, path: string, name: BatchName): Promise<void> {
    const { size } = await stat(path);
    const twin = queue.at(-1);
    // The one without calls was written in its place.
    if (twin?.verifier === name.verifier && twin.sequence === name.sequence) await rm(path, { force: true });
    else queue.push({ ...name, path, bytes: size, json: null, slot, since: performance.now(), taken: false });
  }

  /** Whether the disk took it; without asking, while it is to be left alone. */
  async function attempt(work: (slot: Slot) => Promise<void>): Promise<boolean> {
    if (performance.now() < restUntil) return false;
    try {
      await work(await open());
      if (trouble !== null) logger.info({ folder }, 'the usage spool can be written again');
      trouble = null;
      return true;
    } catch (error) {
      complain(error);
      return false;
    }
  }

  const isThere = (held: Held): boolean => queue.includes(held);

  const save = (held: Held): Promise<boolean> =>
    attempt(async (slot) => {
      if (held.json === null || !isThere(held)) return;
      const path = join(slot.path, fileName(held));
      try {
        await writeBatchFile(path, held.json);
        if (isThere(held)) Object.assign(held, { path, slot });
      } finally {
        // Sent meanwhile, or not known to be on the disk, though it may have its name.
        if (held.path !== path) await rm(path, { force: true });
      }
    });

  /** Writes those in memory only that came by then, in their order, while the disk takes them. */
  async function saveUpTo(by: number): Promise<void> {
    for (const held of queue.filter(({ path, since }) => path === null && since <= by)) {
      if (!(await save(held))) return;
      if (total(({ path, json }) => path !== null && json !== null) > AT_HAND_BYTES && !held.taken) held.json = null;
    }
    await shrink();
  }

  async function shrink(): Promise<void> {
    while (total(({ path }) => path !== null) > maxBytes) {
      const fat = queue.find(({ thin, taken, path }) => !thin && !taken && path !== null);
      const oldest = queue.find(({ taken, path }) => !taken && path !== null);
      if (fat !== undefined && (await thinOut(fat))) continue;
      const victim = fat ?? oldest;
      if (victim === undefined) return;
      if (isOnItsWay(victim)) continue;
      await forget(victim);
      onDropped('batches', 1);
      logger.error(
        { verifier: victim.verifier, sequence: victim.sequence },
        'the usage spool is full: a batch is lost',
      );
    }
  }

  /** Is being sent by now, or gone: then it stays as it is. */
  const isOnItsWay = (held: Held): boolean => held.taken || !isThere(held);

  /** Takes the calls out of a batch, unless it is on its way by then: its counts stay. `false`: it could not be done. */
  async function thinOut(held: Held): Promise<boolean> {
    const { path, slot } = held;
    if (path === null || slot === null) return false;
    try {
      const json = held.json ?? (await readBatchFile(path, held));
      const thinned = json === null ? null : withoutRequests(json);
      if (thinned === null) return isOnItsWay(held);
      const { value: rest, left } = thinned;
      const thin = join(slot.path, fileName({ ...held, thin: true }));
      await writeBatchFile(thin, rest);
      if (isOnItsWay(held)) {
        await rm(thin, { force: true });
        return true;
      }
      held.thin = true;
      held.path = thin;
      held.bytes = rest.byteLength;
      held.json = null;
      await rm(path, { force: true });
      onDropped('requests', left);
      logger.warn({ calls: left }, 'the usage spool is full: calls are left out of the request log');
      return true;
    } catch (error) {
      complain(error);
      return isOnItsWay(held);
    }
  }

  async function forget(held: Held): Promise<void> {
    queue = queue.filter((each) => each !== held);
    if (held.path !== null)
      await rm(held.path, { force: true }).catch((error: unknown) => {
        logger.warn({ err: error }, 'a file of the usage spool cannot be removed: it is sent again, and counts once');
      });
    const { slot } = held;
    if (slot !== null && slot !== own && queue.every((each) => each.slot !== slot)) {
      slots.delete(slot);
      await slot.release();
    }
    waiters.wake();
  }

  /** Whether memory takes one more, beside those that are nowhere else. */
  function hasRoomFor({ json }: EncodedBatch): boolean {
    const waiting = total(({ path }) => path === null);
    return waiting === 0 || waiting + json.byteLength <= maxMemoryBytes;
  }

  function take({ verifier, sequence, json }: EncodedBatch): void {
    queue.push({
      ...{ verifier, sequence, thin: false, bytes: json.byteLength, since: performance.now() },
      ...{ path: null, json, slot: null, taken: false },
    });
    waiters.wake();
  }

  const heldAs = (parcel: Parcel): Held | undefined => queue.find((each) => each === parcel);

  return {
    open: async () => {
      if (own === null) await attempt(() => Promise.resolve());
    },
    hold: (batch) => {
      if (!finishing && !hasRoomFor(batch)) return false;
      take(batch);
      return true;
    },
    put: async (batch) => {
      await saveUpTo(Infinity);
      while (!finishing && !hasRoomFor(batch)) {
        await waiters.wait(() => finishing || hasRoomFor(batch), AbortSignal.timeout(retryMs));
        await saveUpTo(Infinity);
      }
      take(batch);
      await saveUpTo(Infinity);
    },
    settle: (afterMs) => saveUpTo(performance.now() - afterMs),
    next: async (signal) => {
      await waiters.wait(() => queue.length > 0, signal);
      const [oldest] = queue;
      if (oldest === undefined || signal.aborted) return null;
      oldest.taken = true;
      return oldest;
    },
    read: async (parcel) => {
      const held = heldAs(parcel);
      if (held === undefined) return null;
      const { path } = held;
      const json = held.json ?? (path === null ? null : await readBatchFile(path, held));
      if (json !== null || path === null) return json;
      logger.error({ file: path }, 'a file of the usage spool is damaged: it is set aside');
      onDropped('batches', 1);
      await rename(path, path + DAMAGED).catch(() => undefined);
      await forget(held);
      return null;
    },
    remove: async (parcel) => {
      const held = heldAs(parcel);
      if (held !== undefined) await forget(held);
    },
    get isEmpty() {
      return queue.length === 0;
    },
    get bytes() {
      return total(() => true);
    },
    trouble: () => trouble,
    finish: () => {
      finishing = true;
      restUntil = -Infinity;
      waiters.wake();
    },
    close: async () => {
      waiters.close();
      for (const slot of slots) await slot.release();
      return queue.filter(({ path }) => path === null).length;
    },
  };
}

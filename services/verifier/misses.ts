// Misses: keys that are asked for and not held, read from the store and brought up to the tail (V1, V2). One read for each
// key at a time, few at once, none for long: what fails or is late is `STALE` for that request only (L10).
import type { EventLog } from '../../events/log.ts';
import type { Position } from '../../events/position.ts';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import type { ParkedRow } from '../../projections/rows.ts';
import type { KeyRead } from './admission.ts';
import { isWellFormed } from './credential.ts';
import { createSlots, type Slots } from './slots.ts';
import type { View } from './view.ts';

export interface MissesOptions {
  readonly log: Pick<EventLog, 'end'>;
  readonly store: ReadStore;
  /** `true` once the view has folded up to the position; `false` when `until` came first. */
  readonly whenReached: (position: Position, until: AbortSignal) => Promise<boolean>;
  readonly onMiss: (result: 'found' | 'absent' | 'failed') => void;
  /** Most that may be read, or wait for it; default 1,024. */
  readonly maxWaiting?: number;
  /** How long a request waits; default 1 s. */
  readonly timeoutMs?: number;
}

export interface Misses {
  /**
   * Has the view know of a secret, or that it is no key's. `true`: it does; `false`: it could not be had now.
   *
   * @param last it has few turns of its own, and takes none of the others.
   * @returns `null`: there is nothing to wait for.
   */
  prepare(view: View, text: string, last?: boolean): Promise<boolean> | null;
  /** Reads keys, at most some hundreds, and has the view take them in. Answers which are to be read again. Rejects as log and store do. */
  takeAll(view: View, ids: readonly string[], until: AbortSignal): Promise<readonly string[]>;
}

const MAX_WAITING = 1024;
const AT_ONCE = 32;
/** The same of those that come last. */
const LAST = { waiting: 32, atOnce: 2 };
const TIMEOUT_MS = 1000;
/** Between two reads of the same key: the projector has to go on in between. */
const AGAIN_MS = 20;

/** What a look-up by secret came to. */
interface Found {
  readonly checkpoint: Position;
  /** `null`: the store knows no key with it, nor do the kept events. */
  readonly read: KeyRead | null;
  readonly hashes: readonly string[];
}

interface Lane {
  readonly slots: Slots;
  readonly flights: Map<string, Promise<boolean>>;
  readonly most: number;
}

export function createMisses(options: MissesOptions): Misses {
  const { log, store, whenReached, onMiss, maxWaiting = MAX_WAITING, timeoutMs = TIMEOUT_MS } = options;
  /** By secret, while it is read; those that come last are apart. */
  const first: Lane = { slots: createSlots(AT_ONCE), flights: new Map(), most: maxWaiting };
  const last: Lane = { slots: createSlots(LAST.atOnce), flights: new Map(), most: LAST.waiting };

  /** After the states: a record is parked, and lifted, before the events behind it are written (P5). */
  async function readParked(view: View, checkpoint: Position, ids: readonly string[]): Promise<readonly ParkedRow[]> {
    const open = await store.parked.open({ aggregateIds: ids });
    const partitions = new Set(ids.flatMap((id) => view.kept.of(id, checkpoint).map(({ partition }) => partition)));
    const since = [...partitions].map((partition) =>
      store.parked.among({ partition, from: checkpoint[partition] ?? 0, to: Number.MAX_SAFE_INTEGER, digests: [] }),
    );
    return [...open, ...(await Promise.all(since)).flat()];
  }

  async function findBySecret(view: View, live: GenerationView, text: string): Promise<Found> {
    const { checkpoint } = live; // V1: read before any row
    const asked = view.hashesOf(text);
    const states = await Promise.all(asked.map((hash) => live.keyBySecret(hash)));
    const stored = states.find((state) => state !== null) ?? null;
    // V3: an unknown hash is also looked for in the kept events.
    const keyId = stored?.keyId ?? introducing(view, asked);
    if (keyId === null) return { checkpoint, read: null, hashes: [] };
    const state = stored ?? (await live.key(keyId))?.state ?? null;
    const parked = await readParked(view, checkpoint, [keyId]);
    return { checkpoint, read: { keyId, checkpoint, state, parked }, hashes: asked.filter((_, i) => states[i]) };
  }

  /** V2: everything that was read is in the log before an end that is asked for now; the tail has to be there first. */
  async function reachEnd(until: AbortSignal): Promise<boolean> {
    return whenReached(await log.end(), until);
  }

  /** `null`: to be done again. */
  async function attempt(view: View, text: string, until: AbortSignal): Promise<'found' | 'absent' | null> {
    const { checkpoint, read, hashes } = await store.read((live) => findBySecret(view, live, text));
    if (read !== null && !((await reachEnd(until)) && view.take(read, hashes))) return null;
    if (view.find(text) !== null) return 'found';
    const introducedBy = introducing(view, view.hashesOf(text));
    if (introducedBy !== null && introducedBy !== read?.keyId) return null;
    return view.lack(text, checkpoint) ? 'absent' : null;
  }

  async function fly({ slots }: Lane, view: View, text: string, until: AbortSignal): Promise<boolean> {
    const result = await slots
      .run(async () => {
        while (!until.aborted) {
          const found = await attempt(view, text, until);
          if (found !== null) return found;
          await pause(until);
        }
        return 'failed' as const;
      }, until)
      .catch(() => 'failed' as const);
    onMiss(result ?? 'failed');
    return result === 'found' || result === 'absent';
  }

  function start(lane: Lane, view: View, text: string): Promise<boolean> {
    const over = new AbortController();
    const flight = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        over.abort();
        resolve(false);
      }, timeoutMs);
      void fly(lane, view, text, over.signal).then((known) => {
        clearTimeout(timer);
        resolve(known);
      });
    }).finally(() => lane.flights.delete(text));
    lane.flights.set(text, flight);
    return flight;
  }

  return {
    prepare: (view, text, isLast = false) => {
      if (view.complete || !isWellFormed(text) || view.find(text) !== null || view.lacks(text)) return null;
      const lane = isLast ? last : first;
      const underWay = first.flights.get(text) ?? lane.flights.get(text);
      if (underWay !== undefined) return underWay;
      if (lane.flights.size < lane.most) return start(lane, view, text);
      onMiss('failed');
      return Promise.resolve(false);
    },
    takeAll: async (view, ids, until) => {
      const { checkpoint, rows, parked } = await store.read(async (live) => {
        const { checkpoint: first } = live; // V1
        const found = await live.keys(ids);
        return { checkpoint: first, rows: found, parked: await readParked(view, first, ids) };
      });
      if (!(await reachEnd(until))) return ids;
      return ids.filter((keyId) => {
        const state = rows.get(keyId)?.state ?? null;
        const own = parked.filter(({ aggregateId, status }) => aggregateId === keyId || status !== 'OPEN');
        return !view.take({ keyId, checkpoint, state, parked: own }, []);
      });
    },
  };
}

/** The key for which a kept event has introduced any of the hashes. */
function introducing({ kept }: View, hashes: readonly string[]): string | null {
  return hashes.reduce<string | null>((keyId, hash) => keyId ?? kept.keyOf(hash), null);
}

async function pause(until: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      until.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, AGAIN_MS);
    until.addEventListener('abort', end);
  });
}

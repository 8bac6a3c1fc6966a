// Keys of the past, read from a store in small pieces, so that nobody else waits, and never more than one answer may cost.
// A key that has not changed since is the row that there is; only the others are folded again.
import { setImmediate as turn } from 'node:timers/promises';
import { FORGOTTEN } from '../events/key/state.ts';
import { detailsOf, startFolding, type PastState } from './as-of.ts';
import { unusedRow } from './keys.ts';
import type { GenerationView } from './read-store.ts';
import type { FactRow, HistoryRow, KeyCursor, KeyOrder, KeyRow, MadeQuery, Rows, Window } from './rows.ts';

/** Rows that are read, and personal parts that are opened, before others have their turn. */
const KEYS_AT_ONCE = 100;
const EVENTS_AT_ONCE = 200;
const OPENED_AT_ONCE = 100;
const FACTS_AT_ONCE = 500;
/** What one answer may come to: less than a read may take. */
const MAX_MS = 4000;
const MAX_EVENTS = 200_000;

/** There is too much to fold for one answer. */
export class PastTooLargeError extends Error {
  readonly code = 'PAST_TOO_LARGE';
}

export interface PastOptions {
  readonly view: Pick<GenerationView, 'listMade' | 'pastEvents' | 'facts'>;
  /** The personal parts of history rows, in order; `null` where they are erased. */
  readonly openPersonal: (
    rows: readonly HistoryRow[],
  ) => Promise<readonly (Readonly<Record<string, unknown>> | null)[]>;
  /** Milliseconds on a monotonic clock. */
  readonly clock?: () => number;
}

/** A row of a past time, its usage unknown; its details are blank until they are opened from what tells them. */
export interface PastKey {
  readonly row: KeyRow;
  readonly told: readonly HistoryRow[];
}

/** One for each answer: what it costs is counted together. All of it throws {@link PastTooLargeError}. */
export interface Past {
  /** Keys that were made by a time, as they are now, in pieces, in the window's direction; its limit is the first piece's. */
  made(
    query: MadeQuery,
    direction: KeyOrder['direction'],
    window: Window<KeyCursor>,
  ): AsyncGenerator<readonly KeyRow[]>;
  /** Each row at each of the times, which ascend; `null`: not there yet. Told of what has happened to them by the last time. */
  states(
    rows: readonly KeyRow[],
    times: readonly [string, ...string[]],
    onEvent?: (event: HistoryRow) => void,
  ): Promise<readonly (readonly (PastKey | null)[])[]>;
  /** Those of these facts that are known, by id. */
  facts(ids: readonly string[]): Promise<ReadonlyMap<string, FactRow>>;
  /** With their details, as far as these are not erased since. */
  completed(keys: readonly PastKey[]): Promise<readonly KeyRow[]>;
}

/** A window of all keys. */
export const EVERYTHING: Window<KeyCursor> = { limit: KEYS_AT_ONCE, backward: false, after: null, before: null };

const NOTHING_KNOWN: KeyRow['usage'] = { lastUsedAt: null, lastSeenAt: null, requestCount: 0 };
const unused = (row: KeyRow): KeyRow => ({ ...row, noticeAt: null, usage: NOTHING_KNOWN });
const pastKey = (past: PastState | null): PastKey | null =>
  past && { row: unusedRow(past.state, FORGOTTEN), told: past.told };

export function createPast({ view, openPersonal, clock = () => performance.now() }: PastOptions): Past {
  const began = clock();
  let events = 0;

  function spend(count: number): void {
    events += count;
    if (events > MAX_EVENTS || clock() - began > MAX_MS)
      throw new PastTooLargeError('too much has happened since to put the past together in one answer');
  }

  /** The keys at each of the times, which ascend. */
  async function states(
    rows: readonly KeyRow[],
    times: readonly [string, ...string[]],
    onEvent?: (event: HistoryRow) => void,
  ): Promise<readonly (readonly (PastKey | null)[])[]> {
    const until = times.at(-1) ?? times[0];
    const changed = rows.filter(({ state }) => state.time > times[0] && state.createdAt <= until);
    const foldings = new Map(changed.map(({ state }) => [state.keyId, startFolding(times)]));
    for await (const some of eventsOf([...foldings.keys()], until)) {
      for (const event of some) {
        foldings.get(event.aggregateId)?.add(event);
        onEvent?.(event);
      }
    }
    return rows.map((row) => {
      const folded = foldings.get(row.state.keyId)?.result();
      return times.map((time, index) =>
        row.state.time <= time ? { row: unused(row), told: [] } : pastKey(folded?.[index] ?? null),
      );
    });
  }

  async function* eventsOf(aggregateIds: readonly string[], until: string): AsyncGenerator<readonly HistoryRow[]> {
    let after: HistoryRow | null = null;
    for (let more = aggregateIds.length > 0; more;) {
      const found: Rows<HistoryRow> = await view.pastEvents({ aggregateIds, until, after, limit: EVENTS_AT_ONCE });
      spend(found.rows.length);
      yield found.rows;
      after = found.rows.at(-1) ?? null;
      more = found.more && after !== null;
      await turn();
    }
  }

  /** Keys that were made by a time, in pieces, in the window's direction. */
  async function* made(
    query: MadeQuery,
    direction: KeyOrder['direction'],
    window: Window<KeyCursor>,
  ): AsyncGenerator<readonly KeyRow[]> {
    let next = { ...window, limit: Math.min(window.limit + 1, KEYS_AT_ONCE) };
    for (;;) {
      const { rows, more } = await view.listMade(query, direction, next);
      spend(0);
      const ordered = next.backward ? rows.toReversed() : rows;
      yield ordered;
      const last = ordered.at(-1);
      if (!more || !last) return;
      const place = { value: last.state.createdAt, id: last.state.keyId };
      next = { ...next, limit: KEYS_AT_ONCE, ...(next.backward ? { before: place } : { after: place }) };
      await turn();
    }
  }

  async function facts(ids: readonly string[]): Promise<ReadonlyMap<string, FactRow>> {
    const known = new Map<string, FactRow>();
    for (let start = 0; start < ids.length; start += FACTS_AT_ONCE) {
      const found = await view.facts(ids.slice(start, start + FACTS_AT_ONCE));
      spend(found.size);
      for (const [id, fact] of found) known.set(id, fact);
      await turn();
    }
    return known;
  }

  async function completed(keys: readonly PastKey[]): Promise<readonly KeyRow[]> {
    const complete: KeyRow[] = [];
    for (let start = 0; start < keys.length; start += OPENED_AT_ONCE) {
      const some = keys.slice(start, start + OPENED_AT_ONCE);
      const told = some.flatMap((key) => key.told);
      const opened = await opening(told);
      let from = 0;
      for (const key of some) {
        const own = opened.slice(from, (from += key.told.length));
        complete.push(key.told.length === 0 ? key.row : unusedRow(key.row.state, detailsOf(key.told, own)));
      }
    }
    return complete;
  }

  async function opening(rows: readonly HistoryRow[]): ReturnType<PastOptions['openPersonal']> {
    const opened: (Readonly<Record<string, unknown>> | null)[] = [];
    for (let start = 0; start < rows.length; start += OPENED_AT_ONCE) {
      opened.push(...(await openPersonal(rows.slice(start, start + OPENED_AT_ONCE))));
      spend(0);
      await turn();
    }
    return opened;
  }

  return { made, states, facts, completed };
}

/** Keys as they were at a time, by id, from the rows that there are; absent: not there yet. */
export async function keysAsOf(
  past: Past,
  rows: readonly KeyRow[],
  asOf: string,
): Promise<ReadonlyMap<string, KeyRow>> {
  const there = (await past.states(rows, [asOf])).flatMap(([key]) => key ?? []);
  return new Map((await past.completed(there)).map((row) => [row.state.keyId, row]));
}

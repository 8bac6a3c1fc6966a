// The access review: every key that was there at either of two times, as it was then and then, and what happened between.
import { factAt } from '../events/fact-record.ts';
import { expiryGiven, givesExpiry } from './expiries.ts';
import { placeOf } from './facts.ts';
import type { HistoryRow, KeyCursor, KeyQuery, KeyRow, LogEntry, Rows, Window } from './rows.ts';
import { EVERYTHING, type Past, type PastKey } from './past.ts';

/** What became of a key between two times. */
export interface Reviewed<K = KeyRow> {
  /** As it is now. */
  readonly key: KeyRow;
  /** `null`: not there yet. */
  readonly before: K | null;
  readonly after: K | null;
  /** Events behind the one time, up to and at the other, and that it expired, in the order of their times. */
  readonly changes: readonly LogEntry[];
}

export interface ReviewQuery extends Pick<KeyQuery, 'workspaceId' | 'keyspaces'> {
  /** ISO times, `from` before `to`. */
  readonly from: string;
  readonly to: string;
}

/**
 * A window, in the order in which the keys were made. What was deleted by `from` is left out, unless something happened to
 * it in between. The window ends early where its changes would be more than `changes`, but not before its first row.
 *
 * @throws {@link PastTooLargeError}
 */
export async function reviewAccess(
  past: Past,
  query: ReviewQuery,
  window: Window<KeyCursor>,
  changes: number,
): Promise<Rows<Reviewed>> {
  const wanted: Reviewed<PastKey>[] = [];
  let more = false;
  let left = changes;
  for await (const row of told(past, query, window)) {
    left -= row.changes.length;
    more = wanted.length >= window.limit || (left < 0 && wanted.length > 0);
    if (more) break;
    wanted.push(row);
  }
  const ends = wanted.flatMap(({ before, after }) => [before, after].filter((end) => end !== null));
  const complete = (await past.completed(ends)).values();
  const next = (end: PastKey | null): KeyRow | null => (end && complete.next().value) ?? null;
  return { rows: wanted.map((row) => ({ ...row, before: next(row.before), after: next(row.after) })), more };
}

/** @throws {@link PastTooLargeError} */
export async function countReview(past: Past, query: ReviewQuery): Promise<number> {
  let count = 0;
  for await (const rows of reviewed(past, query, EVERYTHING)) count += rows.length;
  return count;
}

/** A row whose changes are events alone. */
type Folded = Reviewed<PastKey> & { readonly changes: readonly HistoryRow[] };

async function* told(past: Past, query: ReviewQuery, window: Window<KeyCursor>): AsyncGenerator<Reviewed<PastKey>> {
  for await (const rows of reviewed(past, query, window)) {
    const ids = rows.map((row) => expiriesBetween(row, query));
    const facts = await past.facts(ids.flat());
    for (const [index, row] of rows.entries()) {
      const own = ids[index]?.flatMap((id) => facts.get(id) ?? []) ?? [];
      yield own.length === 0 ? row : { ...row, changes: [...own, ...row.changes].sort(byPlace) };
    }
  }
}

/** The ids of the facts that there may be: that a key met an expiry which it had then, or was given between. */
function expiriesBetween({ key, before, after, changes }: Folded, { from, to }: ReviewQuery): readonly string[] {
  const ends = [before, after].map((end) => end?.row.state.expiresAt ?? null);
  const { keyId, workspaceId, keyspace } = key.state;
  const expiries = new Set([...ends, ...changes.filter(givesExpiry).map(expiryGiven)]);
  return [...expiries].flatMap((expiresAt) =>
    expiresAt !== null && from < expiresAt && expiresAt <= to
      ? [factAt({ keyId, workspaceId, keyspace, expiresAt }, 0).attributes.id]
      : [],
  );
}

/** Of one key's entries. */
function byPlace(a: LogEntry, b: LogEntry): number {
  const [one, other] = [placeOf(a), placeOf(b)];
  return one.time === other.time ? one.version - other.version : one.time < other.time ? -1 : 1;
}

async function* reviewed(past: Past, query: ReviewQuery, window: Window<KeyCursor>): AsyncGenerator<readonly Folded[]> {
  const { from, to } = query;
  for await (const rows of past.made({ ...query, filter: {}, until: to }, 'ASC', window)) {
    const changes = new Map<string, HistoryRow[]>(rows.map(({ state }) => [state.keyId, []]));
    const states = await past.states(rows, [from, to], (event) => {
      if (event.time > from) changes.get(event.aggregateId)?.push(event);
    });
    yield rows.flatMap((key, index) => {
      const [before = null, after = null] = states[index] ?? [];
      const own = changes.get(key.state.keyId) ?? [];
      return before?.row.state.status !== 'DELETED' || own.length > 0 ? [{ key, before, after, changes: own }] : [];
    });
  }
}

// The list of a workspace's keys as it was: every filter and order, by the very conditions that stores are asked with.
import type { KeyCursor, KeyOrder, KeyQuery, KeyRow, Rows, Window } from './rows.ts';
import { EVERYTHING, type Past, type PastKey } from './past.ts';
import { and } from './stores/conditions.ts';
import { keyColumns } from './stores/key-record.ts';
import { keyCondition, keyOrder } from './stores/key-query.ts';
import { findAmong, matches } from './stores/matches.ts';
import { readWindow } from './stores/paging.ts';

/** A window, and how many there are in the whole list where that is known anyway. */
export type PastRows = Rows<KeyRow> & { readonly total: number | null };

/**
 * The list at the query's `now`. When a key was made never changes: in that order it is read no further than its window.
 *
 * @throws {@link PastTooLargeError}
 */
export async function listPast(
  past: Past,
  query: KeyQuery,
  order: KeyOrder,
  window: Window<KeyCursor>,
): Promise<PastRows> {
  if (order.field === 'CREATED_AT') {
    const wanted: PastKey[] = [];
    for await (const keys of found(past, query, order.direction, window)) {
      wanted.push(...keys);
      if (wanted.length > window.limit) break;
    }
    const rows = [...(await past.completed(wanted.slice(0, window.limit)))];
    return { rows: window.backward ? rows.reverse() : rows, more: wanted.length > window.limit, total: null };
  }
  const records: (ReturnType<typeof keyColumns> & { readonly key: PastKey })[] = [];
  for await (const keys of found(past, query, 'ASC', EVERYTHING, order.field === 'NAME'))
    records.push(...keys.map((key) => ({ ...keyColumns(key.row), key })));
  const place = (cursor: KeyCursor | null) => cursor && [cursor.value, cursor.id];
  const { rows, more } = await readWindow(
    (...asked) => Promise.resolve(findAmong(records, ...asked)),
    and(),
    keyOrder(order),
    { ...window, after: place(window.after), before: place(window.before) },
  );
  return { rows: await past.completed(rows.map(({ key }) => key)), more, total: records.length };
}

/** @throws {@link PastTooLargeError} */
export async function countPast(past: Past, query: KeyQuery): Promise<number> {
  let count = 0;
  for await (const keys of found(past, query, 'ASC', EVERYTHING)) count += keys.length;
  return count;
}

/** The keys of a list, in pieces; their details are opened only where the filter or the order asks for them. */
async function* found(
  past: Past,
  query: KeyQuery,
  direction: KeyOrder['direction'],
  window: Window<KeyCursor>,
  byName = false,
): AsyncGenerator<readonly PastKey[]> {
  const { text, tags, ...plain } = query.filter;
  const personal = text !== undefined || tags !== undefined;
  const early = keyCondition({ ...query, filter: plain });
  const whole = keyCondition(query);
  for await (const rows of past.made({ ...query, until: query.now }, direction, window)) {
    const states = (await past.states(rows, [query.now])).flatMap(([key]) => key ?? []);
    const keys = states.filter(({ row }) => matches(keyColumns(row), early));
    if (!personal && !byName) yield keys;
    else {
      const opened = await past.completed(keys);
      yield opened.filter((row) => matches(keyColumns(row), whole)).map((row) => ({ row, told: [] }));
    }
  }
}

// History: the events of a key, a workspace or a keyspace as a connection, oldest first, for callers who may see them.
import { z } from 'zod';
import type { EventType } from '../events/catalogue.ts';
import * as fields from '../events/fields.ts';
import { KEYSPACES } from '../events/ids.ts';
import { mayDo } from '../events/key/subject.ts';
import type { KeyspacesState } from '../events/keyspaces/state.ts';
import type { Position } from '../events/position.ts';
import type { GenerationView } from '../projections/read-store.ts';
import type { HistoryCursor, HistoryQuery, HistoryRow, Window } from '../projections/rows.ts';
import { changedKey, seesHistory, type VisibleKey, type VisibleKeyspace } from './access.ts';
import { reachAtLeast } from './at-least.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { historyCursors } from './cursors.ts';
import { KeyEventType } from './enums.ts';
import { decodeKeyId } from './global-ids.ts';
import { checkFilter } from './filters.ts';
import type { VisibleEvent } from './key-event.ts';
import { emptyPage, MAX_PAGE, pageOf, windowOf, type Page, type PageArguments } from './paging.ts';

export const HistoryFilter = builder.inputType('HistoryFilter', {
  description: 'All that are given must hold.',
  fields: (t) => ({
    types: t.field({ type: [KeyEventType], description: 'Any of these.' }),
    actor: t.string({ description: '`user:ID`, `key:ID` or `system:NAME`.' }),
    key: t.id({ description: 'The global id of one key.' }),
    requestId: t.string({ description: 'The `X-Request-Id` of the request that caused it.' }),
    from: t.field({ type: 'DateTime', description: 'Inclusive.' }),
    to: t.field({ type: 'DateTime', description: 'Exclusive.' }),
  }),
});

interface FilterShape {
  readonly types?: readonly EventType[] | null | undefined;
  readonly actor?: string | null | undefined;
  readonly key?: string | null | undefined;
  readonly requestId?: string | null | undefined;
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
}

export interface HistoryArguments extends PageArguments {
  readonly filter?: FilterShape | null | undefined;
  readonly atLeast?: Position | null | undefined;
}

const texts = z.object({ actor: fields.text(300), requestId: fields.text(128) }).partial();

function queryOf(scope: HistoryQuery['scope'], filter: FilterShape | null | undefined): HistoryQuery {
  const { types, from, to } = filter ?? {};
  return {
    scope,
    ...checkFilter(texts, filter),
    ...(types && types.length > 0 ? { types } : {}),
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
  };
}

/** Which of a page's rows are shown; `all`: none is hidden anywhere in the list, so that it may be counted. */
type Sight = { readonly all: true } | { readonly all: false; readonly shows: (row: HistoryRow) => boolean };

async function list(
  context: Context,
  args: HistoryArguments,
  of: readonly string[],
  scope: HistoryQuery['scope'],
  sight: (view: GenerationView, rows: () => Promise<readonly HistoryRow[]>) => Promise<Sight | null>,
): Promise<Page<VisibleEvent>> {
  const cursors = historyCursors(...of);
  const window = windowOf(args, cursors);
  const query = queryOf(scope, args.filter);
  await reachAtLeast(context, args.atLeast);
  return context.read(async (view) => {
    const found = once(() => view.listHistory(query, window));
    const seen = await sight(view, async () => (await found()).rows);
    if (seen === null) return emptyPage();
    const rows = await found();
    const shown = seen.all ? rows.rows : rows.rows.filter(seen.shows);
    const count = seen.all ? () => context.read((later) => later.countHistory(query)) : () => Promise.resolve(null);
    return pageOf(rows, window, cursors, openedBy(context, shown), count);
  });
}

/** Rows as events; their personal parts are opened at once, when one is asked for. `null` for a row that is not shown. */
function openedBy(context: Context, shown: readonly HistoryRow[]): (row: HistoryRow) => VisibleEvent | null {
  const opened = once(() => context.openPersonal(shown));
  const events = new Map(
    shown.map((row, index) => [row, { row, personal: async () => (await opened())[index] ?? null }]),
  );
  return (row) => events.get(row) ?? null;
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

export async function keyHistory(
  key: VisibleKey,
  args: HistoryArguments,
  context: Context,
): Promise<Page<VisibleEvent>> {
  const { workspaceId, keyId } = key.row.state;
  const asked = args.filter?.key ?? null;
  const other = asked !== null && decodeKeyId(asked) !== keyId;
  return list(context, args, ['key', workspaceId, keyId], { workspaceId, aggregateId: keyId }, () =>
    Promise.resolve(other || !seesHistory(key) ? null : { all: true }),
  );
}

/** Events of keys whose history the caller may not see are left out. */
export async function workspaceHistory(
  workspaceId: string,
  args: HistoryArguments,
  context: Context,
): Promise<Page<VisibleEvent>> {
  const standing = context.caller.workspaces.get(workspaceId) ?? null;
  const asked = args.filter?.key ?? null;
  const aggregateId = asked === null ? null : decodeKeyId(asked);
  const scope = { workspaceId, ...(aggregateId === null ? {} : { aggregateId }) };
  return list(context, args, ['workspace', workspaceId], scope, async (view, rows) => {
    const keyspaces = await view.keyspaces();
    const open = Object.values(keyspaces.profiles).filter(({ profile }) => mayDo(profile, standing, 'seeHistory'));
    if (open.length === 0 || (asked !== null && aggregateId === null)) return null;
    if (open.length === Object.keys(keyspaces.profiles).length) return { all: true };
    return { all: false, shows: await ofVisibleKeys(context, view, keyspaces, await rows()) };
  });
}

async function ofVisibleKeys(
  context: Context,
  view: GenerationView,
  keyspaces: KeyspacesState,
  rows: readonly HistoryRow[],
) {
  const keys = await view.keys([...new Set(rows.map(({ aggregateId }) => aggregateId))]);
  return ({ aggregateId }: HistoryRow): boolean => {
    const row = keys.get(aggregateId);
    const key = row ? changedKey(context.caller, keyspaces, row) : null;
    return key !== null && seesHistory(key);
  };
}

/** What is not about one profile, a discarded record of no key, belongs to all of them. */
const isAbout =
  (slug: string) =>
  ({ data }: HistoryRow): boolean =>
    !('profile' in data) || data.profile.slug === slug;

/**
 * Keyspace events have no workspace: operators see them. All profiles share one list: it is read on until a page is full,
 * so that none is empty while there is another.
 */
export async function keyspaceHistory(
  { entry }: VisibleKeyspace,
  args: HistoryArguments,
  context: Context,
): Promise<Page<VisibleEvent>> {
  const { slug } = entry.profile;
  const cursors = historyCursors('keyspace', slug);
  const window = windowOf(args, cursors);
  const query = queryOf({ aggregateId: KEYSPACES }, args.filter);
  await reachAtLeast(context, args.atLeast);
  if (!context.caller.operator || (args.filter?.key ?? null) !== null) return emptyPage();
  const { limit, backward } = window;
  const found = await context.read((view) => take(limit + 1, walk(view, query, window, isAbout(slug))));
  const rows = found.slice(0, limit);
  const page = { rows: backward ? rows.reverse() : rows, more: found.length > limit };
  const everything = { limit, backward: false, after: null, before: null };
  const count = () => context.read((view) => take(Infinity, walk(view, query, everything, isAbout(slug))));
  return pageOf(page, window, cursors, openedBy(context, page.rows), async () => (await count()).length);
}

/** The rows of a window that are asked for, in its direction. */
async function* walk(
  view: GenerationView,
  query: HistoryQuery,
  window: Window<HistoryCursor>,
  isAsked: (row: HistoryRow) => boolean,
): AsyncGenerator<HistoryRow> {
  for (let next = { ...window, limit: MAX_PAGE }; ;) {
    const { rows, more } = await view.listHistory(query, next);
    const ordered = next.backward ? rows.toReversed() : rows;
    yield* ordered.filter(isAsked);
    const last = ordered.at(-1);
    if (!more || !last) return;
    next = next.backward ? { ...next, before: last } : { ...next, after: last };
  }
}

async function take<T>(count: number, items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) if (taken.push(item) >= count) break;
  return taken;
}

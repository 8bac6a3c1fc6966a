// History: the events of a key, a workspace or a keyspace as a connection, oldest first, for callers who may see them.
import { z } from 'zod';
import * as fields from '../events/fields.ts';
import { KEYSPACES } from '../events/ids.ts';
import { mayDo } from '../events/key/subject.ts';
import type { KeyspacesState } from '../events/keyspaces/state.ts';
import type { Position } from '../events/position.ts';
import { placeOf } from '../projections/facts.ts';
import type { GenerationView } from '../projections/read-store.ts';
import {
  isFact,
  type EntryType,
  type HistoryCursor,
  type LogEntry,
  type TimelineQuery,
  type Window,
} from '../projections/rows.ts';
import { changedKey, seesHistory, type VisibleKey, type VisibleKeyspace } from './access.ts';
import { reachAtLeast } from './at-least.ts';
import { builder } from './builder.ts';
import type { Caller, Context } from './context.ts';
import { historyCursors } from './cursors.ts';
import { KeyEventType } from './enums.ts';
import { decodeKeyId } from './global-ids.ts';
import { actorOf, checkFilter } from './filters.ts';
import { badUserInput } from './graphql-errors.ts';
import type { VisibleEvent } from './key-event.ts';
import { emptyPage, MAX_PAGE, pageOf, windowOf, type Page, type PageArguments } from './paging.ts';

export const HistoryFilter = builder.inputType('HistoryFilter', {
  description: 'All that are given must hold.',
  fields: (t) => ({
    types: t.field({ type: [KeyEventType], description: 'Any of these.' }),
    actor: t.string({ description: '`user:ID`, `key:ID` or `system:NAME`. Nobody is the actor of a fact about time.' }),
    key: t.id({ description: 'The global id of one key.' }),
    requestId: t.string({ description: 'The `X-Request-Id` of the request that caused it.' }),
    from: t.field({ type: 'DateTime', description: 'Inclusive.' }),
    to: t.field({ type: 'DateTime', description: 'Exclusive.' }),
  }),
});

interface FilterShape {
  readonly types?: readonly EntryType[] | null | undefined;
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

/** How far a page is read on for what is shown. */
const MAX_PAGES = 200;

const texts = z.object({ actor: actorOf('user', 'key', 'system'), requestId: fields.text(128) }).partial();

function queryOf(scope: TimelineQuery['scope'], filter: FilterShape | null | undefined): TimelineQuery {
  const { types, from, to } = filter ?? {};
  return {
    scope,
    ...checkFilter(texts, filter),
    ...(types && types.length > 0 ? { types } : {}),
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
  };
}

/** Those of some rows that are shown. */
type Pick = (rows: readonly LogEntry[]) => Promise<readonly LogEntry[]>;
/** Which rows of a list are shown; `all`: none is hidden anywhere in it, so that it may be counted. */
type Sight = { readonly all: true } | { readonly all: false; readonly pick: Pick };
/** The same of what lies in the log, facts included. */
type EntrySight =
  | { readonly all: true }
  | { readonly all: false; readonly pick: <R extends LogEntry>(entries: readonly R[]) => Promise<readonly R[]> };

async function list(
  context: Context,
  args: HistoryArguments,
  of: readonly string[],
  scope: TimelineQuery['scope'],
  sight: (view: GenerationView) => Promise<Sight | null>,
): Promise<Page<VisibleEvent>> {
  const cursors = historyCursors(...of);
  const window = windowOf(args, cursors);
  const query = queryOf(scope, args.filter);
  await reachAtLeast(context, args.atLeast);
  return context.read(async (view) => {
    const seen = await sight(view);
    if (seen === null) return emptyPage();
    const page = seen.all ? await view.listTimeline(query, window) : await fill(view, query, window, seen.pick);
    const count = seen.all ? () => context.read((later) => later.countTimeline(query)) : () => Promise.resolve(null);
    return pageOf(page, window, cursors, openedBy(context, page.rows), count);
  });
}

/** Rows as events; their personal parts are opened at once, when one is asked for. `null` for a row that is not shown. */
export function openedBy(context: Context, shown: readonly LogEntry[]): (row: LogEntry) => VisibleEvent | null {
  const sealed = shown.filter((row) => !isFact(row));
  const opened = once(() => context.openPersonal(sealed));
  const partOf = async (row: LogEntry) => (isFact(row) ? null : ((await opened())[sealed.indexOf(row)] ?? null));
  const events = new Map(shown.map((row) => [row, { row, personal: () => partOf(row) }]));
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
  const asked = args.filter?.key ?? null;
  const aggregateId = asked === null ? null : decodeKeyId(asked);
  const scope = { workspaceId, ...(aggregateId === null ? {} : { aggregateId }) };
  return list(context, args, ['workspace', workspaceId], scope, async (view) => {
    const sight = await workspaceSight(workspaceId, context.caller, view);
    return asked !== null && aggregateId === null ? null : sight;
  });
}

/** Which events of a workspace a caller may see; `null`: none of any key. */
export async function workspaceSight(
  workspaceId: string,
  caller: Caller,
  view: GenerationView,
): Promise<EntrySight | null> {
  const standing = caller.workspaces.get(workspaceId) ?? null;
  const keyspaces = await view.keyspaces();
  const open = Object.values(keyspaces.profiles).filter(({ profile }) => mayDo(profile, standing, 'seeHistory'));
  if (open.length === 0) return null;
  if (open.length === Object.keys(keyspaces.profiles).length) return { all: true };
  return { all: false, pick: (rows) => ofVisibleKeys(caller, view, keyspaces, rows) };
}

async function ofVisibleKeys<R extends LogEntry>(
  caller: Caller,
  view: GenerationView,
  keyspaces: KeyspacesState,
  rows: readonly R[],
): Promise<readonly R[]> {
  const keys = await view.keys([...new Set(rows.map(({ aggregateId }) => aggregateId))]);
  return rows.filter(({ aggregateId }) => {
    const row = keys.get(aggregateId);
    const key = row ? changedKey(caller, keyspaces, row) : null;
    return key !== null && seesHistory(key);
  });
}

/** What is not about one profile, a discarded record of no key, belongs to all of them. */
const isAbout =
  (slug: string) =>
  ({ data }: LogEntry): boolean =>
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
  const pick: Pick = (rows) => Promise.resolve(rows.filter(isAbout(slug)));
  const page = await context.read((view) => fill(view, query, window, pick));
  const everything = { ...window, backward: false, after: null, before: null };
  const count = () => context.read((view) => take(Infinity, walk(view, query, everything, pick)));
  return pageOf(page, window, cursors, openedBy(context, page.rows), async () => (await count()).length);
}

/** A page of what is shown: read on until it is full, so that neither it nor its cursors tell of what is not. */
async function fill(
  view: GenerationView,
  query: TimelineQuery,
  window: Window<HistoryCursor>,
  pick: Pick,
): Promise<{ readonly rows: readonly LogEntry[]; readonly more: boolean }> {
  const { limit, backward } = window;
  const found = await take(limit + 1, walk(view, query, window, pick));
  const rows = found.slice(0, limit);
  return { rows: backward ? rows.reverse() : rows, more: found.length > limit };
}

/** The rows of a window that are shown, in its direction. */
async function* walk(
  view: GenerationView,
  query: TimelineQuery,
  window: Window<HistoryCursor>,
  pick: Pick,
): AsyncGenerator<LogEntry> {
  let next = { ...window, limit: MAX_PAGE };
  for (let page = 0; page < MAX_PAGES; page++) {
    const { rows, more } = await view.listTimeline(query, next);
    const ordered = next.backward ? rows.toReversed() : rows;
    yield* await pick(ordered);
    const last = ordered.at(-1);
    if (!more || !last) return;
    const place = placeOf(last);
    next = next.backward ? { ...next, before: place } : { ...next, after: place };
  }
  throw badUserInput('There are too many events to look through: narrow the filter by key, type or time.');
}

async function take<T>(count: number, items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) if (taken.push(item) >= count) break;
  return taken;
}

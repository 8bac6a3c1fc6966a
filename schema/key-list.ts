// The list of keys: filter and order as callers write them, the query that they come to, and its pages.
import { z } from 'zod';
import * as fields from '../events/fields.ts';
import { mayDo } from '../events/key/subject.ts';
import { isOfEnvironment, type Standing } from '../events/key/standing.ts';
import type { KeyStatus as Status } from '../events/key/state.ts';
import type { KeyspaceEntry, KeyspacesState } from '../events/keyspaces/state.ts';
import { grantingScopes } from '../events/keyspaces/permissions.ts';
import type { Position } from '../events/position.ts';
import { countPast, listPast } from '../projections/past-list.ts';
import type { KeyCursor, KeyOrder as Order, KeyQuery, Window } from '../projections/rows.ts';
import { MAX_TERMS, searchTerms } from '../projections/search.ts';
import { historicKeyspaces, visibleKey, visiblePast, type VisibleKey } from './access.ts';
import { pastTime, readPast } from './as-of.ts';
import { reachAtLeast } from './at-least.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { keyCursors } from './cursors.ts';
import { KeyOrderField, KeyStatus, OrderDirection } from './enums.ts';
import { checkFilter } from './filters.ts';
import { badInput } from './graphql-errors.ts';
import { emptyPage, pageOf, windowOf, type Page, type PageArguments } from './paging.ts';

export const KeyFilter = builder.inputType('KeyFilter', {
  description: 'All that are given must hold.',
  fields: (t) => ({
    text: t.string({ description: 'Beginnings of words of name, preview, key id and owner: 20 at most.' }),
    status: t.field({ type: [KeyStatus], description: 'Any of these; absent: all but DELETED.' }),
    tags: t.stringList({ description: 'All of these.' }),
    owner: t.string({ description: 'The id of the owner.' }),
    environment: t.string(),
    type: t.string(),
    scope: t.string({ description: 'Keys that have it or are unrestricted.' }),
    allows: t.string({
      description:
        'A scope: keys whose checks for it pass, as their keyspace is now. They have it, or one that implies it or covers every scope, or are unrestricted.',
    }),
    resource: t.string({ description: 'Keys that may reach it.' }),
    keyspace: t.string({ description: 'Its slug.' }),
    expiresBefore: t.field({ type: 'DateTime', description: 'Keys that expire before it, or have expired.' }),
    unusedSince: t.field({ type: 'DateTime', description: 'Keys without a successful check since then, or ever.' }),
  }),
});

export const KeyOrder = builder.inputType('KeyOrder', {
  description: 'Keys without the value come last; the key id breaks ties.',
  fields: (t) => ({
    field: t.field({ type: KeyOrderField, required: true }),
    direction: t.field({ type: OrderDirection, required: true, defaultValue: 'DESC' }),
  }),
});

interface FilterShape {
  readonly text?: string | null | undefined;
  readonly status?: readonly Status[] | null | undefined;
  readonly expiresBefore?: string | null | undefined;
  readonly unusedSince?: string | null | undefined;
}

export interface KeyListArguments extends PageArguments {
  readonly filter?: FilterShape | null | undefined;
  readonly orderBy?: Order | null | undefined;
  readonly asOf?: string | null | undefined;
  readonly atLeast?: Position | null | undefined;
}

const NEWEST_FIRST: Order = { field: 'CREATED_AT', direction: 'DESC' };

const checkedTexts = z
  .object({
    text: fields
      .text(200)
      .refine((text) => searchTerms(text).length <= MAX_TERMS, `must have at most ${MAX_TERMS} words`),
    tags: fields.tags,
    owner: fields.text(128),
    environment: fields.text(40),
    type: fields.text(40),
    scope: fields.text(64),
    allows: fields.text(64),
    resource: fields.text(128),
    keyspace: fields.text(40),
  })
  .partial();

/** The keys of a workspace that the caller may view. */
export async function listKeys(
  workspaceId: string,
  args: KeyListArguments,
  context: Context,
): Promise<Page<VisibleKey>> {
  const { caller, now } = context;
  const asOf = pastTime(context, 'asOf', args.asOf);
  const order = args.orderBy ?? NEWEST_FIRST;
  const cursors = keyCursors(workspaceId, order, asOf);
  const window = windowOf(args, cursors);
  const filter = filterOf(args.filter);
  await reachAtLeast(context, args.atLeast);
  if (asOf !== null) return pastKeys(context, { workspaceId, filter, asOf }, order, window, cursors);
  return context.read(async (view) => {
    const standing = caller.workspaces.get(workspaceId);
    const keyspaces = await view.keyspaces();
    const asked = standing && ofEnvironment(standing, filter);
    const sight = asked && sightOf(keyspaces, standing, withGranting(asked, keyspaces));
    if (!sight) return emptyPage();
    const query: KeyQuery = { workspaceId, now, ...sight };
    const found = await view.listKeys(query, order, window);
    const whole = !found.more && window.after === null && window.before === null;
    const count = () => (whole ? Promise.resolve(found.rows.length) : context.read((later) => later.countKeys(query)));
    return pageOf(found, window, cursors, (row) => visibleKey(caller, keyspaces, row), count);
  });
}

/** The keys of a workspace at a time that the caller may see the history of. */
async function pastKeys(
  context: Context,
  { workspaceId, filter, asOf }: { readonly workspaceId: string; readonly filter: Asked; readonly asOf: string },
  order: Order,
  window: Window<KeyCursor>,
  cursors: ReturnType<typeof keyCursors>,
): Promise<Page<VisibleKey>> {
  if (filter.unusedSince !== undefined)
    throw badInput({ path: ['filter', 'unusedSince'], message: 'is not known as of an earlier time' });
  if (order.field === 'LAST_USED_AT')
    throw badInput({ path: ['orderBy', 'field'], message: 'is not known as of an earlier time' });
  const { caller } = context;
  return readPast(context, async (view, past) => {
    const keyspaces = await view.keyspaces();
    const open = historicKeyspaces(keyspaces, caller.workspaces.get(workspaceId) ?? null);
    if (!open) return emptyPage();
    const query: KeyQuery = { workspaceId, now: asOf, filter: withGranting(filter, keyspaces), ...open };
    const found = await listPast(past, query, order, window);
    const whole = !found.more && window.after === null && window.before === null;
    const total = whole ? found.rows.length : found.total;
    const count = () =>
      total === null ? readPast(context, (_, later) => countPast(later, query)) : Promise.resolve(total);
    return pageOf(found, window, cursors, (row) => visiblePast(caller, keyspaces, row, asOf), count);
  });
}

/** A filter before the keyspaces are known, which tell what allows a scope. */
type Asked = KeyQuery['filter'] & { readonly allows?: string };

function withGranting({ allows, ...filter }: Asked, { profiles }: KeyspacesState): KeyQuery['filter'] {
  if (allows === undefined) return filter;
  const granting = Object.values(profiles).map(({ profile: { slug, permissions } }) => ({
    keyspace: slug,
    scopes: grantingScopes(allows, permissions),
  }));
  return { ...filter, granting };
}

function filterOf(filter: FilterShape | null | undefined): Asked {
  if (!filter) return {};
  const { text, ...texts } = checkFilter(checkedTexts, filter);
  const { status, expiresBefore, unusedSince } = filter;
  return {
    ...texts,
    ...(text === undefined ? {} : { text: searchTerms(text) }),
    ...(status && status.length > 0 ? { status } : {}),
    ...(expiresBefore ? { expiresBefore } : {}),
    ...(unusedSince ? { unusedSince } : {}),
  };
}

/** A key that calls sees the keys of its own environment; `null`: another one is asked for. */
function ofEnvironment(standing: Standing, filter: Asked): Asked | null {
  if (filter.environment !== undefined && !isOfEnvironment(standing, filter.environment)) return null;
  const own = typeof standing === 'string' ? null : standing.settings.environment;
  return own === null ? filter : { ...filter, environment: own };
}

/** Narrows a filter to what this caller may see; `null` where that is nothing. */
function sightOf(
  keyspaces: KeyspacesState,
  standing: Standing,
  filter: KeyQuery['filter'],
): Pick<KeyQuery, 'keyspaces' | 'filter'> | null {
  const all = Object.values(keyspaces.profiles);
  const asked = all.filter(({ profile }) => filter.keyspace === undefined || profile.slug === filter.keyspace);
  const may = (entries: readonly KeyspaceEntry[], operation: 'view' | 'seeHistory') =>
    entries.filter(({ profile }) => mayDo(profile, standing, operation));
  const viewed = may(asked, 'view');
  const historic = may(viewed, 'seeHistory');

  // Deleted keys are part of the history: asked for alone, of the keyspaces whose history may be seen; among others, of all or none.
  const { status } = filter;
  const onlyDeleted = status?.every((one) => one === 'DELETED') ?? false;
  const visible = onlyDeleted ? historic : viewed;
  if (visible.length === 0) return null;
  const drops = !onlyDeleted && status?.includes('DELETED') === true && historic.length < viewed.length;
  return {
    ...(visible.length < all.length ? { keyspaces: visible.map(({ profile }) => profile.slug) } : {}),
    filter: drops ? { ...filter, status: status.filter((one) => one !== 'DELETED') } : filter,
  };
}

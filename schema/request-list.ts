// The request log: single checks of keys as a connection, newest first, for callers who may see the usage of their keyspace.
import { z } from 'zod';
import { parseAddress } from '../events/addresses.ts';
import * as fields from '../events/fields.ts';
import type { Standing } from '../events/key/standing.ts';
import { mayDo } from '../events/key/subject.ts';
import type { KeyspacesState } from '../events/keyspaces/state.ts';
import type { CheckCode, RequestQuery, RequestRow, SecretUsed as Secret } from '../projections/usage.ts';
import { seesUsage, type VisibleKey } from './access.ts';
import { builder } from './builder.ts';
import type { Caller, Context } from './context.ts';
import { requestCursors } from './cursors.ts';
import { SecretUsed, VerifyCode } from './enums.ts';
import { checkFilter } from './filters.ts';
import { badInput } from './graphql-errors.ts';
import { emptyPage, pageOf, windowOf, type Page, type PageArguments } from './paging.ts';

export const RequestFilter = builder.inputType('RequestFilter', {
  description: 'All that are given must hold.',
  fields: (t) => ({
    requestId: t.string({ description: 'The id that the request had, or was given by the verifier.' }),
    codes: t.field({ type: [VerifyCode], description: 'Any of these.' }),
    ip: t.string({ description: 'The client’s address.' }),
    path: t.string({ description: 'What the path begins with.' }),
    secret: t.field({ type: SecretUsed, description: 'Which of the key’s secrets was shown.' }),
    from: t.field({ type: 'DateTime', description: 'Inclusive.' }),
    to: t.field({ type: 'DateTime', description: 'Exclusive.' }),
  }),
});

interface FilterShape {
  readonly codes?: readonly string[] | null | undefined;
  readonly ip?: string | null | undefined;
  readonly secret?: Secret | null | undefined;
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
}

export interface RequestArguments extends PageArguments {
  readonly filter?: FilterShape | null | undefined;
}

const texts = z.object({ requestId: fields.text(64), ip: fields.text(64), path: fields.text(256) }).partial();

function filterOf(filter: FilterShape | null | undefined): RequestQuery['filter'] {
  const { ip, ...checked } = checkFilter(texts, filter);
  const { codes, secret, from, to } = filter ?? {};
  return {
    ...checked,
    ...(ip === undefined ? {} : { ip: addressOf(ip) }),
    ...(codes && codes.length > 0 ? { codes: codes as readonly CheckCode[] } : {}),
    ...(secret ? { secret } : {}),
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
  };
}

function addressOf(ip: string): string {
  const address = parseAddress(ip);
  if (!address) throw badInput({ path: ['filter', 'ip'], message: 'must be an IP address' });
  return address.toString();
}

/** The keyspaces whose keys' usage the caller may see in a workspace; `all`: whatever there is. */
export async function seenKeyspaces(
  context: Context,
  workspaceId: string,
): Promise<{ readonly slugs: readonly string[]; readonly all: boolean }> {
  const keyspaces = await context.read((view) => view.keyspaces());
  const profiles = Object.values(keyspaces.profiles).map(({ profile }) => profile);
  const standing = context.caller.workspaces.get(workspaceId) ?? null;
  // A key that calls sees keys of its own environment, which the log's entries do not name: it asks for them key by key.
  const seen = isOfKey(standing) ? [] : profiles.filter((each) => mayDo(each, standing, 'seeUsage'));
  return { slugs: seen.map(({ slug }) => slug), all: seen.length === profiles.length };
}

/** No environment is one of its own: keys that were made before a product had any. */
const isOfKey = (standing: Standing | null): boolean => standing !== null && typeof standing !== 'string';

/** Whether the caller may see an entry of the log that is looked up by itself. */
export function seesRequest(caller: Caller, keyspaces: KeyspacesState, row: RequestRow): boolean {
  const standing = caller.workspaces.get(row.workspaceId) ?? null;
  if (standing === null || isOfKey(standing)) return false;
  const entry = Object.values(keyspaces.profiles).find(({ profile }) => profile.slug === row.keyspace);
  return entry !== undefined && mayDo(entry.profile, standing, 'seeUsage');
}

async function list(
  context: Context,
  args: RequestArguments,
  query: Omit<RequestQuery, 'filter' | 'now'> | null,
  of: readonly string[],
): Promise<Page<RequestRow>> {
  const { usage, now } = context;
  const cursors = requestCursors(...of);
  const window = windowOf(args, cursors);
  const filter = filterOf(args.filter);
  if (query === null) return emptyPage();
  const asked: RequestQuery = { ...query, filter, now };
  const found = await usage.listRequests(asked, window);
  const whole = !found.more && window.after === null && window.before === null;
  const count = () => (whole ? Promise.resolve(found.rows.length) : usage.countRequests(asked));
  return pageOf(found, window, cursors, (row) => row, count);
}

export function keyRequests(key: VisibleKey, args: RequestArguments, context: Context): Promise<Page<RequestRow>> {
  const { workspaceId, keyId } = key.row.state;
  return list(context, args, seesUsage(key) ? { workspaceId, keyId } : null, ['key', workspaceId, keyId]);
}

export async function workspaceRequests(
  workspaceId: string,
  args: RequestArguments,
  context: Context,
): Promise<Page<RequestRow>> {
  return list(context, args, await queryOf(context, workspaceId), ['workspace', workspaceId]);
}

/** The newest request of this id that the caller may see. */
export async function requestOf(workspaceId: string, requestId: string, context: Context): Promise<RequestRow | null> {
  const read = texts.safeParse({ requestId });
  const query = read.success ? await queryOf(context, workspaceId) : null;
  if (query === null) return null;
  const newest = { limit: 1, backward: false, after: null, before: null };
  const { rows } = await context.usage.listRequests({ ...query, filter: { requestId }, now: context.now }, newest);
  return rows[0] ?? null;
}

async function queryOf(context: Context, workspaceId: string) {
  const { slugs, all } = await seenKeyspaces(context, workspaceId);
  if (slugs.length === 0) return null;
  return all ? { workspaceId } : { workspaceId, keyspaces: slugs };
}

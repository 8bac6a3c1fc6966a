// Why a check was answered as it was: the verdict decided again from history, and the event behind it, for callers who may see
// the history of the keyspace's keys. Who changed a profile, and what lies in it, is for operators alone.
import { KEYSPACES } from '../events/ids.ts';
import { mayDo } from '../events/key/subject.ts';
import { entryOf, type KeyspacesState } from '../events/keyspaces/state.ts';
import type { CheckCode, RequestRow } from '../projections/usage.ts';
import type { Context } from './context.ts';
import type { VisibleEvent } from './key-event.ts';

const profiles = new WeakMap<Context, Promise<KeyspacesState>>();

/** Read once for a page of checks. */
function keyspacesOf(context: Context): Promise<KeyspacesState> {
  const known = profiles.get(context) ?? context.read((view) => view.keyspaces());
  profiles.set(context, known);
  return known;
}

async function maySee({ keyspace, workspaceId }: RequestRow, context: Context): Promise<boolean> {
  const entry = entryOf(await keyspacesOf(context), keyspace);
  return entry !== undefined && mayDo(entry.profile, context.caller.workspaces.get(workspaceId) ?? null, 'seeHistory');
}

export async function recomputedCode(row: RequestRow, context: Context): Promise<CheckCode | null> {
  return (await maySee(row, context)) ? (await context.recompute(row)).code : null;
}

export async function decidingEvent(row: RequestRow, context: Context): Promise<VisibleEvent | null> {
  if (!(await maySee(row, context))) return null;
  const { decidedBy } = await context.recompute(row);
  if (decidedBy === null) return null;
  if (decidedBy.aggregateId !== KEYSPACES || context.caller.operator) {
    return { row: decidedBy, personal: async () => (await context.openPersonal([decidedBy]))[0] ?? null };
  }
  const { data } = decidedBy;
  const shown = 'version' in data ? { slug: data.profile.slug, version: data.version } : {};
  return {
    row: { ...decidedBy, data: shown as unknown as typeof data },
    personal: () => Promise.resolve(null),
    outline: true,
  };
}

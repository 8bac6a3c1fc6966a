// Notes of reading: every field through which history, the request log, the past or a review is read says so as it is resolved,
// for every caller alike. By name and argument, so that a field is found wherever it stands; recorded once per operation.
import { defaultFieldResolver, isObjectType, type GraphQLSchema } from 'graphql';
import type { ReadKind } from '../projections/reads.ts';
import type { RequestRow } from '../projections/usage.ts';
import type { Context, ReadNote } from './context.ts';
import { decodeKeyId } from './global-ids.ts';
import { isHidden } from './paging.ts';

/** Types whose objects are of one workspace, and the root; a keyspace's history is of none. */
const TYPES = ['Query', 'Workspace', 'ApiKey', 'Request'] as const;
const KINDS: Readonly<Record<string, ReadKind>> = {
  history: 'HISTORY',
  requests: 'REQUESTS',
  request: 'REQUESTS',
  decidedBy: 'DECISION',
  recomputed: 'DECISION',
  accessReview: 'ACCESS_REVIEW',
  reads: 'READS',
};
/** With it, whatever is read is read as it was. */
const PAST = 'asOf';

type Arguments = Readonly<Record<string, unknown>>;

interface Place {
  readonly workspaceId: string;
  readonly keyId: string | null;
}

/** Whose workspace an object is of: keys carry their state, all others say it themselves. */
function placeOf(source: unknown): Place | null {
  if (typeof source !== 'object' || source === null) return null;
  const { row } = source as { row?: { state?: unknown } };
  const { workspaceId, keyId } = (row?.state ?? source) as Readonly<Record<string, unknown>>;
  if (typeof workspaceId !== 'string') return null;
  return { workspaceId, keyId: typeof keyId === 'string' ? keyId : null };
}

/** Of a key that is asked for by its id: in the workspace that it is in, if the caller is, too. */
async function placeOfKey({ id }: Arguments, context: Context): Promise<Place | null> {
  const keyId = typeof id === 'string' ? decodeKeyId(id) : null;
  const key = keyId === null ? null : await context.read((view) => view.key(keyId));
  return key && context.caller.workspaces.has(key.state.workspaceId) ? key.state : null;
}

/** Wraps the resolvers of the fields whose reading is recorded, so that the context hears of it. */
export function noteReads(schema: GraphQLSchema): void {
  for (const typeName of TYPES) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const kind = typeName === 'Query' ? undefined : KINDS[field.name];
      if (kind === undefined && field.args.every(({ name }) => name !== PAST)) continue;
      const { resolve = defaultFieldResolver } = field;
      field.resolve = (source: unknown, args: Arguments, context: Context, info) => {
        const noted = kind ?? ((args[PAST] ?? null) === null ? null : 'AS_OF');
        const resolved = (): unknown => resolve(source, args, context, info);
        if (noted === null) return resolved();
        const note = { kind: noted, field: `${typeName}.${field.name}`, arguments: args };
        const place = typeName === 'Query' ? placeOfKey(args, context) : placeOf(source);
        return noting(context, note, place, resolved);
      };
    }
  }
}

/** Noted whatever becomes of it; its arguments only where it has shown something. */
async function noting(
  context: Context,
  note: Omit<ReadNote, keyof Place>,
  asked: Place | null | Promise<Place | null>,
  resolved: () => unknown,
): Promise<unknown> {
  const place = await asked;
  let shown = false;
  try {
    const result = await resolved();
    shown = !isHidden(result);
    return result;
  } finally {
    if (place) {
      const { workspaceId, keyId } = place;
      context.noteRead({ ...note, workspaceId, keyId, ...(shown ? {} : { arguments: null }) });
    }
  }
}

/** An entry of the request log that is asked for by its global id. */
export function noteNode(context: Context, { id, workspaceId, keyId }: RequestRow): void {
  context.noteRead({ kind: 'REQUESTS', workspaceId, keyId, field: 'Query.node', arguments: { id } });
}

// The keys of an owner: those that are somebody's now, deleted ones too, and those that once were, found from history.
import type { KeyStatus } from '../../events/key/state.ts';
import type { Position } from '../../events/position.ts';
import type { GenerationView } from '../../projections/read-store.ts';
import type { HistoryCursor, HistoryRow, KeyCursor } from '../../projections/rows.ts';

export interface OwnerQuery {
  readonly workspaceId: string;
  readonly ownerId: string;
  /** What made somebody the owner counts only before this position. */
  readonly before: Position;
  /** ISO time. */
  readonly now: string;
}

const PAGE = 500;
const EVERY_STATUS: readonly KeyStatus[] = ['ACTIVE', 'DISABLED', 'EXPIRED', 'REVOKED', 'DELETED'];

/** Key ids, in order: the same ones whenever they are asked for with the same position. */
export async function keysOfOwner(view: GenerationView, query: OwnerQuery): Promise<readonly string[]> {
  const found = new Set<string>();
  /** How these began is still to be looked at. */
  const candidates = await ownedNow(view, query);
  const see = (row: HistoryRow): void => {
    if ('ownerId' in row.data && row.data.ownerId === query.ownerId && isBefore(row, query.before))
      found.add(row.aggregateId);
  };
  for await (const rows of changes(view, query)) {
    for (const row of rows) {
      see(row);
      candidates.add(row.aggregateId);
    }
  }
  const left = [...candidates].filter((keyId) => !found.has(keyId));
  for (let from = 0; from < left.length; from += PAGE) {
    for (const row of (await view.creations(left.slice(from, from + PAGE))).values()) see(row);
  }
  return [...found].sort();
}

const isBefore = ({ position: { partition, offset } }: HistoryRow, before: Position): boolean =>
  offset < (before[partition] ?? 0);

async function ownedNow(view: GenerationView, { workspaceId, ownerId, now }: OwnerQuery): Promise<Set<string>> {
  const found = new Set<string>();
  const query = { workspaceId, filter: { owner: ownerId, status: EVERY_STATUS }, now };
  let after: KeyCursor | null = null;
  for (;;) {
    const window = { limit: PAGE, backward: false, after, before: null };
    const { rows, more } = await view.listKeys(query, { field: 'CREATED_AT', direction: 'ASC' }, window);
    for (const { state } of rows) found.add(state.keyId);
    const last = rows.at(-1)?.state;
    if (!more || !last) return found;
    after = { value: last.createdAt, id: last.keyId };
  }
}

/** Every change of details in the workspace: there a key goes from one owner to another. */
async function* changes(view: GenerationView, { workspaceId }: OwnerQuery): AsyncGenerator<readonly HistoryRow[]> {
  const query = { scope: { workspaceId }, types: ['KeyDetailsChanged'] as const };
  let after: HistoryCursor | null = null;
  for (;;) {
    const window = { limit: PAGE, backward: false, after, before: null };
    const { rows, more } = await view.listHistory(query, window);
    yield rows;
    const last = rows.at(-1);
    if (!more || !last) return;
    after = { time: last.time, aggregateId: last.aggregateId, version: last.version };
  }
}

// An accepted event as it is stored: the columns that lists filter and order by, and the row as JSON text, which says
// nothing twice: what the attributes hold is read out of them again.
import type { HistoryRow } from '../rows.ts';
import { readStored, type Damaged } from './stored-json.ts';

export interface StoredHistory {
  /** JSON of the row without what its attributes say; of one that an earlier build wrote, of all of it. */
  readonly row: string;
}

export interface HistoryRecord extends StoredHistory {
  readonly id: string;
  readonly aggregateId: string;
  readonly version: number;
  readonly type: string;
  readonly workspaceId: string | null;
  readonly time: string;
  readonly actor: string;
  readonly commandId: string;
  readonly requestId: string;
  /** Where it lies in the log: what follows the log reads in this order. */
  readonly partition: number;
  readonly offset: number;
}

export const STORED_HISTORY_COLUMNS = ['row'] as const;
/** What it is found by, too. */
export const FILED_HISTORY_COLUMNS = [
  'aggregateId',
  'version',
  'type',
  'workspaceId',
  'time',
  'actor',
  'commandId',
  'requestId',
  'partition',
  'offset',
  'row',
] as const;

/** What of a row its attributes do not say. */
type Kept = Pick<HistoryRow, 'type' | 'fingerprint' | 'position' | 'attributes' | 'data' | 'written' | 'sealed'>;

export function toHistoryRecord(event: HistoryRow): HistoryRecord {
  const { id, aggregateId, version, type, workspaceId, time, actor, commandId, requestId } = event;
  const { fingerprint, position, attributes, data, written, sealed } = event;
  const { partition, offset } = position;
  const row = JSON.stringify({ type, fingerprint, position, attributes, data, written, sealed } satisfies Loose<Kept>);
  return { id, aggregateId, version, type, workspaceId, time, actor, commandId, requestId, partition, offset, row };
}

type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

export function fromStoredHistory({ row }: StoredHistory, damaged: Damaged): HistoryRow {
  const members = ['type', 'fingerprint', 'position', 'attributes', 'data', 'sealed'] as const;
  const { type, fingerprint, position, attributes, data, written, sealed } = readStored<Kept>(
    row,
    members,
    'history',
    damaged,
  );
  return {
    id: attributes.id,
    aggregateId: attributes.subject,
    version: attributes.version,
    type,
    workspaceId: attributes.workspaceid ?? null,
    time: attributes.time,
    actor: attributes.actor,
    commandId: attributes.commandid,
    requestId: attributes.requestid,
    fingerprint,
    position,
    attributes,
    data,
    ...(written && { written }),
    sealed,
  };
}

// An accepted event as it is stored: the columns that lists filter and order by, and the whole row as JSON text.
import type { HistoryRow } from '../rows.ts';
import { readStored, type Damaged } from './stored-json.ts';

export interface StoredHistory {
  /** JSON of the whole row. */
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
}

export const STORED_HISTORY_COLUMNS = ['row'] as const;

export function toHistoryRecord(row: HistoryRow): HistoryRecord {
  const { id, aggregateId, version, type, workspaceId, time, actor, commandId, requestId } = row;
  return { id, aggregateId, version, type, workspaceId, time, actor, commandId, requestId, row: JSON.stringify(row) };
}

export const fromStoredHistory = ({ row }: StoredHistory, damaged: Damaged): HistoryRow =>
  readStored<HistoryRow>(row, ['id', 'position', 'attributes', 'data'], 'history', damaged);

// A fact about time as it is stored: the columns that timelines filter and order by, and the whole row as JSON text.
import { placeOf } from '../facts.ts';
import type { FactRow } from '../rows.ts';
import { readStored, type Damaged } from './stored-json.ts';

export interface StoredFact {
  /** JSON of the whole row. */
  readonly row: string;
}

export interface FactRecord extends StoredFact {
  readonly id: string;
  readonly aggregateId: string;
  /** Its place among what has the same time: before every event. */
  readonly version: number;
  readonly type: string;
  readonly workspaceId: string;
  readonly time: string;
  readonly partition: number;
  readonly offset: number;
}

export const STORED_FACT_COLUMNS = ['row'] as const;
/** What it is found by, too. */
export const FILED_FACT_COLUMNS = [
  'aggregateId',
  'version',
  'type',
  'workspaceId',
  'time',
  'partition',
  'offset',
  'row',
] as const;

export function toFactRecord(row: FactRow): FactRecord {
  const { id, type, workspaceId } = row;
  const { partition, offset } = row.position;
  return { id, ...placeOf(row), type, workspaceId, partition, offset, row: JSON.stringify(row) };
}

export const fromStoredFact = ({ row }: StoredFact, damaged: Damaged): FactRow =>
  readStored<FactRow>(row, ['id', 'position', 'attributes', 'data'], 'facts', damaged);

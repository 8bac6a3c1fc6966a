// An operator's command as it is stored: what it is about and what it came to as JSON text.
import type { OperationOutcome, OperationRow } from '../rows.ts';
import { readStored, type Damaged } from './stored-json.ts';

export interface OperationRecord {
  readonly commandId: string;
  readonly fingerprint: string;
  readonly records: string;
  readonly outcome: string | null;
}

export function toOperationRecord({ commandId, fingerprint, records, outcome }: OperationRow): OperationRecord {
  return {
    commandId,
    fingerprint,
    records: JSON.stringify(records),
    outcome: outcome && JSON.stringify(outcome),
  };
}

export function fromOperationRecord(
  { commandId, fingerprint, records, outcome }: OperationRecord,
  damaged: Damaged,
): OperationRow {
  const place = "operators' commands";
  return {
    commandId,
    fingerprint,
    records: readStored<OperationRow['records']>(records, ['length'], place, damaged),
    outcome: outcome === null ? null : readStored<OperationOutcome>(outcome, ['position'], place, damaged),
  };
}

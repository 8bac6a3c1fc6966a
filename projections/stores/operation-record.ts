// An operator's command as it is stored: what it is about and what it came to as JSON text.
import type { OperationRow } from '../rows.ts';

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

export function fromOperationRecord({ commandId, fingerprint, records, outcome }: OperationRecord): OperationRow {
  return {
    commandId,
    fingerprint,
    records: JSON.parse(records) as OperationRow['records'],
    outcome: outcome === null ? null : (JSON.parse(outcome) as OperationRow['outcome']),
  };
}

// Operators' commands that make no event, in the embedded store: begun once, and the first outcome stays.
import type { OperationRecords } from '../read-store.ts';
import type { OperationRow } from '../rows.ts';
import type { EmbeddedFile } from './embedded-errors.ts';
import { fromOperationRecord, toOperationRecord, type OperationRecord } from './operation-record.ts';

export function embeddedOperations(db: EmbeddedFile): OperationRecords {
  async function load(commandId: string): Promise<OperationRow | null> {
    const sql = 'SELECT commandId, fingerprint, records, outcome FROM operations WHERE commandId = ?';
    const found = await db.get<OperationRecord>(sql, [commandId]);
    return found ? fromOperationRecord(found, db.damaged) : null;
  }

  return {
    load,
    begin: async (row) => {
      const { commandId, fingerprint, records, outcome } = toOperationRecord(row);
      const sql = `INSERT INTO operations (commandId, fingerprint, records, outcome) VALUES (?, ?, ?, ?)
        ON CONFLICT DO NOTHING`;
      const begun = (await db.run(sql, [commandId, fingerprint, records, outcome])) === 1;
      return { row: (await load(commandId)) ?? row, begun };
    },
    finish: async (commandId, outcome) => {
      const sql = 'UPDATE operations SET outcome = ? WHERE commandId = ? AND outcome IS NULL';
      await db.run(sql, [JSON.stringify(outcome), commandId]);
      return (await load(commandId))?.outcome ?? outcome;
    },
  };
}

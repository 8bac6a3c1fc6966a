// Operators' commands that make no event, in MongoDB: begun once, and the first outcome stays.
import type { Db } from 'mongodb';
import type { OperationRecords } from '../read-store.ts';
import type { OperationRow } from '../rows.ts';
import { isDuplicate, translated } from './mongodb-errors.ts';
import { fromOperationRecord, toOperationRecord, type OperationRecord } from './operation-record.ts';
import { damagedRow } from './stored-json.ts';

const OPERATIONS = 'operations';

type StoredOperation = Omit<OperationRecord, 'commandId'> & { readonly _id: string };

export function mongoOperations(db: Db): OperationRecords {
  const collection = db.collection<StoredOperation>(OPERATIONS);

  async function load(commandId: string): Promise<OperationRow | null> {
    const found = await collection.findOne({ _id: commandId });
    return found && fromOperationRecord({ ...found, commandId }, damagedRow);
  }

  return {
    load: (commandId) => translated(() => load(commandId)),
    begin: (row) =>
      translated(async () => {
        const { commandId: _id, ...record } = toOperationRecord(row);
        try {
          await collection.insertOne({ _id, ...record });
          return { row, begun: true };
        } catch (error) {
          if (!isDuplicate(error)) throw error;
          return { row: (await load(row.commandId)) ?? row, begun: false };
        }
      }),
    finish: (commandId, outcome) =>
      translated(async () => {
        await collection.updateOne({ _id: commandId, outcome: null }, { $set: { outcome: JSON.stringify(outcome) } });
        return (await load(commandId))?.outcome ?? outcome;
      }),
  };
}

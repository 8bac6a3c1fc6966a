// A batch of writes on the embedded store, in one transaction: rows, guards and checkpoint stand or fall together (P4).
// A few statements, whatever the batch's size.
import type { Statements } from '../../events/logs/sqlite.ts';
import type { Position } from '../../events/position.ts';
import type { GenerationId, Writes } from '../read-store.ts';
import type { UsageStore } from '../usage.ts';
import type { EmbeddedControl } from './embedded-control.ts';
import { keysWriter } from './embedded-keys.ts';
import { insertRows } from './embedded-rows.ts';
import { tableNames } from './embedded-schema.ts';
import { FILED_FACT_COLUMNS, toFactRecord } from './fact-record.ts';
import { FILED_HISTORY_COLUMNS, toHistoryRecord } from './history-record.ts';
import { withUsage } from './usage-record.ts';

const FACT_COLUMNS = ['id', ...FILED_FACT_COLUMNS] as const;
const SECRET_COLUMNS = ['hash', 'keyId'] as const;

/** Thrown inside the transaction, so that all of it is rolled back. */
class GuardFailed extends Error {}

export type Apply = (writes: Writes, checkpoint: Position) => Promise<'applied' | 'conflict'>;

/** @param usage what new rows are made with: read when no copy of it can come in between (P6). */
export function embeddedApply(control: EmbeddedControl, id: GenerationId, usage: Pick<UsageStore, 'totals'>): Apply {
  const names = tableNames(id);
  const writeKeys = keysWriter(names);
  const insertHistory = insertRows(names.history, FILED_HISTORY_COLUMNS, 'DO NOTHING');
  // E6: the one that lies first in the log.
  const first = `(id) DO UPDATE SET "offset" = excluded."offset", row = excluded.row
    WHERE excluded."offset" < ${names.facts}."offset"`;
  const insertFacts = insertRows(names.facts, FACT_COLUMNS, first);
  const insertSecrets = insertRows(names.secrets, SECRET_COLUMNS, 'DO NOTHING');
  const keyspacesVersion = `SELECT version FROM ${names.keyspaces}`;
  const writeKeyspaces = `INSERT INTO ${names.keyspaces} (id, version, row) VALUES ('keyspaces', ?, ?)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, row = excluded.row`;

  async function write(tx: Statements, { history, facts = [], secrets, keys, keyspaces }: Writes): Promise<void> {
    await insertHistory(tx, history.map(toHistoryRecord));
    await insertFacts(tx, facts.map(toFactRecord));
    await insertSecrets(tx, secrets);
    if (!(await writeKeys(tx, await withUsage(usage, keys)))) throw new GuardFailed();
    if (keyspaces) {
      const stored = await tx.get<{ version: number }>(keyspacesVersion);
      if ((stored?.version ?? 0) !== keyspaces.from) throw new GuardFailed();
      await tx.all(writeKeyspaces, [keyspaces.state.version, JSON.stringify(keyspaces.state)]);
    }
  }

  return async (writes, checkpoint) => {
    try {
      await control.advance(id, checkpoint, (tx) => write(tx, writes));
      return 'applied';
    } catch (error) {
      if (error instanceof GuardFailed) return 'conflict';
      throw error;
    }
  };
}

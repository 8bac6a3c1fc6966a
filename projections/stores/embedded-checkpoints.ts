// Checkpoints of the embedded store, in kept.db: a row and its subtrees are one transaction.
import type { PublicJwk, SignedCheckpoint } from '../../events/proof/checkpoint.ts';
import type { Subtree } from '../../events/proof/tree.ts';
import type { Checkpoints } from '../checkpoints.ts';
import type { EmbeddedFile } from './embedded-errors.ts';
import { insertRows } from './embedded-rows.ts';
import { memoryLead } from './memory-lead.ts';
import { readStored } from './stored-json.ts';

export const CHECKPOINT_SCHEMA = `
  CREATE TABLE IF NOT EXISTS checkpoints (number INTEGER PRIMARY KEY, row TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS subtrees (
    id TEXT NOT NULL, number INTEGER NOT NULL, count INTEGER NOT NULL, root TEXT NOT NULL, PRIMARY KEY (id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS checkpointKeys (kid TEXT PRIMARY KEY, key TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS publishedCheckpoint (one INTEGER PRIMARY KEY, number INTEGER NOT NULL) STRICT;
`;

const insertSubtrees = insertRows('subtrees', ['id', 'number', 'count', 'root'], 'DO NOTHING');

interface Stored {
  readonly row: string;
}

export function embeddedCheckpoints(db: EmbeddedFile): Checkpoints {
  const toRow = ({ row }: Stored): SignedCheckpoint =>
    readStored<SignedCheckpoint>(row, ['checkpoint', 'signature'], 'checkpoints', db.damaged);
  const toKey = (text: string): PublicJwk => readStored<PublicJwk>(text, ['x'], 'checkpoint keys', db.damaged);
  const keyOf = (kid: string) => db.get<{ key: string }>('SELECT key FROM checkpointKeys WHERE kid = ?', [kid]);

  return {
    ...memoryLead(() => performance.now()), // whose folder one process holds
    newest: async () => {
      const found = await db.get<Stored>('SELECT row FROM checkpoints ORDER BY number DESC LIMIT 1');
      return found ? toRow(found) : null;
    },
    at: async (number) => {
      const found = await db.get<Stored>('SELECT row FROM checkpoints WHERE number = ?', [number]);
      return found ? toRow(found) : null;
    },
    list: async ({ below = Number.MAX_SAFE_INTEGER, above = 0, newestFirst, limit }) => {
      const order = newestFirst ? 'DESC' : 'ASC';
      const sql = `SELECT row FROM checkpoints WHERE number > ? AND number < ? ORDER BY number ${order} LIMIT ?`;
      return (await db.all<Stored>(sql, [above, below, limit])).map(toRow);
    },
    // Of a group with one max(), SQLite takes the other columns from that very row.
    subtrees: (number) =>
      db.all<Subtree>(
        `SELECT id, count, root FROM (SELECT id, count, root, max(number) FROM subtrees WHERE number <= ? GROUP BY id)`,
        [number],
      ),
    keys: async () => {
      const found = await db.all<{ kid: string; key: string }>('SELECT kid, key FROM checkpointKeys');
      return new Map(found.map(({ kid, key }) => [kid, toKey(key)]));
    },
    add: (row, changed) =>
      db.transaction(async (tx) => {
        const { number } = row.checkpoint;
        const sql = 'INSERT INTO checkpoints (number, row) VALUES (?, ?) ON CONFLICT DO NOTHING';
        if ((await tx.run(sql, [number, JSON.stringify(row)])) === 0) return false;
        await insertSubtrees(
          tx,
          changed.map((subtree) => ({ ...subtree, number })),
        );
        return true;
      }),
    addKey: async (kid, key) => {
      await db.run('INSERT INTO checkpointKeys (kid, key) VALUES (?, ?) ON CONFLICT DO NOTHING', [
        kid,
        JSON.stringify(key),
      ]);
      const stored = await keyOf(kid);
      return stored ? toKey(stored.key) : key;
    },
    published: async () => (await db.get<{ number: number }>('SELECT number FROM publishedCheckpoint'))?.number ?? 0,
    setPublished: async (number) => {
      await db.run(
        `INSERT INTO publishedCheckpoint (one, number) VALUES (1, ?)
          ON CONFLICT (one) DO UPDATE SET number = max(number, excluded.number)`,
        [number],
      );
    },
  };
}

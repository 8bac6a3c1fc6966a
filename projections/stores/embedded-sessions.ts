// Sessions of the embedded store, in a file of their own, sessions.db: no backup has it, so that a restore signs nobody in.
import type { SessionRow, Sessions } from '../sessions.ts';
import type { EmbeddedFile } from './embedded-errors.ts';
import { readStored } from './stored-json.ts';

export const SESSIONS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, until TEXT NOT NULL, row TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS sessions_until ON sessions (until);
`;

interface Stored {
  readonly until: string;
  readonly row: string;
}

type Kept = Omit<SessionRow, 'until'>;

export function embeddedSessions(db: EmbeddedFile): Sessions {
  const toRow = ({ until, row }: Stored): SessionRow => ({
    ...readStored<Kept>(row, ['id', 'workspaces'], 'sessions', db.damaged),
    until,
  });
  return {
    add: async ({ until, ...row }) => {
      await db.run('INSERT INTO sessions (id, until, row) VALUES (?, ?, ?)', [row.id, until, JSON.stringify(row)]);
    },
    load: async (id, now) => {
      const found = await db.get<Stored>('SELECT until, row FROM sessions WHERE id = ? AND until > ?', [id, now]);
      return found ? toRow(found) : null;
    },
    extend: async (id, until) => {
      await db.run('UPDATE sessions SET until = ? WHERE id = ? AND until < ?', [until, id, until]);
    },
    end: async (id) => (await db.run('DELETE FROM sessions WHERE id = ?', [id])) > 0,
    endOf: (subject) => db.run(`DELETE FROM sessions WHERE row ->> '$.subject' = ?`, [subject]),
    list: async (now, limit) => {
      const sql = `SELECT until, row FROM sessions WHERE until > ? ORDER BY row ->> '$.createdAt' DESC, id LIMIT ?`;
      return (await db.all<Stored>(sql, [now, limit])).map(toRow);
    },
    sweep: (now) => db.run('DELETE FROM sessions WHERE until <= ?', [now]),
  };
}

// What secrets of the settings are recognised by, in the embedded store.
import type { Sqlite } from '../../events/logs/sqlite.ts';
import type { SecretChecks } from '../read-store.ts';

export function embeddedChecks(db: Sqlite): SecretChecks {
  return {
    all: async () => {
      const rows = await db.all<{ readonly name: string; readonly value: string }>('SELECT name, value FROM checks');
      return new Map(rows.map(({ name, value }) => [name, value]));
    },
    add: async (name, value) => {
      await db.run('INSERT INTO checks (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING', [name, value]);
    },
  };
}

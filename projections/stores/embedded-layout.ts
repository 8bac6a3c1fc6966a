// The layout of the read models' file. What another version of Keyfold has laid out otherwise is taken away when the file
// is opened, so that the projector makes it again from the log: read models hold nothing that the log does not.
import type { EmbeddedFile } from './embedded-errors.ts';
import { dropStatements } from './embedded-schema.ts';

/** Raised whenever a generation's tables, or what lies in them, change. */
const LAYOUT = 6;

/** Answers whether read models of another layout were taken away. */
export async function keepLayout(db: EmbeddedFile): Promise<boolean> {
  const found = await db.get<{ user_version: number }>('PRAGMA user_version');
  if (found?.user_version === LAYOUT) return false;
  return db.transaction(async (tx) => {
    const generations = await tx.all<{ id: string }>('SELECT id FROM generations');
    for (const statement of generations.flatMap(({ id }) => dropStatements(id))) await tx.run(statement);
    await tx.run('DELETE FROM generations');
    await tx.run(`PRAGMA user_version = ${LAYOUT}`);
    return generations.length > 0;
  });
}

// The embedded store's generations: pointer, checkpoints and marks, changed in one transaction each (P3, P4). This process
// holds the file alone, so what the last commit left is known without reading it again.
import type { Statements } from '../../events/logs/sqlite.ts';
import { covers, furthest, type Position } from '../../events/position.ts';
import type { Control, Generation, GenerationId } from '../read-store.ts';
import type { EmbeddedFile } from './embedded-errors.ts';
import { dropStatements, generationSchema } from './embedded-schema.ts';
import { FIRST_GENERATION, generationIn, generationNumber, madeBy, nextGeneration } from './generations.ts';
import { readStored, type Damaged } from './stored-json.ts';

export interface EmbeddedControl {
  /** As the last commit left it. */
  readonly current: () => Promise<Control>;
  /**
   * Runs `write` in a transaction that raises the checkpoint of a generation (P2: partition by partition the further one).
   *
   * @throws `GenerationDroppedError`, before `write` is called.
   */
  advance(id: GenerationId, to: Position, write: (tx: Statements) => Promise<void>): Promise<void>;
  create(now: string, commandId: string | null): Promise<GenerationId>;
  switch(from: GenerationId, to: GenerationId): Promise<boolean>;
  fail(id: GenerationId, failure: string): Promise<void>;
  drop(id: GenerationId): Promise<void>;
}

/** Reads the generations; makes the first one, live, in a new file. */
export async function openControl(db: EmbeddedFile, now: string): Promise<EmbeddedControl> {
  let current = await db.transaction(async (tx) => {
    if (!(await tx.get('SELECT 1 AS one FROM generations LIMIT 1'))) {
      await insertGeneration(tx, FIRST_GENERATION, 'live', now, null);
    }
    return readControl(tx, db.damaged);
  });

  /** `work` sees what the last transaction left; what it leaves is known to all once it is committed. */
  async function change<T>(work: (tx: Statements, before: Control) => Promise<T>): Promise<T> {
    const { value, after } = await db.transaction(async (tx) => ({
      value: await work(tx, current),
      after: await readControl(tx, db.damaged),
    }));
    current = after;
    return value;
  }

  return {
    current: async () => {
      await db.check();
      return current;
    },

    async advance(id, to, write) {
      current = await db.transaction(async (tx) => {
        const checkpoint = furthest(generationIn(current, id).checkpoint, to);
        await tx.all('UPDATE generations SET checkpoint = ? WHERE id = ?', [JSON.stringify(checkpoint), id]);
        await write(tx);
        return withGeneration(current, id, { checkpoint });
      });
    },

    create: (createdAt, commandId) =>
      change(async (tx, { generations }) => {
        const made = madeBy(generations, commandId);
        if (made) return made.id;
        const id = nextGeneration(generations);
        await insertGeneration(tx, id, 'building', createdAt, commandId);
        return id;
      }),

    switch: (from, to) =>
      change(async (tx, { live, generations }) => {
        const checkpoint = generations.find(({ id }) => id === from)?.checkpoint ?? {};
        const ready = generations.some(
          (each) => each.id === to && each.status === 'building' && covers(each.checkpoint, checkpoint),
        );
        if (live !== from || !ready) return false;
        await tx.run(`UPDATE generations SET status = 'dropped' WHERE id = ?`, [from]);
        await tx.run(`UPDATE generations SET status = 'live' WHERE id = ?`, [to]);
        return true;
      }),

    async fail(id, failure) {
      const sql = `UPDATE generations SET status = 'failed', failure = ? WHERE id = ? AND status = 'building'`;
      await change((tx) => tx.run(sql, [failure, id]));
    },

    // The mark first, durable by itself: a reader that then finds nothing knows why (P3).
    async drop(id) {
      await change(async (tx, { live }) => {
        if (live === id) throw new Error(`generation ${id} is live and cannot be dropped`);
        await tx.run(`UPDATE generations SET status = 'dropped' WHERE id = ?`, [id]);
      });
      for (const statement of dropStatements(id)) await db.run(statement);
    },
  };
}

interface StoredGeneration {
  readonly id: string;
  readonly status: Generation['status'];
  readonly checkpoint: string;
  readonly createdAt: string;
  readonly failure: string | null;
  readonly commandId: string | null;
}

async function readControl(tx: Statements, damaged: Damaged): Promise<Control> {
  const sql = 'SELECT id, status, checkpoint, createdAt, failure, commandId FROM generations ORDER BY number';
  const generations = (await tx.all<StoredGeneration>(sql)).map((row) => ({
    ...row,
    checkpoint: readStored<Position>(row.checkpoint, [], 'generations', damaged),
  }));
  const live = generations.find(({ status }) => status === 'live');
  if (!live) throw damaged('generations');
  return { live: live.id, generations };
}

async function insertGeneration(
  tx: Statements,
  id: GenerationId,
  status: string,
  now: string,
  commandId: string | null,
): Promise<void> {
  for (const statement of generationSchema(id)) await tx.run(statement);
  const values = [generationNumber(id), id, status, '{}', now, commandId];
  const columns = 'number, id, status, checkpoint, createdAt, commandId';
  await tx.run(`INSERT INTO generations (${columns}) VALUES (?, ?, ?, ?, ?, ?)`, values);
}

const withGeneration = ({ live, generations }: Control, id: GenerationId, changes: Partial<Generation>): Control => ({
  live,
  generations: generations.map((each) => (each.id === id ? { ...each, ...changes } : each)),
});

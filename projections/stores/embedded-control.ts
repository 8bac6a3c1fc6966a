// The embedded store's generations: pointer, checkpoints and marks, each read by one statement and changed in one
// transaction (P3, P4).
import type { Sqlite, Statements } from '../../events/logs/sqlite.ts';
import { covers, furthest, type Position } from '../../events/position.ts';
import type { Control, Generation, GenerationId } from '../read-store.ts';
import { dropStatements, generationSchema } from './embedded-schema.ts';
import { FIRST_GENERATION, generationIn, generationNumber, nextGeneration } from './generations.ts';

interface StoredGeneration {
  readonly id: string;
  readonly status: Generation['status'];
  readonly checkpoint: string;
  readonly createdAt: string;
  readonly failure: string | null;
}

export async function readControl(db: Statements): Promise<Control> {
  const sql = 'SELECT id, status, checkpoint, createdAt, failure FROM generations ORDER BY number';
  const generations = (await db.all<StoredGeneration>(sql)).map((row) => ({
    ...row,
    checkpoint: JSON.parse(row.checkpoint) as Position,
  }));
  const live = generations.find(({ status }) => status === 'live');
  if (!live) throw new Error('the read store has no live generation');
  return { live: live.id, generations };
}

async function insertGeneration(tx: Statements, id: GenerationId, status: string, now: string): Promise<void> {
  for (const statement of generationSchema(id)) await tx.run(statement);
  const values = [generationNumber(id), id, status, '{}', now];
  await tx.run('INSERT INTO generations (number, id, status, checkpoint, createdAt) VALUES (?, ?, ?, ?, ?)', values);
}

/** Makes the first generation, live, in a new file. */
export async function ensureControl(db: Sqlite, now: string): Promise<void> {
  await db.transaction(async (tx) => {
    if (await tx.get('SELECT 1 AS one FROM generations LIMIT 1')) return;
    await insertGeneration(tx, FIRST_GENERATION, 'live', now);
  });
}

/** P2: partition by partition the further one; a checkpoint never goes back. Inside the transaction of its batch. */
export async function raiseCheckpoint(tx: Statements, id: GenerationId, to: Position): Promise<void> {
  const { checkpoint } = generationIn(await readControl(tx), id);
  const raised = JSON.stringify(furthest(checkpoint, to));
  await tx.all('UPDATE generations SET checkpoint = ? WHERE id = ?', [raised, id]);
}

export function createGeneration(db: Sqlite, now: string): Promise<GenerationId> {
  return db.transaction(async (tx) => {
    const id = nextGeneration((await readControl(tx)).generations);
    await insertGeneration(tx, id, 'building', now);
    return id;
  });
}

export function switchGeneration(db: Sqlite, from: GenerationId, to: GenerationId): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { live, generations } = await readControl(tx);
    const checkpoint = generations.find(({ id }) => id === from)?.checkpoint ?? {};
    const ready = generations.some(
      (each) => each.id === to && each.status === 'building' && covers(each.checkpoint, checkpoint),
    );
    if (live !== from || !ready) return false;
    await tx.run(`UPDATE generations SET status = 'dropped' WHERE id = ?`, [from]);
    await tx.run(`UPDATE generations SET status = 'live' WHERE id = ?`, [to]);
    return true;
  });
}

export async function failGeneration(db: Sqlite, id: GenerationId, failure: string): Promise<void> {
  const sql = `UPDATE generations SET status = 'failed', failure = ? WHERE id = ? AND status = 'building'`;
  await db.run(sql, [failure, id]);
}

/** The mark first, durable by itself: a reader that then finds nothing knows why (P3). */
export async function dropGeneration(db: Sqlite, id: GenerationId): Promise<void> {
  await db.transaction(async (tx) => {
    if ((await readControl(tx)).live === id) throw new Error(`generation ${id} is live and cannot be dropped`);
    await tx.run(`UPDATE generations SET status = 'dropped' WHERE id = ?`, [id]);
  });
  for (const statement of dropStatements(id)) await db.run(statement);
}

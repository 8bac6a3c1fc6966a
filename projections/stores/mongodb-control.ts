// MongoDB's generations: pointer, checkpoints and marks in one document, read and changed as one (P3, P4).
import type { ClientSession, Collection, Db } from 'mongodb';
import type { Position } from '../../events/position.ts';
import type { Control, Generation, GenerationId } from '../read-store.ts';
import { FIRST_GENERATION, generationNumber, madeBy, nextGeneration } from './generations.ts';
import { isDuplicate } from './mongodb-errors.ts';
import { CONTROL, dropCollections, ensureCommonIndexes, ensureGenerationIndexes } from './mongodb-schema.ts';

interface StoredControl {
  readonly _id: typeof CONTROL;
  readonly live: GenerationId;
  readonly generations: Readonly<Record<GenerationId, StoredGeneration>>;
}

type StoredGeneration = Omit<Generation, 'id' | 'commandId'> & {
  /** Absent in what an earlier build wrote. */
  readonly commandId?: string | null;
};

const THE_ONE = { _id: CONTROL } as const;

/** Where a generation, or a member of it, lies in the document. */
const at = (id: GenerationId, ...members: readonly string[]): string =>
  ['generations', `g${generationNumber(id)}`, ...members].join('.');

const control = (db: Db): Collection<StoredControl> => db.collection<StoredControl>(CONTROL);

export async function readControl(db: Db, session?: ClientSession): Promise<Control> {
  const found = await control(db).findOne(THE_ONE, session ? { session } : {});
  if (!found) throw new Error('the read store has no control document: it was emptied by hand');
  const generations = Object.entries(found.generations)
    .map(([id, { commandId = null, ...generation }]) => ({ id, ...generation, commandId }))
    .sort((a, b) => generationNumber(a.id) - generationNumber(b.id));
  return { live: found.live, generations };
}

const fresh = (status: Generation['status'], createdAt: string, commandId: string | null): StoredGeneration => ({
  status,
  checkpoint: {},
  createdAt,
  failure: null,
  commandId,
});

/** Makes the first generation, live, in an empty database. Of several processes that start at once one does it. */
export async function ensureControl(db: Db, now: string): Promise<void> {
  const first = { live: FIRST_GENERATION, generations: { [FIRST_GENERATION]: fresh('live', now, null) } };
  await control(db)
    .updateOne(THE_ONE, { $setOnInsert: first }, { upsert: true })
    .catch((error: unknown) => {
      if (!isDuplicate(error)) throw error;
    });
  await ensureCommonIndexes(db);
  for (const { id, status } of (await readControl(db)).generations) {
    if (status !== 'dropped') await ensureGenerationIndexes(db, id);
  }
}

/** P2: partition by partition the further one ($max). Answers whether the generation is still there. */
export async function raiseCheckpoint(db: Db, id: GenerationId, to: Position): Promise<boolean> {
  const raised = Object.entries(to).map(([partition, offset]) => [at(id, 'checkpoint', partition), offset]);
  const there = { ...THE_ONE, [at(id, 'status')]: { $in: ['building', 'live', 'failed'] } };
  if (raised.length === 0) return (await control(db).countDocuments(there)) === 1;
  const { matchedCount } = await control(db).updateOne(there, { $max: Object.fromEntries(raised) as object });
  return matchedCount === 1;
}

export async function createGeneration(db: Db, now: string, commandId: string | null): Promise<GenerationId> {
  for (;;) {
    const { generations } = await readControl(db);
    const made = madeBy(generations, commandId);
    if (made) return made.id;
    const id = nextGeneration(generations);
    await ensureGenerationIndexes(db, id);
    const { matchedCount } = await control(db).updateOne(
      { ...THE_ONE, [at(id)]: { $exists: false } },
      { $set: { [at(id)]: fresh('building', now, commandId) } },
    );
    if (matchedCount === 1) return id; // else another took this number, perhaps for the same command
  }
}

export async function switchGeneration(db: Db, from: GenerationId, to: GenerationId): Promise<boolean> {
  const { matchedCount } = await control(db).updateOne(
    { ...THE_ONE, live: { $eq: from }, [at(to, 'status')]: 'building', $expr: covers(to, from) },
    { $set: { live: to, [at(to, 'status')]: 'live', [at(from, 'status')]: 'dropped' } },
  );
  return matchedCount === 1;
}

/** `covers` of events/position.ts on two checkpoints of the document, so that it holds in the moment of the write. */
function covers(reached: GenerationId, wanted: GenerationId): object {
  const offsets = (id: GenerationId) => ({ $objectToArray: { $ifNull: [`$${at(id, 'checkpoint')}`, {}] } });
  const asFar = { $and: [{ $eq: ['$$has.k', '$$wants.k'] }, { $gte: ['$$has.v', '$$wants.v'] }] };
  const reachedIt = { $anyElementTrue: [{ $map: { input: offsets(reached), as: 'has', in: asFar } }] };
  const each = { $or: [{ $lte: ['$$wants.v', 0] }, reachedIt] };
  return { $allElementsTrue: [{ $map: { input: offsets(wanted), as: 'wants', in: each } }] };
}

export async function failGeneration(db: Db, id: GenerationId, failure: string): Promise<void> {
  await control(db).updateOne(
    { ...THE_ONE, [at(id, 'status')]: 'building' },
    { $set: { [at(id, 'status')]: 'failed', [at(id, 'failure')]: failure } },
  );
}

/** The mark first, acknowledged by itself: a reader that then finds nothing knows why (P3). */
export async function dropGeneration(db: Db, id: GenerationId): Promise<void> {
  const { matchedCount } = await control(db).updateOne(
    { ...THE_ONE, live: { $ne: id }, [at(id)]: { $exists: true } },
    { $set: { [at(id, 'status')]: 'dropped' } },
  );
  if (matchedCount === 0) throw new Error(`generation ${id} is live, or there is none, and cannot be dropped`);
  await dropCollections(db, id);
}

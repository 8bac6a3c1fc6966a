// Checkpoints in MongoDB, without transactions: the subtrees of a number first, then the row, whose insert decides. Subtrees
// carry the root that they were signed under, so that those of an attempt that lost, or crashed, are never read.
import type { Collection, Db } from 'mongodb';
import type { PublicJwk, SignedCheckpoint } from '../../events/proof/checkpoint.ts';
import type { Subtree } from '../../events/proof/tree.ts';
import type { CheckpointRange, Checkpoints } from '../checkpoints.ts';
import { claimDocument, type Claimed } from './mongodb-claim.ts';
import { isDuplicate, onlyDuplicates, translated } from './mongodb-errors.ts';

interface StoredCheckpoint extends SignedCheckpoint {
  /** The number. */
  readonly _id: number;
}

interface StoredSubtree extends Subtree {
  readonly _id: string;
  readonly number: number;
  /** The root of the checkpoint that it belongs to. */
  readonly of: string;
}

interface StoredKey extends PublicJwk {
  readonly _id: string;
}

/** Who leads, and what was published. */
interface StoredState extends Claimed {
  readonly _id: typeof LEADER | 'published';
  readonly number?: number;
}

const LEADER = 'leader';
const INSERTED_AT_ONCE = 1000;
const SUBTREES = 'checkpoint_subtrees';

export async function ensureCheckpointIndexes(db: Db): Promise<void> {
  await db.collection(SUBTREES).createIndexes([
    {
      key: new Map<string, 1>([
        ['id', 1],
        ['number', 1],
      ]),
    },
  ]);
}

export function mongoCheckpoints(db: Db): Checkpoints {
  const checkpoints = db.collection<StoredCheckpoint>('checkpoints');
  const subtrees = db.collection<StoredSubtree>(SUBTREES);
  const keys = db.collection<StoredKey>('checkpoint_keys');
  const state = db.collection<StoredState>('checkpoint_state');
  const toRow = ({ checkpoint, signature }: StoredCheckpoint): SignedCheckpoint => ({ checkpoint, signature });
  const toKey = ({ kty, crv, x }: StoredKey): PublicJwk => ({ kty, crv, x });

  async function list({ below, above = 0, newestFirst, limit }: CheckpointRange): Promise<SignedCheckpoint[]> {
    const within = { $gt: above, ...(below === undefined ? {} : { $lt: below }) };
    const found = checkpoints.find({ _id: within }).sort({ _id: newestFirst ? -1 : 1 });
    return (await found.limit(limit).toArray()).map(toRow);
  }

  return {
    list: (range) => translated(() => list(range)),
    newest: () => translated(async () => (await list({ newestFirst: true, limit: 1 }))[0] ?? null),
    at: (number) =>
      translated(async () => {
        const found = await checkpoints.findOne({ _id: number });
        return found && toRow(found);
      }),
    subtrees: (number) => translated(() => readSubtrees(checkpoints, subtrees, number)),
    keys: () => translated(async () => new Map((await keys.find().toArray()).map((key) => [key._id, toKey(key)]))),
    add: (row, changed) =>
      translated(async () => {
        const { number, root: of } = row.checkpoint;
        // The id in the end: it may hold any character.
        const documents = changed.map((subtree) => ({ _id: `${number} ${of} ${subtree.id}`, ...subtree, number, of }));
        for (let at = 0; at < documents.length; at += INSERTED_AT_ONCE) {
          const some = documents.slice(at, at + INSERTED_AT_ONCE);
          await subtrees.insertMany(some, { ordered: false }).catch((error: unknown) => {
            if (!onlyDuplicates(error)) throw error;
          });
        }
        try {
          await checkpoints.insertOne({ _id: number, ...row });
          return true;
        } catch (error) {
          if (!isDuplicate(error)) throw error;
          // Unless it was signed under the same root: then they are the winner's, too.
          const won = await checkpoints.findOne({ _id: number });
          if (won && won.checkpoint.root !== of) await subtrees.deleteMany({ number, of });
          return false;
        }
      }),
    addKey: (_id, key) =>
      translated(async () => {
        await keys.insertOne({ _id, ...key }).catch((error: unknown) => {
          if (!isDuplicate(error)) throw error;
        });
        const stored = await keys.findOne({ _id });
        return stored ? toKey(stored) : key;
      }),
    lead: (holder, lengthMs) => translated(() => claimDocument(state, LEADER, holder, lengthMs)),
    leave: (holder) =>
      translated(async () => {
        await state.deleteOne({ _id: LEADER, holder });
      }),
    published: () => translated(async () => (await state.findOne({ _id: 'published' }))?.number ?? 0),
    setPublished: (number) =>
      translated(async () => {
        await state.updateOne({ _id: 'published' }, { $max: { number } }, { upsert: true });
      }),
  };
}

/** The last one of each workspace that was signed. Read in order, so that no more than one of each is held. */
async function readSubtrees(
  checkpoints: Collection<StoredCheckpoint>,
  subtrees: Collection<StoredSubtree>,
  number: number,
): Promise<readonly Subtree[]> {
  const roots = new Map<number, string>();
  const signed = checkpoints.find({ _id: { $lte: number } }).project<{ _id: number; checkpoint: { root: string } }>({
    'checkpoint.root': 1,
  });
  for await (const { _id, checkpoint } of signed) roots.set(_id, checkpoint.root);
  const found = new Map<string, Subtree>();
  for await (const { id, count, root, number: of, of: under } of subtrees
    .find({ number: { $lte: number } })
    .sort({ id: 1, number: 1 })) {
    if (roots.get(of) === under) found.set(id, { id, count, root });
  }
  return [...found.values()];
}

// What one checkpoint says, computed from the read models: the subtrees of workspaces that were touched since the last one,
// all others as they were signed. Nothing is signed that does not stand on what was signed before.
import { setImmediate as turn } from 'node:timers/promises';
import { encodePosition, decodePosition, furthest, type Position } from '../../events/position.ts';
import { checkpointDigest, checkpointId, CHECKPOINT_SOURCE, type Checkpoint } from '../../events/proof/checkpoint.ts';
import {
  createTree,
  entryLeafOf,
  entryOf,
  leafOf,
  type Entry,
  type GrowingTree,
  type Subtree,
} from '../../events/proof/tree.ts';
import { latest } from '../../events/record.ts';
import { headsAt, touchedBetween, ViewBehindError } from '../../projections/heads.ts';
import type { CheckpointReads } from '../../projections/checkpoints.ts';
import type { ReadStore } from '../../projections/read-store.ts';

/** What is hashed at once: a few milliseconds of the event loop. */
const AT_ONCE = 500;

/** The read models do not hold what was signed: somebody has changed them, or the log is not the one that it was. */
export class ContradictedError extends Error {
  readonly code = 'CHECKPOINT_CONTRADICTED';
}

/** A checkpoint to be signed, and the subtrees that are not as the one before has them. */
export interface Prepared {
  readonly checkpoint: Checkpoint;
  readonly changed: readonly Subtree[];
}

export type Preparation =
  | Prepared
  /** Nothing was accepted between the last checkpoint and this position. */
  | { readonly checkpoint: null; readonly upTo: Position };

export interface PreparingOptions {
  readonly store: Pick<ReadStore, 'read'>;
  readonly checkpoints: Pick<CheckpointReads, 'subtrees'>;
  /** Of the log. */
  readonly partitions: number;
  /** ISO time. */
  readonly now: () => string;
}

/** How far a checkpoint reaches. */
export function positionOf({ position }: Checkpoint): Position {
  return decodePosition(position) ?? {};
}

/** Every partition named. */
export function wholePosition(position: Position, partitions: number): Position {
  return furthest(Object.fromEntries(Array.from({ length: partitions }, (_, partition) => [partition, 0])), position);
}

/**
 * Prepares the checkpoint behind `last` at the live generation's position.
 *
 * @throws {@link ContradictedError} the heads at the last checkpoint are not those that it signed.
 * @throws ViewBehindError the read models are behind the last checkpoint.
 */
export async function prepareCheckpoint(options: PreparingOptions, last: Checkpoint | null): Promise<Preparation> {
  const { store, checkpoints, partitions, now } = options;
  const from = last === null ? null : positionOf(last);
  const found = await store.read(async (view) => {
    const position = wholePosition(view.checkpoint, partitions);
    if (from === null)
      return { position, ...(await readSubtrees(headsAt(view, { positions: [position], partitions }))) };
    const touched = await touchedBetween(view, from, position, partitions);
    const query = { workspaces: [...touched], positions: [from, position] as const, partitions };
    return touched.size === 0 ? { position, trees: null } : { position, ...(await readSubtrees(headsAt(view, query))) };
  });
  const { position, trees } = found;
  const signed = last === null ? [] : await checkpoints.subtrees(last.number);
  if (trees === null || trees.length === 0) return { checkpoint: null, upTo: position };
  if (last !== null) mustContinue(last, trees, signed);
  const changed = trees.map(({ id, now: after }) => ({ id, ...after }));
  const all = [...new Map([...signed, ...changed].map((subtree) => [subtree.id, subtree])).values()];
  const number = (last?.number ?? 0) + 1;
  const checkpoint: Checkpoint = {
    id: checkpointId(number),
    number,
    source: CHECKPOINT_SOURCE,
    // E5: it never runs backwards, whoever's clock was ahead.
    time: latest(now(), last?.time ?? null),
    count: all.reduce((sum, { count }) => sum + count, 0),
    workspaces: all.length,
    root: await rootOf(all),
    position: encodePosition(position),
    previous: last === null ? null : checkpointDigest(last),
  };
  return { checkpoint, changed };
}

type Standing = Pick<Subtree, 'count' | 'root'>;

interface Trees {
  readonly id: string;
  /** At the position of the last checkpoint. */
  readonly before: Standing;
  readonly now: Standing;
}

/** Of heads that come workspace by workspace, at one or two positions: the last is the one that is signed. */
async function readSubtrees(heads: ReturnType<typeof headsAt>): Promise<{ readonly trees: readonly Trees[] }> {
  const growing = new Map<string, { readonly before: GrowingTree; readonly now: GrowingTree }>();
  let read = 0;
  for await (const { workspaceId, heads: at } of heads) {
    let own = growing.get(workspaceId);
    if (!own) growing.set(workspaceId, (own = { before: createTree(), now: createTree() }));
    const [first = null] = at;
    const last = at.at(-1) ?? null;
    const leaf = last && leafOf(last);
    // Most have not moved since.
    if (at.length > 1 && first) own.before.add(first === last && leaf ? leaf : leafOf(first));
    if (leaf) own.now.add(leaf);
    read += 1;
    if (read % AT_ONCE === 0) await turn();
  }
  return { trees: [...growing].map(([id, { before, now }]) => ({ id, before: standing(before), now: standing(now) })) };
}

const standing = (tree: GrowingTree): Standing => ({ count: tree.count(), root: tree.root().toString('hex') });

/** Each workspace stood at the last checkpoint as it was signed there. */
function mustContinue(last: Checkpoint, trees: readonly Trees[], signed: readonly Subtree[]): void {
  const known = new Map(signed.map((subtree) => [subtree.id, subtree]));
  for (const { id, before } of trees) {
    const own = known.get(id);
    const same = own ? own.count === before.count && own.root === before.root : before.count === 0;
    if (!same) {
      const whose = id === '' ? 'the keyspaces' : `workspace ${id}`;
      throw new ContradictedError(
        `the read models do not hold what ${last.id} has signed of ${whose}: compare them with the log, or rebuild them (keyfold projections rebuild)`,
      );
    }
  }
}

/** The root of the tree of workspaces, without holding the event loop up. */
async function rootOf(subtrees: readonly Subtree[]): Promise<string> {
  const byBeginning = new Map<string, Entry[]>();
  for (const [index, subtree] of subtrees.entries()) {
    const entry = entryOf(subtree);
    const begin = entry.workspace.slice(0, 2);
    const part = byBeginning.get(begin);
    if (part) part.push(entry);
    else byBeginning.set(begin, [entry]);
    if (index % AT_ONCE === 0) await turn();
  }
  const tree = createTree();
  for (const begin of [...byBeginning.keys()].sort()) {
    const part = byBeginning.get(begin) ?? [];
    for (const entry of part.sort((a, b) => (a.workspace < b.workspace ? -1 : 1))) tree.add(entryLeafOf(entry));
    await turn();
  }
  return tree.root().toString('hex');
}

export { ViewBehindError };

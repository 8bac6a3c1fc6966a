// The tree of workspaces: its root, and for one workspace the proof of what stands for it there, or that nothing does.
// A proof names no other workspace: a neighbour appears by digests alone.
import { z } from 'zod';
import { sha256 } from '../canonical.ts';
import * as fields from '../fields.ts';
import {
  auditPath,
  entryLeafOf,
  entryOf,
  merkleRoot,
  rootFromPath,
  workspaceLeafOf,
  type Entry,
  type Subtree,
} from './tree.ts';

export const digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
const natural = z.int().min(0);
const place = { index: natural, size: natural, path: z.array(digest).max(64).readonly() };
const neighbour = z.strictObject({ keys: digest, workspace: digest, ...place });

/** The workspace's entry, with its place in the tree. */
const present = z.strictObject({ id: fields.workspaceId, count: z.int().min(1), root: digest, ...place });
/** The entries between which it would stand. Without `before` it would be the first, without `after` the last. */
const absent = z.strictObject({
  id: fields.workspaceId,
  count: z.literal(0),
  before: neighbour.optional(),
  after: neighbour.optional(),
});

export const workspaceProof = z.union([present, absent]);
export type WorkspaceProof = z.infer<typeof workspaceProof>;
type Absent = z.infer<typeof absent>;

export interface WorkspaceTree {
  /** Hexadecimal. */
  readonly root: string;
  /** Subtrees, the one of `keyspaces` among them. */
  readonly size: number;
  readonly prove: (id: string) => WorkspaceProof;
}

const byDigest = (a: Entry, b: Entry): number => (a.workspace < b.workspace ? -1 : 1);

/** @param subtrees in any order, each workspace once, none without keys. */
export function workspaceTree(subtrees: readonly Subtree[]): WorkspaceTree {
  const byWorkspace = new Map(subtrees.map((subtree) => [sha256(subtree.id), subtree]));
  const entries = subtrees.map(entryOf).sort(byDigest);
  const leaves = entries.map(entryLeafOf);
  const at = (index: number): (Entry & ReturnType<typeof auditPath>) | undefined => {
    const entry = entries[index];
    return entry && { ...entry, ...auditPath(leaves, index) };
  };
  return {
    root: merkleRoot(leaves).toString('hex'),
    size: entries.length,
    prove(id) {
      const digestOfId = sha256(id);
      const found = entries.findIndex(({ workspace }) => workspace >= digestOfId);
      const index = found === -1 ? entries.length : found;
      const subtree = byWorkspace.get(digestOfId);
      if (subtree) return { ...subtree, ...auditPath(leaves, index) };
      const [before, after] = [at(index - 1), at(index)];
      return { id, count: 0, ...(before ? { before } : {}), ...(after ? { after } : {}) };
    },
  };
}

/** What a proof is checked against: what a checkpoint says. */
export interface TreeHead {
  readonly workspaces: number;
  readonly root: string;
}

/** What is wrong with a proof; `null`: the tree says the same. */
export function checkWorkspaceProof(proof: WorkspaceProof, { workspaces, root }: TreeHead): string | null {
  if (proof.count === 0) return checkAbsent(proof as Absent, { workspaces, root });
  const { id, count, ...rest } = proof as z.infer<typeof present>;
  const place = { index: rest.index, size: rest.size, path: rest.path };
  const leaf = workspaceLeafOf({ id, count, root: rest.root });
  return place.size === workspaces && rootFromPath(leaf, place)?.toString('hex') === root
    ? null
    : "the path does not lead from the workspace's keys to the checkpoint's root";
}

/** Two neighbours in the order of the tree, and nothing between them: the workspace is not there. */
function checkAbsent({ id, before, after }: Absent, { workspaces, root }: TreeHead): string | null {
  const own = sha256(id);
  const first = before === undefined ? 0 : before.index + 1;
  const stands = [before, after].every(
    (entry) =>
      entry === undefined ||
      (entry.size === workspaces && rootFromPath(entryLeafOf(entry), entry)?.toString('hex') === root),
  );
  const adjacent = after === undefined ? first === workspaces : after.index === first;
  const between = (before === undefined || before.workspace < own) && (after === undefined || own < after.workspace);
  return stands && adjacent && between ? null : 'the neighbours do not prove that the workspace has no keys';
}

// The Merkle tree of heads: leaves, nodes, roots and audit paths, as RFC 6962 §2.1 has them, over SHA-256.
// A leaf and a node never have the same bytes in front of them, so that neither can be passed off as the other.
import { hash } from 'node:crypto';
import { canonical, sha256 } from '../canonical.ts';

/** A digest in the tree: 32 bytes. */
export type Digest = Buffer;

/** Where an aggregate stands: `head` is the hash of its event `version`. */
export interface Head {
  readonly key: string;
  readonly version: number;
  readonly head: string;
}

/** A workspace's keys, all of them: their number and the root of the tree over them. */
export interface Subtree {
  /** The empty text for the aggregate `keyspaces`, which belongs to no workspace. */
  readonly id: string;
  readonly count: number;
  /** Hexadecimal. */
  readonly root: string;
}

/** A workspace in the tree of workspaces: digests only, so that a neighbour's tell neither its name nor its keys. */
export interface Entry {
  /** SHA-256 of the canonical form of `{ count, root }`. */
  readonly keys: string;
  /** SHA-256 of the workspace's id in UTF-8: what the tree is sorted by. */
  readonly workspace: string;
}

/** Where a leaf stands among `size`, and the digests that lead from it to the root, the lowest first. */
export interface AuditPath {
  readonly index: number;
  readonly size: number;
  /** Hexadecimal. */
  readonly path: readonly string[];
}

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

const digest = (...parts: readonly Uint8Array[]): Digest => hash('sha256', Buffer.concat(parts), 'buffer');
const leaf = (value: unknown): Digest => digest(LEAF, Buffer.from(canonical(value)));
const node = (left: Digest, right: Digest): Digest => digest(NODE, left, right);

/** The leaf of an aggregate. */
export function leafOf({ key, version, head }: Head): Digest {
  return leaf({ head, key, version });
}

/** What stands for a workspace in the tree of workspaces. */
export function entryOf({ id, count, root }: Subtree): Entry {
  return { keys: sha256(canonical({ count, root })), workspace: sha256(id) };
}

export function entryLeafOf({ keys, workspace }: Entry): Digest {
  return leaf({ keys, workspace });
}

/** The leaf of a workspace. */
export function workspaceLeafOf(subtree: Subtree): Digest {
  return entryLeafOf(entryOf(subtree));
}

/** A tree that leaves are added to from left to right; it holds one digest for each bit of their number. */
export interface GrowingTree {
  add(leaf: Digest): void;
  count(): number;
  /** Of the leaves so far; SHA-256 of nothing where there are none. */
  root(): Digest;
}

export function createTree(): GrowingTree {
  /** The roots of the perfect trees that the leaves so far make, the largest first. */
  const peaks: Digest[] = [];
  let count = 0;
  return {
    add(added) {
      let peak = added;
      for (let size = count; size % 2 === 1; size = Math.floor(size / 2)) peak = node(peaks.pop() ?? peak, peak);
      peaks.push(peak);
      count += 1;
    },
    count: () => count,
    root: () => (count === 0 ? digest() : peaks.reduceRight((right, left) => node(left, right))),
  };
}

export function merkleRoot(leaves: Iterable<Digest>): Digest {
  const tree = createTree();
  for (const each of leaves) tree.add(each);
  return tree.root();
}

/** @throws RangeError if there is no leaf at that index. */
export function auditPath(leaves: readonly Digest[], index: number): AuditPath {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError(`no leaf ${index} among ${leaves.length}`);
  const path: string[] = [];
  let level = leaves;
  for (let at = index; level.length > 1; at = Math.floor(at / 2)) {
    const sibling = level[at % 2 === 0 ? at + 1 : at - 1];
    if (sibling) path.push(sibling.toString('hex'));
    level = pairs(level);
  }
  return { index, size: leaves.length, path };
}

/** One level up; a last one without a partner stays as it is. */
function pairs(level: readonly Digest[]): Digest[] {
  const above: Digest[] = [];
  for (let at = 0; at < level.length; at += 2) {
    const [left, right] = level.slice(at, at + 2);
    if (left) above.push(right ? node(left, right) : left);
  }
  return above;
}

/** The root that a path leads to from a leaf; `null` if it is no path to such a place in a tree of that size. */
export function rootFromPath(from: Digest, { index, size, path }: AuditPath): Digest | null {
  if (index >= size) return null;
  let root = from;
  let used = 0;
  for (let at = index, last = size - 1; last > 0; at = Math.floor(at / 2), last = Math.floor(last / 2)) {
    if (at % 2 === 0 && at === last) continue; // without a partner on this level
    const sibling = path[used];
    if (sibling === undefined) return null;
    used += 1;
    const other = Buffer.from(sibling, 'hex');
    root = at % 2 === 1 ? node(other, root) : node(root, other);
  }
  return used === path.length ? root : null;
}

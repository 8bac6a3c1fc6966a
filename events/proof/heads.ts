// All heads at one moment, key by key, against a signed checkpoint: whether it says the same of all of them, or in the
// bundle of one workspace, of that workspace's. Holds one small tree for each workspace, however many keys there are.
import type { SignedMember } from './bundle.ts';
import { createTree, leafOf, type GrowingTree, type Head } from './tree.ts';
import { checkWorkspaceProof, workspaceTree } from './workspaces.ts';

export interface Heads {
  /** In the order of their keys. */
  add(workspace: string, head: Head): void;
  /** What is wrong; `null`: the checkpoint's root is that of these heads. */
  compare(member: SignedMember): string | null;
}

export function createHeads(): Heads {
  const trees = new Map<string, GrowingTree>();
  let count = 0;

  const subtree = (id: string): { id: string; count: number; root: string } => {
    const tree = trees.get(id) ?? createTree();
    return { id, count: tree.count(), root: tree.root().toString('hex') };
  };

  return {
    add(workspace, head) {
      let tree = trees.get(workspace);
      if (!tree) trees.set(workspace, (tree = createTree()));
      tree.add(leafOf(head));
      count += 1;
    },
    compare({ checkpoint, workspace }) {
      if (workspace) {
        const found = subtree(workspace.id);
        if (found.count !== workspace.count)
          return `the workspace has ${workspace.count} keys at ${checkpoint.id}, and ${found.count} here`;
        if (workspace.count > 0 && 'root' in workspace && found.root !== workspace.root)
          return `the workspace's root at ${checkpoint.id} is not that of the keys here`;
        return checkWorkspaceProof(workspace, checkpoint);
      }
      if (count !== checkpoint.count)
        return `there are ${checkpoint.count} keys at ${checkpoint.id}, and ${count} here`;
      const { size, root } = workspaceTree([...trees.keys()].map(subtree));
      if (size !== checkpoint.workspaces)
        return `there are ${checkpoint.workspaces} workspaces at ${checkpoint.id}, and ${size} here`;
      return root === checkpoint.root ? null : `the root of ${checkpoint.id} is not that of the keys here`;
    },
  };
}

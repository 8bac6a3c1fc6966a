// The Merkle tree against the known answers of RFC 6962, a reference written from its definition, and random sizes.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { canonical } from '../../events/canonical.ts';
import {
  auditPath,
  createTree,
  leafOf,
  merkleRoot,
  rootFromPath,
  workspaceLeafOf,
  type Digest,
} from '../../events/proof/tree.ts';
import { checkWorkspaceProof, workspaceTree } from '../../events/proof/workspaces.ts';

const sha = (...parts: readonly (Uint8Array | string)[]): Digest =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const rawLeaf = (hex: string): Digest => sha(Buffer.of(0), Buffer.from(hex, 'hex'));

/** RFC 6962 §2.1, word by word. */
function mth(leaves: readonly Digest[]): Digest {
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return leaves[0]!;
  const k = split(leaves.length);
  return sha(Buffer.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}
/** RFC 6962 §2.1.1, word by word. */
function path(m: number, leaves: readonly Digest[]): Digest[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}
const split = (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1);

// The leaves and roots that Certificate Transparency's own tests use.
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the tree', () => {
  it('has the roots of RFC 6962 for the leaves of its known answers', () => {
    const leaves = INPUTS.map(rawLeaf);
    expect(ROOTS.map((_, size) => merkleRoot(leaves.slice(0, size)).toString('hex'))).toEqual(ROOTS);
  });

  it('has the audit paths of RFC 6962 §2.1.3 for a tree of seven', () => {
    const d = INPUTS.slice(0, 7).map(rawLeaf);
    const hex = (...digests: readonly Digest[]): string[] => digests.map((each) => each.toString('hex'));
    const [g, i, k] = [
      [d[0]!, d[1]!],
      [d[2]!, d[3]!],
      [d[4]!, d[5]!],
    ].map((pair) => mth(pair)) as [Digest, Digest, Digest];
    expect(auditPath(d, 0).path).toEqual(hex(d[1]!, i, mth(d.slice(4))));
    expect(auditPath(d, 3).path).toEqual(hex(d[2]!, g, mth(d.slice(4))));
    expect(auditPath(d, 4).path).toEqual(hex(d[5]!, d[6]!, mth(d.slice(0, 4))));
    expect(auditPath(d, 6).path).toEqual(hex(k, mth(d.slice(0, 4))));
  });

  it('has leaves whose bytes are the ones that the protocol names', () => {
    const head = 'ab'.repeat(32);
    expect(leafOf({ key: 'key_1', version: 3, head })).toEqual(
      sha(Buffer.of(0), `{"head":"${head}","key":"key_1","version":3}`),
    );
    const keys = sha(`{"count":2,"root":"${head}"}`).toString('hex');
    const workspace = sha('acme').toString('hex');
    expect(workspaceLeafOf({ id: 'acme', count: 2, root: head })).toEqual(
      sha(Buffer.of(0), canonical({ workspace, keys })),
    );
  });

  it('has the known answers of docs/protocol.md', () => {
    const leaf = leafOf({ key: 'key_0000000000000000000001', version: 3, head: 'ab'.repeat(32) }).toString('hex');
    const workspace = workspaceLeafOf({ id: 'acme', count: 1, root: leaf }).toString('hex');
    const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
    expect(page).toContain(
      `the leaf is \`${leaf}\`; the leaf of workspace \`acme\` with that one key is \`${workspace}\``,
    );
  });

  test('of any size has the root and the paths that the definition gives, and each path leads to the root', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 130 }), fc.nat(), (size, seed) => {
        const leaves = Array.from({ length: size }, (_, n) => sha(`${seed} ${n}`));
        const growing = createTree();
        for (const leaf of leaves) growing.add(leaf);
        const root = mth(leaves);
        expect(merkleRoot(leaves)).toEqual(root);
        expect([growing.root(), growing.count()]).toEqual([root, size]);
        const index = seed % size;
        const found = auditPath(leaves, index);
        expect(found.path).toEqual(path(index, leaves).map((each) => each.toString('hex')));
        expect(rootFromPath(leaves[index]!, found)).toEqual(root);
      }),
    );
  });

  test('a path leads to the root from no other leaf, from no other place, and not with a digest changed, more or less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat(), (size, seed, other) => {
        const leaves = Array.from({ length: size }, (_, n) => sha(`${seed} ${n}`));
        const index = seed % size;
        const found = auditPath(leaves, index);
        const root = merkleRoot(leaves).toString('hex');
        const leads = (from: Digest, by: typeof found): boolean => rootFromPath(from, by)?.toString('hex') === root;
        const elsewhere = (index + 1 + (other % (size - 1))) % size;
        expect(leads(leaves[elsewhere]!, found)).toBe(false);
        expect(leads(leaves[index]!, { ...found, index: elsewhere })).toBe(false);
        expect(leads(leaves[index]!, { ...found, index: index + size })).toBe(false);
        expect(leads(leaves[index]!, { ...found, path: [...found.path, 'ab'.repeat(32)] })).toBe(false);
        expect(leads(leaves[index]!, { ...found, path: found.path.slice(1) })).toBe(false);
        const at = other % found.path.length;
        expect(leads(leaves[index]!, { ...found, path: found.path.with(at, 'ab'.repeat(32)) })).toBe(false);
      }),
    );
  });
});

describe('the tree of workspaces', () => {
  const tree = (ids: readonly string[]) =>
    workspaceTree(ids.map((id) => ({ id, count: 1, root: sha(id).toString('hex') })));

  test('proves each workspace that is there, and of each other one that it is not there', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,3}$/), { minLength: 1, maxLength: 20 }), (all) => {
        const [missing = '', ...ids] = all;
        const { prove, root, size } = tree(ids);
        for (const id of ids) expect(checkWorkspaceProof(prove(id), { root, workspaces: size })).toBeNull();
        for (const id of ids) expect(prove(id)).toMatchObject({ id, count: 1, root: sha(id).toString('hex') });
        expect(prove(missing)).toMatchObject({ id: missing, count: 0 });
        expect(checkWorkspaceProof(prove(missing), { root, workspaces: size })).toBeNull();
      }),
    );
  });

  test('proves of no workspace that is there that it is not there, whichever true neighbours are named', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 9 }), (ids) => {
        const { prove, root, size } = tree(ids);
        const places = ids.map((id) => {
          const { index, path, size: of } = prove(id) as Extract<ReturnType<typeof prove>, { index: number }>;
          const keys = sha(canonical({ count: 1, root: sha(id).toString('hex') })).toString('hex');
          return { keys, workspace: sha(id).toString('hex'), index, size: of, path: [...path] };
        });
        for (const before of [undefined, ...places]) {
          for (const after of [undefined, ...places]) {
            const named = { ...(before ? { before } : {}), ...(after ? { after } : {}) };
            const claim = { id: ids[0]!, count: 0 as const, ...named };
            expect(checkWorkspaceProof(claim, { root, workspaces: size })).not.toBeNull();
          }
        }
      }),
    );
  });

  it('tells nothing of a neighbour but digests', () => {
    const said = JSON.stringify(tree(['acme', 'globex', 'initech', 'umbrella']).prove('hooli'));
    expect(said).not.toMatch(/acme|globex|initech|umbrella/);
  });
});

// Histories by somebody who has a signing key of their own: every hash, root and signature is right, and what one line says
// of another is not.
import { canonical } from '../../events/canonical.ts';
import { GENESIS } from '../../events/chain.ts';
import { checkpointDigest, checkpointId, signCheckpoint, type Checkpoint } from '../../events/proof/checkpoint.ts';
import { leafOf, merkleRoot } from '../../events/proof/tree.ts';
import { workspaceTree, type WorkspaceTree } from '../../events/proof/workspaces.ts';
import { KEYS } from './bundles.ts';
import { baseEvent, KEY } from './forged.ts';
import type { Hostile } from './hostile.ts';
import { lines } from './hostile-case.ts';
import { rehash, type Members } from './tamper.ts';

/** The events of one key, one after the other, each with its changes. */
function chained(changes: readonly Members[]): Members[] {
  let prev: Members[string] = GENESIS;
  return changes.map((change, index) => {
    const event: Members = { ...baseEvent(), version: index + 1, id: `${KEY}@${index + 1}`, prev, ...change };
    rehash(event);
    prev = event.hash!;
    return event;
  });
}

/** The tree in which `acme` has the key of these events, and others have keys of their own. */
function treeOf(events: readonly Members[], others: readonly string[] = []): WorkspaceTree {
  const { version, hash: head } = events.at(-1)! as { version: number; hash: string };
  const acme = { id: 'acme', count: 1, root: merkleRoot([leafOf({ key: KEY, version, head })]).toString('hex') };
  return workspaceTree([acme, ...others.map((id) => ({ id, count: 1, root: 'ab'.repeat(32) }))]);
}

async function signed(tree: WorkspaceTree, number: number, changes: Partial<Checkpoint> = {}) {
  const checkpoint: Checkpoint = {
    ...{ id: checkpointId(number), number, source: '/keyfold', time: '2026-02-01T00:00:00.000Z', count: tree.size },
    ...{ workspaces: tree.size, root: tree.root, position: `p1_0-${number}`, previous: null, ...changes },
  };
  return signCheckpoint({ checkpoint, key: KEYS[0]! });
}

const write = (...all: readonly unknown[]): string => lines(...all.map((line) => canonical(line)));

async function whole(changes: readonly Members[]): Promise<string> {
  const events = chained(changes);
  return write(...events.map((event) => ({ event })), await signed(treeOf(events), 1));
}

interface Older {
  readonly behind?: number;
  readonly previous?: string;
  /** Whether the last checkpoint is of one workspace. */
  readonly proven?: boolean;
  readonly events?: number;
}

/** A checkpoint behind the first of some events and one behind all of them, and what is said of the first of these. */
async function older({ behind = 1, previous, proven = false, events: length = 2 }: Older): Promise<string> {
  const events = chained(Array.from({ length }, () => ({})));
  const [then, now] = [treeOf(events.slice(0, 1)), treeOf(events)];
  const one = await signed(then, 1);
  const two = await signed(now, 2, { previous: previous ?? checkpointDigest(one.checkpoint) });
  return write({ older: { ...one, behind: { [KEY]: behind } } }, ...events.map((event) => ({ event })), {
    ...two,
    ...(proven && { workspace: now.prove('acme') }),
  });
}

/** Says of one workspace that it has no keys, by the proof of another that has none. */
async function hidden(id: string | null): Promise<string> {
  const tree = treeOf(chained([{}]), ['a', 'b', 'c', 'd']);
  const proof = tree.prove('hollow');
  return write({ ...(await signed(tree, 1)), workspace: { ...proof, id: id ?? 'hollow' } });
}

export async function hostileHistories(): Promise<Hostile[]> {
  return [
    { what: 'two events', text: await whole([{}, {}]), is: 'intact' },
    { what: 'a time that goes back', text: await whole([{}, { time: '2025-12-31T23:59:59.999Z' }]), is: 2 },
    { what: 'a key that changes its workspace', text: await whole([{}, { workspaceid: 'other' }]), is: 2 },
    { what: 'a version that is left out', text: await whole([{}, { version: 3, id: `${KEY}@3` }]), is: 2 },
    { what: 'a chain that is not one', text: await whole([{}, { prev: 'ab'.repeat(32) }]), is: 2 },
    { what: 'a first event that follows another', text: await whole([{ prev: 'ab'.repeat(32) }]), is: 1 },
    { what: 'a dataschema of another type', text: await whole([{ dataschema: 'urn:keyfold:schema:A.v1' }]), is: 1 },
    { what: 'an older checkpoint', text: await older({}), is: 'intact' },
    {
      what: 'an older checkpoint that the next does not name',
      text: await older({ previous: 'ab'.repeat(32) }),
      is: 1,
    },
    { what: 'an older checkpoint of everything before one of a workspace', text: await older({ proven: true }), is: 1 },
    { what: 'a key that is behind what is not here', text: await older({ behind: 3 }), is: 1 },
    { what: 'a key that is behind where it is at the end', text: await older({ events: 1 }), is: 1 },
    { what: 'a workspace without keys', text: await hidden(null), is: 'intact' },
    { what: 'a workspace that hides behind the neighbours of another', text: await hidden('acme'), is: 1 },
  ];
}

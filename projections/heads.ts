// Heads at exactly a position, out of read models that go on being written: what fold(log up to it) gives. Pure over a view.
//
// A key's row may be ahead of the position. Rows are written behind their history (P1), so whatever has brought a row ahead
// is found by reading the log's entries from the position on *after* the rows: the first one of a key tells where it stood.
import { KEYSPACES } from '../events/ids.ts';
import { covers, type Position } from '../events/position.ts';
import type { Head } from '../events/proof/tree.ts';
import { INSTALLATION } from './checkpoints.ts';
import type { GenerationView } from './read-store.ts';
import type { ChainHead, ChainLink } from './rows.ts';

/** Rows that are read at once: what the event loop is held up by at most, a few milliseconds. */
const PAGE = 250;
/** So many first characters of an id that those which share them are sorted in no time: `key_` and two more. */
const SORTED_BY = 6;
const END = Number.MAX_SAFE_INTEGER;

export interface HeadsQuery {
  /** Workspaces, and {@link INSTALLATION} for `keyspaces`; absent: all there are. */
  readonly workspaces?: readonly string[];
  /** Ascending; the view's checkpoint must cover the last. All are answered from one reading. */
  readonly positions: readonly [Position, ...Position[]];
  /** Of the log. */
  readonly partitions: number;
}

/** One aggregate. */
export interface HeadsOf {
  readonly workspaceId: string;
  /** At each of the positions; `null`: it did not exist then. */
  readonly heads: readonly (Head | null)[];
}

/** A view whose checkpoint does not reach what is asked of it. */
export class ViewBehindError extends Error {
  readonly code = 'VIEW_BEHIND';
}

/** Workspace by workspace, within each by key id; aggregates that did not exist at any of the positions are left out. */
export async function* headsAt(view: GenerationView, query: HeadsQuery): AsyncGenerator<HeadsOf> {
  const { workspaces, positions, partitions } = query;
  if (!positions.every((position) => covers(view.checkpoint, position)))
    throw new ViewBehindError(`generation ${view.generation} has not read the log that far`);
  const rows = createSortedHeads();
  for await (const page of pages(view, workspaces)) for (const row of page) rows.add(row);
  const first = await firstEntries(view, positions, partitions);
  for (const { workspaceId, ...row } of rows.inOrder()) {
    const known = first.get(row.key);
    const heads = positions.map((_, index) => headBefore(known?.[index]) ?? (known?.[index] ? null : row));
    if (heads.some((head) => head !== null)) yield { workspaceId, heads };
  }
}

/** Workspaces that anything was accepted in between two positions, {@link INSTALLATION} among them. */
export async function touchedBetween(
  view: GenerationView,
  from: Position,
  to: Position,
  partitions: number,
): Promise<ReadonlySet<string>> {
  const touched = new Set<string>();
  const homeless = new Set<string>();
  for await (const row of linksFrom(view, from, partitions, { to })) {
    if (row.aggregateId === KEYSPACES) touched.add(INSTALLATION);
    else if (row.workspaceId === null) homeless.add(row.aggregateId);
    else touched.add(row.workspaceId);
  }
  for (const { state } of (await view.keys([...homeless])).values()) touched.add(state.workspaceId);
  return touched;
}

type HeadRow = Omit<ChainHead, 'createdAt'>;

/** The keys of some workspaces, or of all, in pages, as they are read. */
async function* pages(
  view: GenerationView,
  workspaces: readonly string[] | undefined,
): AsyncGenerator<readonly HeadRow[]> {
  for (const workspaceId of workspaces ?? [null]) {
    if (workspaceId === INSTALLATION) continue;
    let after: ChainHead | null = null;
    do {
      const found: readonly ChainHead[] = await view.scanHeads(workspaceId, after, PAGE);
      yield found;
      after = found.length < PAGE ? null : (found.at(-1) ?? null);
    } while (after !== null);
  }
  if (workspaces === undefined || workspaces.includes(INSTALLATION)) {
    const { version, head } = await view.keyspaces();
    if (version > 0) yield [{ key: KEYSPACES, version, head, workspaceId: INSTALLATION }];
  }
}

/** Sorts without ever sorting much at once. */
function createSortedHeads() {
  const workspaces = new Map<string, Map<string, HeadRow[]>>();
  const byText = (a: string, b: string): number => (a < b ? -1 : 1); // ids are ASCII
  return {
    add(row: HeadRow): void {
      let parts = workspaces.get(row.workspaceId);
      if (!parts) workspaces.set(row.workspaceId, (parts = new Map<string, HeadRow[]>()));
      const begin = row.key.slice(0, SORTED_BY);
      const part = parts.get(begin);
      if (part) part.push(row);
      else parts.set(begin, [row]);
    },
    *inOrder(): Generator<HeadRow> {
      for (const parts of workspaces.values()) {
        for (const begin of [...parts.keys()].sort(byText)) {
          yield* (parts.get(begin) ?? []).sort((a, b) => byText(a.key, b.key));
        }
      }
    },
  };
}

/** What an aggregate's first entry behind a position tells of it: where it stood before. */
type FirstEntry = Pick<ChainLink, 'version' | 'prev'> & { readonly key: string };

const headBefore = (entry: FirstEntry | undefined): Head | null =>
  entry === undefined || entry.version === 1 ? null : { key: entry.key, version: entry.version - 1, head: entry.prev };

/** By aggregate: its first entry at or behind each of the positions. */
async function firstEntries(
  view: GenerationView,
  positions: HeadsQuery['positions'],
  partitions: number,
): Promise<ReadonlyMap<string, readonly (FirstEntry | undefined)[]>> {
  const found = new Map<string, (FirstEntry | undefined)[]>();
  for await (const { aggregateId: key, version, prev, position } of linksFrom(view, positions[0], partitions)) {
    let own = found.get(key);
    if (!own) found.set(key, (own = positions.map(() => undefined)));
    for (const [index, before] of positions.entries()) {
      if (position.offset >= (before[position.partition] ?? 0)) own[index] ??= { key, version, prev };
    }
  }
  return found;
}

interface Bounds {
  /** Exclusive; absent: all that there is. */
  readonly to?: Position;
  readonly workspaceId?: string;
}

async function* linksFrom(
  view: GenerationView,
  from: Position,
  partitions: number,
  { to, workspaceId }: Bounds = {},
): AsyncGenerator<ChainLink> {
  for (let partition = 0; partition < partitions; partition++) {
    const before = to === undefined ? END : (to[partition] ?? 0);
    let next = from[partition] ?? 0;
    while (next < before) {
      const range = { partition, from: next, before, ...(workspaceId === undefined ? {} : { workspaceId }) };
      const links = await view.listLinks(range, PAGE);
      yield* links;
      const last = links.at(-1);
      if (!last || links.length < PAGE) break;
      next = last.position.offset + 1;
    }
  }
}

/**
 * Aggregates that something was accepted of between two positions, and the version that each had before; 0: it was not
 * there yet. The view's checkpoint must cover `to`.
 */
export async function versionsBefore(
  view: GenerationView,
  from: Position,
  to: Position,
  { partitions, workspaceId }: { readonly partitions: number; readonly workspaceId: string | null },
): Promise<ReadonlyMap<string, number>> {
  const versions = new Map<string, number>();
  const bounds = { to, ...(workspaceId === null ? {} : { workspaceId }) };
  for await (const { aggregateId, version } of linksFrom(view, from, partitions, bounds))
    if (!versions.has(aggregateId)) versions.set(aggregateId, version - 1);
  return versions;
}

/** The ids of a workspace's keys in their order, as far as they are read now; deleted ones too. */
export async function keyIdsOf(view: GenerationView, workspaceId: string): Promise<readonly string[]> {
  const rows = createSortedHeads();
  for await (const page of pages(view, [workspaceId])) for (const row of page) rows.add(row);
  return [...rows.inOrder()].map(({ key }) => key);
}

// Following: accepted events and facts as they are projected, from a position on, for ever. In the log's order within each
// partition, each once, none left out: a page ends where the live generation's checkpoint stands, or before; a generation
// that replaces it goes on from there. Pages are pulled: nothing is queued for whoever is slow.
import { isBeyond, type Position } from '../events/position.ts';
import { createBackOff, type BackOffOptions } from './back-off.ts';
import { StoreUnavailableError, type GenerationView, type ReadStore } from './read-store.ts';
import type { LogEntry } from './rows.ts';
import type { Turn } from './turns.ts';
import { unlessAborted } from './unless-aborted.ts';
import type { Waiter } from './waiter.ts';

export interface FollowOptions {
  readonly store: Pick<ReadStore, 'read'>;
  /** The process's own: all who follow in it share its looks at the store (W6). */
  readonly waiter: Pick<Waiter, 'whenBeyond'>;
  /** Of all partitions of the log: one that is not named is not followed. */
  readonly from: Position;
  /** Entries of this workspace only; absent: all, keyspaces' events included. */
  readonly workspaceId?: string;
  /**
   * Which entries of a page are handed out, judged by the view that they were read in; absent: all. What it throws ends it,
   * {@link StoreUnavailableError} excepted.
   */
  readonly pick?: (view: GenerationView, entries: readonly LogEntry[]) => Promise<readonly LogEntry[]>;
  /** Entries of a page, at most (of each partition one at least). */
  readonly pageSize?: number;
  /**
   * Taken for each page, with all that is done with it, for as long as the follower is behind; given back before it waits.
   * Absent: never.
   */
  readonly turn?: Turn;
  /** Whether it begins behind; absent: it is told by the first page. */
  readonly behind?: boolean;
  /** Ends it, wherever it is, without an error. */
  readonly signal: AbortSignal;
  /** Between tries while the store is away. */
  readonly backOff?: BackOffOptions;
}

export interface FollowedPage {
  /** In the log's order within each partition; none where all that was passed belongs to others. */
  readonly entries: readonly LogEntry[];
  /** Behind the page: going on from here leaves nothing out and repeats nothing. */
  readonly position: Position;
  /** Whether there was more to read. */
  readonly behind: boolean;
}

const PAGE_SIZE = 100;

/**
 * Ends when the signal aborts or the waiter closes. A store that is away is waited out.
 *
 * @throws what the store throws that is not {@link StoreUnavailableError}.
 */
export async function* follow(options: FollowOptions): AsyncGenerator<FollowedPage, void, undefined> {
  const { store, waiter, signal, turn } = options;
  const backOff = createBackOff(options.backOff);
  let { from: position, behind = false } = options;
  try {
    while (await waiter.whenBeyond(position, signal)) {
      if (turn && behind && (await unlessAborted(signal, turn.take())) === 'aborted') return;
      const from = position;
      const reading = store.read((view) => readPage(view, from, options)).catch(away);
      const page = await unlessAborted(signal, reading);
      if (page === 'aborted') return;
      if (page === 'away') {
        turn?.release();
        await backOff.pause(signal);
        continue;
      }
      backOff.reset();
      ({ position, behind } = page);
      yield page;
      turn?.release();
    }
  } finally {
    turn?.release();
  }
}

function away(error: unknown): 'away' {
  if (error instanceof StoreUnavailableError) return 'away';
  throw error;
}

/** Each partition that has gone on gets the same share, so that none waits until another has been read to its end. */
async function readPage(
  view: GenerationView,
  from: Position,
  { pageSize = PAGE_SIZE, workspaceId, pick }: Pick<FollowOptions, 'pageSize' | 'workspaceId' | 'pick'>,
): Promise<FollowedPage> {
  const open = Object.entries(from)
    .map(([partition, offset]) => ({ partition: Number(partition), from: offset }))
    .map((range) => ({ ...range, before: view.checkpoint[range.partition] ?? 0 }))
    .filter(({ from, before }) => from < before);
  const limit = Math.max(1, Math.floor(pageSize / open.length));
  const read = await Promise.all(
    open.map(async (range) => {
      const entries = await view.listEntries(
        { ...range, ...(workspaceId === undefined ? {} : { workspaceId }) },
        limit,
      );
      const last = entries.length < limit ? undefined : entries.at(-1);
      return { entries, reached: [range.partition, last ? last.position.offset + 1 : range.before] as const };
    }),
  );
  const entries = read.flatMap((part) => part.entries);
  const position = { ...from, ...Object.fromEntries(read.map(({ reached }) => reached)) };
  return {
    entries: pick ? await pick(view, entries) : entries,
    position,
    behind: isBeyond(view.checkpoint, position),
  };
}

// The lines of a bundle, one aggregate after the other, read page by page: whichever generation is live has the same rows,
// so a rebuild that switches while it streams changes nothing (P3). Private parts are in none of it.
import { KEYSPACES } from '../../events/ids.ts';
import { covers, type Position } from '../../events/position.ts';
import { eventLine, fromLine, headLine, lastLine, olderLine, type SignedMember } from '../../events/proof/bundle.ts';
import type { SignedCheckpoint } from '../../events/proof/checkpoint.ts';
import { workspaceTree, type WorkspaceProof } from '../../events/proof/workspaces.ts';
import { INSTALLATION, type CheckpointReads } from '../../projections/checkpoints.ts';
import { keyIdsOf, versionsBefore, ViewBehindError } from '../../projections/heads.ts';
import type { DataKeys } from '../../projections/personal.ts';
import type { GenerationView, ReadStore } from '../../projections/read-store.ts';
import type { EventsQuery, HistoryRow, Rows } from '../../projections/rows.ts';
import { positionOf } from './checkpoint-signing.ts';
import type { ExportPlan } from './export-plan.ts';

/** Aggregates, and events, that are read at once. */
const KEYS_AT_ONCE = 100;
const EVENTS_AT_ONCE = 200;
const END = Number.MAX_SAFE_INTEGER;

export interface ExportSources {
  readonly store: Pick<ReadStore, 'read'>;
  readonly checkpoints: Pick<CheckpointReads, 'subtrees'>;
  readonly dataKeys: Pick<DataKeys, 'openSealed'>;
  /** Of the log. */
  readonly partitions: number;
}

/** An aggregate as its row has it now. */
interface Standing {
  readonly version: number;
  readonly head: string;
  readonly workspace: string;
}

/** What was seen of the aggregate that is being written. */
interface Progress {
  /** Whether it has an event in the bundle. */
  isIn: boolean;
  /** Its first event behind the bundle. */
  next: HistoryRow | null;
}

const fresh = (): Progress => ({ isIn: false, next: null });

/** Texts of one line or more each, the last line in the end; whoever gets no last line has not got all. */
export async function* bundleLines(sources: ExportSources, plan: ExportPlan): AsyncGenerator<string> {
  const { store, dataKeys, partitions } = sources;
  const { workspaceId, main, from, older } = plan;
  const to = positionOf(main.checkpoint);
  const begin: Position = from ? positionOf(from.checkpoint) : {};
  // A range tells of keys without events, too, and so looks at what has happened to them since.
  const before = from ? Object.fromEntries(Object.keys(to).map((partition) => [partition, END])) : to;

  const read = <T>(work: (view: GenerationView) => Promise<T>): Promise<T> =>
    store.read((view) => {
      if (!covers(view.checkpoint, to)) throw new ViewBehindError('the read models are behind the checkpoint');
      return work(view);
    });

  async function* linesOf(ids: readonly string[]): AsyncGenerator<string> {
    // Before their events: what has brought a row ahead is among these.
    const standings = from ? await read((view) => standingsOf(view, ids)) : new Map<string, Standing>();
    let progress = fresh();
    let index = 0;
    let after: EventsQuery['after'] = null;
    for (;;) {
      const query: EventsQuery = { aggregateIds: ids, from: begin, before, after };
      const page: Rows<HistoryRow> = await read((view) => view.eventsOf(query, EVENTS_AT_ONCE));
      const lines: string[] = [];
      const finish = (upTo: string | null): void => {
        for (; index < ids.length && ids[index] !== upTo; index++) {
          lines.push(...headOf(ids[index] ?? '', progress, standings));
          progress = fresh();
        }
      };
      const inside = page.rows.filter((row) => row.position.offset < (to[row.position.partition] ?? 0));
      const personal = new Map((await dataKeys.openSealed(inside)).map((part, at) => [inside[at], part]));
      for (const row of page.rows) {
        finish(row.aggregateId);
        const part = personal.get(row);
        if (part === undefined) progress.next ??= row;
        else {
          progress.isIn = true;
          lines.push(eventLine(row, part));
        }
      }
      if (!page.more) finish(null);
      if (lines.length > 0) yield lines.join('');
      if (!page.more) return;
      after = page.rows.at(-1) ?? null;
    }
  }

  const proven = async (row: SignedCheckpoint): Promise<SignedMember> => ({
    ...row,
    ...(await proofOf(sources, workspaceId, row)),
  });
  if (from) yield fromLine(await proven(from));
  for (const row of older) {
    const position = positionOf(row.checkpoint);
    const behind = await read((view) => versionsBefore(view, position, to, { partitions, workspaceId }));
    yield olderLine({ ...(await proven(row)), behind: Object.fromEntries(behind) });
  }
  for await (const ids of idPages(read, workspaceId)) yield* linesOf(ids);
  yield lastLine(await proven(main));
}

/** Of a range: where a key stands that has no event in it. */
function headOf(key: string, { isIn, next }: Progress, standings: ReadonlyMap<string, Standing>): readonly string[] {
  const now = standings.get(key);
  if (isIn || !now) return [];
  const { workspace, version, head } = next ? { ...now, version: next.version - 1, head: next.attributes.prev } : now;
  return version === 0 ? [] : [headLine({ key, version, head, workspace })];
}

/** Ids in their order, some at a time; those of keys that came since do no harm. */
async function* idPages(
  read: <T>(work: (view: GenerationView) => Promise<T>) => Promise<T>,
  workspaceId: string | null,
): AsyncGenerator<readonly string[]> {
  if (workspaceId !== null) {
    const ids = await read((view) => keyIdsOf(view, workspaceId));
    for (let at = 0; at < ids.length; at += KEYS_AT_ONCE) yield ids.slice(at, at + KEYS_AT_ONCE);
    return;
  }
  let after: string | null = null;
  for (;;) {
    const last: string | null = after;
    const ids = (await read((view) => view.scanKeys(last, KEYS_AT_ONCE))).map(({ state }) => state.keyId);
    if (ids.length > 0) yield ids;
    if (ids.length < KEYS_AT_ONCE) break;
    after = ids.at(-1) ?? null;
  }
  yield [KEYSPACES]; // behind all that begins with `key_`
}

async function standingsOf(view: GenerationView, ids: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
  if (ids.includes(KEYSPACES)) {
    const { version, head } = await view.keyspaces();
    return new Map([[KEYSPACES, { version, head, workspace: INSTALLATION }]]);
  }
  const rows = await view.keys(ids);
  return new Map(
    [...rows].map(
      ([
        id,
        {
          state: { version, head, workspaceId: workspace },
        },
      ]) => [id, { version, head, workspace }],
    ),
  );
}

async function proofOf(
  { checkpoints }: ExportSources,
  workspaceId: string | null,
  { checkpoint }: SignedCheckpoint,
): Promise<{ readonly workspace?: WorkspaceProof }> {
  if (workspaceId === null) return {};
  return { workspace: workspaceTree(await checkpoints.subtrees(checkpoint.number)).prove(workspaceId) };
}

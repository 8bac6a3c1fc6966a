// The read models of an installation beside a shadow of them, at one position of the log: keys and keyspaces as a rebuild
// compares them, every event of history, and that each key is found by its secret. What differs is named, never shown.
import { canonical } from '../../events/canonical.ts';
import type { EventLog } from '../../events/log.ts';
import { encodeRecordPosition, type Position } from '../../events/position.ts';
import { compareGenerations } from '../../projections/compare.ts';
import type { Control, Generation, GenerationView, ReadStore } from '../../projections/read-store.ts';
import { isFact, type FactRow, type LogEntry, type ParkedRow } from '../../projections/rows.ts';

const PAGE = 500;
const SECRETS_AT_ONCE = 50;
/** Differences of history and secrets that are named. */
const NAMED = 20;
export const SHADOW = 'shadow';

export interface CompareStoresOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  /** Holds one generation: the shadow. */
  readonly shadow: ReadStore;
  /** What the shadow could not fold. */
  readonly noted: () => readonly ParkedRow[];
  readonly signal: AbortSignal;
  /** Events that were compared so far. */
  readonly onEvents: (events: number) => void;
}

export interface StoresCompared {
  /** `unsettled`: nothing is known to differ, but something was on the move all the time. */
  readonly kind: 'equal' | 'different' | 'unsettled';
  readonly differences: readonly string[];
  /** Up to which history was compared. */
  readonly position: Position;
  readonly generation: string;
}

export async function compareStores(options: CompareStoresOptions): Promise<StoresCompared> {
  const { store, signal } = options;
  const { live } = await store.control();
  const outcome = await compareWith(live, options).catch((error: unknown) => ({ error }));
  // A rebuild has taken its place meanwhile: what was read of it, or failed, means nothing (P3).
  if ((await store.control()).live !== live || signal.aborted)
    return { kind: 'unsettled', differences: [], position: {}, generation: live };
  if ('error' in outcome) throw outcome.error;
  return outcome;
}

async function compareWith(live: string, options: CompareStoresOptions): Promise<StoresCompared> {
  const { log, store, shadow, signal } = options;
  const both: Pick<ReadStore, 'control' | 'view' | 'dataKeys'> = {
    dataKeys: store.dataKeys,
    view: (id) => (id === SHADOW ? liveView(shadow) : store.view(id)),
    async control(): Promise<Control> {
      const [own, theirs] = await Promise.all([store.control(), shadow.control()]);
      return { ...own, generations: [...own.generations, { ...liveIn(theirs), id: SHADOW }] };
    },
  };
  const rows = await compareGenerations({ log, store: both, live, building: SHADOW, signal });
  const [real, own] = [await store.view(live), await liveView(shadow)];
  const position = nearer(real.checkpoint, own.checkpoint);
  const differences = [
    ...(rows.kind === 'different' ? rows.differences : []),
    ...(await parkedDifferences(options, position)),
    ...(await historyDifferences(real, own, position, options)),
    ...(await secretDifferences(real, signal)),
  ];
  const kind = differences.length > 0 ? 'different' : rows.kind;
  return { kind, differences, position, generation: live };
}

export const liveIn = ({ live, generations }: Control): Generation => {
  const found = generations.find(({ id }) => id === live);
  if (!found) throw new Error('there is no live generation');
  return found;
};

const liveView = async (store: ReadStore): Promise<GenerationView> => store.view((await store.control()).live);

/** Partition by partition what both have reached. */
function nearer(a: Position, b: Position): Position {
  const partitions = Object.keys(a).map(Number);
  return Object.fromEntries(partitions.map((partition) => [partition, Math.min(a[partition] ?? 0, b[partition] ?? 0)]));
}

/** A record that the log holds and no fold takes shuts its key out: it is parked here, too, or somebody has removed it. */
async function parkedDifferences({ store, noted }: CompareStoresOptions, position: Position): Promise<string[]> {
  const differences: string[] = [];
  for (const row of noted()) {
    if (row.position.offset >= (position[row.position.partition] ?? 0)) continue;
    if ((await store.parked.at(row.position)) === null)
      differences.push(`record ${encodeRecordPosition(row.position)}: cannot be folded, and is not parked`);
  }
  return differences.slice(0, NAMED);
}

async function historyDifferences(
  real: GenerationView,
  shadow: GenerationView,
  position: Position,
  { signal, onEvents }: CompareStoresOptions,
): Promise<string[]> {
  const differences: string[] = [];
  let events = 0;
  for (const [partition, before] of Object.entries(position)) {
    for (let from = 0; from < before && differences.length < NAMED && !signal.aborted;) {
      const range = { partition: Number(partition), from, before };
      const [theirs, own] = await Promise.all([real.listEntries(range, PAGE), shadow.listEntries(range, PAGE)]);
      // Up to where both pages are whole.
      const ends = [theirs, own].map((page) => (page.length < PAGE ? before : (page.at(-1)?.position.offset ?? 0) + 1));
      const end = Math.min(...ends);
      differences.push(...entriesBefore(end, theirs, own));
      // Lists go by columns beside the row: by those an event may be hidden from whoever asks for its actor, or its day.
      const misfiled = await real.misfiled({ ...range, before: end }, PAGE);
      differences.push(...misfiled.map((id) => `event ${id}: is filed under what it is not`));
      from = end;
      onEvents((events += own.length));
    }
  }
  return differences.slice(0, NAMED);
}

/** E6: whether somebody wrote it into the read models, or into the log and an earlier build believed it. */
const notOfItsKey = ({ id }: FactRow): string =>
  `fact ${id}: is not in the log, or does not follow from its key's events`;

function entriesBefore(end: number, theirs: readonly LogEntry[], own: readonly LogEntry[]): string[] {
  const wanted = new Map(own.filter(({ position }) => position.offset < end).map((entry) => [entry.id, entry]));
  const differences: string[] = [];
  for (const entry of theirs) {
    if (entry.position.offset >= end) continue;
    const expected = wanted.get(entry.id);
    wanted.delete(entry.id);
    if (expected === undefined)
      differences.push(isFact(entry) ? notOfItsKey(entry) : `event ${entry.id}: is not in the log`);
    else if (canonical(expected) !== canonical(entry)) differences.push(`event ${entry.id}: is not what the log holds`);
  }
  return [...differences, ...[...wanted.keys()].map((id) => `event ${id}: is missing in history`)];
}

/** V3: only the key says which hashes are good, so one too many lets nobody in; one that is missing locks a key out. */
async function secretDifferences(real: GenerationView, signal: AbortSignal): Promise<string[]> {
  const differences: string[] = [];
  for (let after: string | null = null; differences.length < NAMED && !signal.aborted;) {
    const page = await real.scanKeys(after, SECRETS_AT_ONCE);
    await Promise.all(
      page.map(async ({ state: { keyId, status, secret } }) => {
        if (status === 'DELETED') return;
        const found = await real.keyBySecret(secret.hash);
        if (found?.keyId !== keyId) differences.push(`key ${keyId}: is not found by its secret`);
      }),
    );
    after = page.at(-1)?.state.keyId ?? null;
    if (page.length < SECRETS_AT_ONCE) break;
  }
  return differences.sort().slice(0, NAMED);
}

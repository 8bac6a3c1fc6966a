// A read store in memory, scripted: `apply` goes step by step in P1's order without a transaction, and a test may crash
// or freeze it between any two steps. `connect` gives another process's handle on the same data.
import { NO_KEYSPACES, type KeyspacesState } from '../../events/keyspaces/state.ts';
import { covers, furthest, type Position } from '../../events/position.ts';
import type { Publication } from '../../projections/publication.ts';
import type { SessionRow } from '../../projections/sessions.ts';
import type { Leases } from '../../projections/leases.ts';
import {
  StoreUnavailableError,
  type Control,
  type Generation,
  type GenerationId,
  type ReadStore,
  type Writes,
} from '../../projections/read-store.ts';
import type {
  DataKeyRow,
  FactRow,
  HistoryRow,
  KeyRow,
  OperationRow,
  ParkedRow,
  SecretRow,
} from '../../projections/rows.ts';
import {
  FIRST_GENERATION,
  GenerationDroppedError,
  generationIn,
  generationNumber,
  madeBy,
  nextGeneration,
  readLive,
} from '../../projections/stores/generations.ts';
import { fromStoredFact, toFactRecord, type FactRecord } from '../../projections/stores/fact-record.ts';
import { fromStoredHistory, toHistoryRecord, type HistoryRecord } from '../../projections/stores/history-record.ts';
import { fromStoredKey, toKeyRecord, USAGE_COLUMNS, type KeyRecord } from '../../projections/stores/key-record.ts';
import { damagedRow } from '../../projections/stores/stored-json.ts';
import { memoryLeases } from '../../projections/stores/memory-leases.ts';
import { createLocalClaim } from '../../projections/stores/local-claim.ts';
import { createLocalLimits, type LocalLimits } from '../../projections/stores/local-limits.ts';
import type { ReadRecord } from '../../projections/stores/read-record.ts';
import { generationView } from '../../projections/stores/view.ts';
import type { UsageStep } from '../../projections/stores/usage-record.ts';
import { emptyCheckpoints, memoryCheckpoints, type MemoryCheckpointData } from './memory-checkpoints.ts';
import { memoryTable } from './memory-table.ts';
import { memoryReads } from './memory-reads.ts';
import { memorySessions } from './memory-sessions.ts';
import { memoryWraps } from './memory-wraps.ts';
import { emptyUsage, memoryUsage, type MemoryUsageData } from './memory-usage.ts';

/** One step of `apply`, named before it happens. */
export interface Step {
  readonly generation: GenerationId;
  readonly kind: 'history' | 'facts' | 'secrets' | 'keys' | 'keyspaces' | 'checkpoint';
  /** Of the row that is written; empty for the checkpoint. */
  readonly id: string;
}

/** What a generation holds, for comparisons in tests. */
export interface Contents {
  readonly history: readonly HistoryRow[];
  /** In the order of the log. */
  readonly facts: readonly FactRow[];
  readonly secrets: readonly SecretRow[];
  readonly keys: readonly KeyRow[];
  readonly keyspaces: KeyspacesState;
}

export interface MemoryStore extends ReadStore {
  /** Another handle on the same data: another process. Its scripts are its own. */
  connect(): MemoryStore;
  /** Runs before each step of `apply`: throw to crash there, wait to freeze there. */
  beforeStep: (step: Step) => void | Promise<void>;
  /** The same for each document that a batch of usage writes. */
  beforeUsageStep: (step: UsageStep) => void | Promise<void>;
  /** Runs before every other call of the port; throw to fail it. */
  beforeCall: (name: string) => void | Promise<void>;
  /** While down, every call fails. */
  setDown(down: boolean): void;
  /** Calls of the port so far, by name. */
  readonly calls: ReadonlyMap<string, number>;
  contents(generation?: GenerationId): Contents;
  parkedRows(): readonly ParkedRow[];
  /** Destroys a data key past the port: a tombstone stays. */
  eraseDataKey(id: string): void;
}

interface Tables {
  readonly history: Map<string, HistoryRecord>;
  readonly facts: Map<string, FactRecord>;
  readonly secrets: Map<string, SecretRow>;
  readonly keys: Map<string, KeyRecord>;
  keyspaces: KeyspacesState;
}

interface Data {
  control: Control;
  readonly generations: Map<GenerationId, Tables>;
  readonly dataKeys: Map<string, DataKeyRow | null>;
  readonly destroyed: Map<string, string>;
  readonly parked: Map<string, ParkedRow>;
  readonly operations: Map<string, OperationRow>;
  readonly checks: Map<string, string>;
  readonly checkpoints: MemoryCheckpointData;
  readonly leases: Leases;
  readonly limits: LocalLimits;
  readonly clock: () => number;
  readonly usage: MemoryUsageData;
  published: Position;
  readonly claim: Publication['claim'];
  readonly reads: Map<string, ReadRecord>;
  readonly sessions: Map<string, SessionRow>;
  down: boolean;
}

const pick = <T extends object, K extends keyof T>(of: T, names: readonly K[]): Pick<T, K> =>
  Object.fromEntries(names.map((name) => [name, of[name]])) as Pick<T, K>;
const emptyTables = (): Tables => ({
  history: new Map(),
  facts: new Map(),
  secrets: new Map(),
  keys: new Map(),
  keyspaces: NO_KEYSPACES,
});
const generation = (
  id: GenerationId,
  status: Generation['status'],
  createdAt: string,
  commandId: string | null = null,
): Generation => ({ id, status, checkpoint: {}, createdAt, failure: null, commandId });

/** @param clock the store's own, epoch milliseconds: what limits are counted by. */
export function createMemoryStore({
  now = '2026-01-01T00:00:00.000Z',
  clock = Date.now,
}: { readonly now?: string; readonly clock?: () => number } = {}): MemoryStore {
  return handle({
    control: { live: FIRST_GENERATION, generations: [generation(FIRST_GENERATION, 'live', now)] },
    generations: new Map([[FIRST_GENERATION, emptyTables()]]),
    dataKeys: new Map(),
    destroyed: new Map(),
    parked: new Map(),
    operations: new Map(),
    checks: new Map(),
    checkpoints: emptyCheckpoints(clock),
    leases: memoryLeases(),
    limits: createLocalLimits(),
    clock,
    usage: emptyUsage(),
    published: {},
    claim: createLocalClaim(clock),
    reads: new Map(),
    sessions: new Map(),
    down: false,
  });
}

function handle(data: Data): MemoryStore {
  const listeners = new Set<() => void>();
  const calls = new Map<string, number>();
  let closed = false;
  const parked = (): ParkedRow[] =>
    [...data.parked.values()].sort(
      ({ position: a }, { position: b }) => a.partition - b.partition || a.offset - b.offset,
    );
  const tokenOf = ({ partition, offset }: ParkedRow['position']): string => `${partition}-${offset}`;

  const call = async (name: string): Promise<void> => {
    calls.set(name, (calls.get(name) ?? 0) + 1);
    await Promise.resolve();
    await self.beforeCall(name);
    if (data.down || closed) throw new StoreUnavailableError('the store is away');
  };
  const change = (id: GenerationId, changed: Partial<Generation>): void => {
    const generations = data.control.generations.map((each) => (each.id === id ? { ...each, ...changed } : each));
    data.control = { ...data.control, generations };
  };
  /** The rows of a dropped generation are gone: it reads as empty (P3). */
  const tables = (id: GenerationId): Tables => data.generations.get(id) ?? emptyTables();
  const view = (id: GenerationId, checkpoint: Position) =>
    generationView(id, checkpoint, {
      keys: memoryTable(() => tables(id).keys.values()),
      history: memoryTable(() => tables(id).history.values()),
      facts: memoryTable(() => tables(id).facts.values()),
      filed: {
        history: memoryTable(() => tables(id).history.values()),
        facts: memoryTable(() => tables(id).facts.values()),
      },
      secrets: memoryTable(() => tables(id).secrets.values()),
      keyspaces: memoryTable(() => [{ id: 'keyspaces', row: JSON.stringify(tables(id).keyspaces) }]),
      damaged: damagedRow,
    });

  async function apply(id: GenerationId, writes: Writes, checkpoint: Position): Promise<'applied' | 'conflict'> {
    await call('apply');
    const step = async (kind: Step['kind'], rowId: string): Promise<Tables> => {
      await self.beforeStep({ generation: id, kind, id: rowId });
      if (data.down) throw new StoreUnavailableError('the store is away');
      const found = data.generations.get(id);
      if (!found || generationIn(data.control, id).status === 'dropped') throw new GenerationDroppedError(id);
      return found;
    };
    for (const row of writes.history) {
      const { history } = await step('history', row.id);
      if (!history.has(row.id)) history.set(row.id, structuredClone(toHistoryRecord(row)));
    }
    for (const row of writes.facts ?? []) {
      const { facts } = await step('facts', row.id);
      const stored = facts.get(row.id);
      if (!stored || stored.offset > row.position.offset) facts.set(row.id, structuredClone(toFactRecord(row)));
    }
    for (const row of writes.secrets) {
      const { secrets } = await step('secrets', row.hash);
      if (!secrets.has(row.hash)) secrets.set(row.hash, row);
    }
    let conflict = false;
    for (const write of writes.keys) {
      const { keys } = await step('keys', write.row.state.keyId);
      const { from, row } = write;
      const stored = keys.get(row.state.keyId);
      const kept = stored && pick(stored, USAGE_COLUMNS);
      if ((stored?.version ?? 0) !== from) conflict = true;
      else keys.set(row.state.keyId, { ...toKeyRecord(row), ...(kept ?? usage.of(row)) });
    }
    if (writes.keyspaces) {
      const found = await step('keyspaces', 'keyspaces');
      if (found.keyspaces.version === writes.keyspaces.from) found.keyspaces = structuredClone(writes.keyspaces.state);
      else conflict = true;
    }
    if (conflict) return 'conflict';
    await step('checkpoint', '');
    change(id, { checkpoint: furthest(generationIn(data.control, id).checkpoint, checkpoint) });
    for (const listener of [...listeners]) listener();
    return 'applied';
  }

  const usage = memoryUsage({
    data: data.usage,
    call,
    step: async (kind) => {
      await self.beforeUsageStep(kind);
      if (data.down) throw new StoreUnavailableError('the store is away');
    },
    keyTables: () =>
      data.control.generations
        .filter(({ status }) => status === 'live' || status === 'building')
        .map(({ id }) => tables(id).keys),
  });

  const self: MemoryStore = {
    beforeStep: () => undefined,
    beforeUsageStep: () => undefined,
    beforeCall: () => undefined,
    async control() {
      await call('control');
      return data.control;
    },
    async read(work) {
      await call('read');
      return readLive(
        () => Promise.resolve(data.control),
        ({ id, checkpoint }) => view(id, checkpoint),
        work,
      );
    },
    async view(id) {
      await call('view');
      return view(id, generationIn(data.control, id).checkpoint);
    },
    writer(id) {
      generationNumber(id);
      const whileThere = async <T>(name: string, read: () => T): Promise<T> => {
        await call(name);
        generationIn(data.control, id);
        return read();
      };
      return {
        id,
        checkpoint: () => whileThere('checkpoint', () => generationIn(data.control, id).checkpoint),
        keys: async (ids) => (await whileThere('keys', () => view(id, {}))).keys(ids),
        keyspaces: () => whileThere('keyspaces', () => tables(id).keyspaces),
        apply: (writes, checkpoint) => apply(id, writes, checkpoint),
        notice: async (looked) => {
          const { keys } = await whileThere('notice', () => tables(id));
          for (const { keyId, version, noticeAt, next } of looked) {
            const stored = keys.get(keyId);
            if (stored?.version === version && stored.noticeAt === noticeAt)
              keys.set(keyId, { ...stored, noticeAt: next });
          }
        },
      };
    },
    async createGeneration(now, commandId = null) {
      await call('createGeneration');
      const made = madeBy(data.control.generations, commandId);
      if (made) return made.id;
      const id = nextGeneration(data.control.generations);
      const added = generation(id, 'building', now, commandId);
      data.control = { ...data.control, generations: [...data.control.generations, added] };
      data.generations.set(id, emptyTables());
      return id;
    },
    async switchGeneration(from, to) {
      await call('switchGeneration');
      const target = data.control.generations.find(({ id }) => id === to);
      const source = data.control.generations.find(({ id }) => id === from);
      if (data.control.live !== from || target?.status !== 'building') return false;
      if (!covers(target.checkpoint, source?.checkpoint ?? {})) return false;
      data.control = { ...data.control, live: to };
      change(to, { status: 'live' });
      change(from, { status: 'dropped' });
      return true;
    },
    async failGeneration(id, failure) {
      await call('failGeneration');
      if (data.control.live !== id) change(id, { status: 'failed', failure });
    },
    async dropGeneration(id) {
      await call('dropGeneration');
      generationNumber(id);
      if (data.control.live === id) throw new TypeError('the live generation cannot be dropped');
      change(id, { status: 'dropped' });
      await Promise.resolve();
      data.generations.delete(id);
    },
    dataKeys: {
      async insert(row) {
        await call('dataKeys.insert');
        const stored = data.dataKeys.get(row.id);
        if (stored === undefined) data.dataKeys.set(row.id, row);
        return stored === undefined ? row : stored;
      },
      async load(ids) {
        await call('dataKeys.load');
        return new Map(ids.flatMap((id) => (data.dataKeys.get(id) ? [[id, data.dataKeys.get(id)!] as const] : [])));
      },
      async unknown(ids) {
        await call('dataKeys.unknown');
        return ids.filter((id) => !data.dataKeys.has(id));
      },
      async destroy(id, at) {
        await call('dataKeys.destroy');
        if (data.dataKeys.get(id) !== null) data.destroyed.set(id, at);
        data.dataKeys.set(id, null);
      },
      async destroyed(ids) {
        await call('dataKeys.destroyed');
        const gone = ids.filter((id) => data.dataKeys.get(id) === null);
        return new Map(gone.map((id) => [id, data.destroyed.get(id) ?? '']));
      },
      async any() {
        await call('dataKeys.any');
        return data.dataKeys.size > 0;
      },
    },
    wraps: memoryWraps(data.dataKeys, call),
    parked: {
      async park(row) {
        await call('park');
        if (!data.parked.has(tokenOf(row.position))) data.parked.set(tokenOf(row.position), row);
      },
      async open(filter) {
        await call('parked.open');
        const wanted = filter?.aggregateIds;
        return parked().filter(
          ({ status, aggregateId }) =>
            status === 'OPEN' && (!wanted || (aggregateId !== null && wanted.includes(aggregateId))),
        );
      },
      async at(position) {
        await call('parked.at');
        return data.parked.get(tokenOf(position)) ?? null;
      },
      async among({ partition, from, to, digests }) {
        await call('parked.among');
        return parked().filter(
          ({ position, status, digest }) =>
            (position.partition === partition && position.offset >= from && position.offset < to) ||
            (status === 'OPEN' && digests.includes(digest)),
        );
      },
      async resolve(positions, status) {
        await call('parked.resolve');
        for (const position of positions) {
          const row = data.parked.get(tokenOf(position));
          if (row?.status === 'OPEN') data.parked.set(tokenOf(position), { ...row, status });
        }
      },
    },
    publication: {
      async position() {
        await call('publication.position');
        return data.published;
      },
      async advance(position) {
        await call('publication.advance');
        data.published = furthest(data.published, position);
      },
      async claim(holder, lengthMs) {
        await call('publication.claim');
        return data.claim(holder, lengthMs);
      },
    },
    checks: {
      async all() {
        await call('checks.all');
        return new Map(data.checks);
      },
      async add(name, value) {
        await call('checks.add');
        if (!data.checks.has(name)) data.checks.set(name, value);
      },
    },
    checkpoints: memoryCheckpoints(data.checkpoints, call),
    usage,
    reads: memoryReads(data.reads, call),
    sessions: memorySessions(data.sessions, call),
    leases: {
      join: (row) => call('leases.join').then(() => data.leases.join(row)),
      renew: (row) => call('leases.renew').then(() => data.leases.renew(row)),
      end: (id, n) => call('leases.end').then(() => data.leases.end(id, n)),
      leave: (id) => call('leases.leave').then(() => data.leases.leave(id)),
      raise: (position) => call('leases.raise').then(() => data.leases.raise(position)),
      all: () => call('leases.all').then(() => data.leases.all()),
    },
    limits: {
      async take(request) {
        await call('limits.take');
        return data.limits.take(request, data.clock());
      },
      async report(requests) {
        await call('limits.report');
        for (const request of requests) data.limits.take({ ...request, want: 0, spare: 0 }, data.clock());
      },
    },
    operations: {
      async load(commandId) {
        await call('operations.load');
        return data.operations.get(commandId) ?? null;
      },
      async begin(row) {
        await call('operations.begin');
        const stored = data.operations.get(row.commandId);
        if (!stored) data.operations.set(row.commandId, row);
        return { row: stored ?? row, begun: !stored };
      },
      async finish(commandId, outcome) {
        await call('operations.finish');
        const row = data.operations.get(commandId);
        if (row && !row.outcome) data.operations.set(commandId, { ...row, outcome });
        return data.operations.get(commandId)?.outcome ?? outcome;
      },
    },
    onApply(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      await Promise.resolve();
      closed = true;
    },
    connect: () => handle(data),
    setDown(down) {
      data.down = down;
    },
    calls,
    contents(id = data.control.live) {
      const { history, facts, secrets, keys, keyspaces } = tables(id);
      const sorted = <R>(rows: Map<string, R>): R[] =>
        [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
      return {
        history: sorted(history).map((stored) => fromStoredHistory(stored, damagedRow)),
        facts: sorted(facts)
          .sort((a, b) => a.partition - b.partition || a.offset - b.offset)
          .map((stored) => fromStoredFact(stored, damagedRow)),
        secrets: sorted(secrets),
        keys: sorted(keys).map((stored) => fromStoredKey(stored, damagedRow)),
        keyspaces,
      };
    },
    parkedRows: parked,
    eraseDataKey: (id) => void data.dataKeys.set(id, null),
  };
  return self;
}

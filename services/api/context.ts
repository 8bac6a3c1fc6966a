// The context of a GraphQL request: the schema's functions, bound to this caller and to this process's log and store.
import type { EventLog } from '../../events/log.ts';
import { furthest, type Position } from '../../events/position.ts';
import type { DataKeys } from '../../projections/personal.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import type { UsageReads } from '../../projections/usage.ts';
import type { Waiter } from '../../projections/waiter.ts';
import type { Caller, Context, ReadNote } from '../../schema/context.ts';
import { deadlineIn, inTime } from './deadline.ts';
import { createForgetOwner } from './forget-owner.ts';
import { OPERATION_MS } from './graphql-engine.ts';
import type { Operations } from './operations.ts';
import { createReadRecorder } from './reads.ts';
import type { Receipts } from './receipts.ts';
import { createRecomputer } from './recompute.ts';
import type { Writer } from './write.ts';

/** How long a read waits for `atLeast`, in milliseconds. */
const AT_LEAST_MS = 5000;
/** How long a mutation waits for its receipt (L9), and how long before the end of its operation it answers, in milliseconds. */
const RECEIPT_MS = 8000;
const ANSWER_MS = 1000;
/** How long a read may take, in milliseconds: less than an operation. */
const READ_MS = 5000;

export interface ContextOptions {
  readonly log: Pick<EventLog, 'partitions' | 'end'>;
  readonly store: ReadStore;
  readonly waiter: Waiter;
  readonly dataKeys: DataKeys;
  readonly writer: Writer;
  readonly operations: Operations;
  readonly receipts: Pick<Receipts, 'whenConfirmed' | 'confirmedNow'>;
  readonly health: Context['health'];
  readonly onMutation?: Context['onMutation'];
  /** ISO time. */
  readonly now: () => string;
}

export function createContextFactory(options: ContextOptions): (caller: Caller, requestId: string) => Context {
  const { log, store, waiter, dataKeys, writer, operations, receipts, health, onMutation, now } = options;
  const start: Position = Object.fromEntries(Array.from({ length: log.partitions }, (_, partition) => [partition, 0]));
  const usage = usageInTime(store.usage);
  const recorder = createReadRecorder({ reads: store.reads, now });
  const reads: Context['reads'] = {
    list: (query, window) => inTime(store.reads.list(query, window), READ_MS),
    count: (query) => inTime(store.reads.count(query), READ_MS),
  };
  const forgetOwner = createForgetOwner({ log, store, waiter, writer, now });
  return (caller, requestId) => {
    const arrived = performance.now();
    const notes: ReadNote[] = [];
    const read: Context['read'] = (work) => inTime(store.read(work), READ_MS);
    return {
      caller,
      requestId,
      now: now(),
      partitions: log.partitions,
      ...(onMutation ? { onMutation } : {}),
      read,
      usage,
      recompute: createRecomputer({ read, parked: store.parked }),
      reads,
      noteRead: (note) => void notes.push(note),
      recordReads: () =>
        notes.length === 0
          ? Promise.resolve()
          : inTime(recorder.record({ caller, requestId, notes: notes.splice(0) }), READ_MS),
      checkpoints: {
        list: (range) => inTime(store.checkpoints.list(range), READ_MS),
        newest: () => inTime(store.checkpoints.newest(), READ_MS),
      },
      position: async () => {
        const reached = await inTime(
          store.read((view) => Promise.resolve(view.checkpoint)),
          READ_MS,
        );
        return furthest(start, reached);
      },
      reached: (position) => waiter.whenProcessed(position, deadlineIn(AT_LEAST_MS)),
      whenEnforced: (position) => {
        const left = OPERATION_MS.mutation - ANSWER_MS - (performance.now() - arrived);
        return receipts.whenConfirmed(position, Math.max(0, Math.min(RECEIPT_MS, left)));
      },
      enforcement: (position) => inTime(receipts.confirmedNow(position), READ_MS),
      openPersonal: (rows) => dataKeys.open(rows),
      execute: (request) => writer.execute(request, { caller, requestId }),
      forgetOwner: (request) => forgetOwner(request, { caller, requestId }),
      ...operations,
      async parked(aggregateIds) {
        const open = await store.parked.open({ aggregateIds });
        return new Set(open.map((record) => record.aggregateId).filter((id) => id !== null));
      },
      health: () => inTime(health(), READ_MS),
    };
  };
}

const usageInTime = (usage: UsageReads): UsageReads => ({
  secretUses: (keyIds) => inTime(usage.secretUses(keyIds), READ_MS),
  sums: (query) => inTime(usage.sums(query), READ_MS),
  listRequests: (query, window) => inTime(usage.listRequests(query, window), READ_MS),
  countRequests: (query) => inTime(usage.countRequests(query), READ_MS),
  requests: (ids, now) => inTime(usage.requests(ids, now), READ_MS),
});

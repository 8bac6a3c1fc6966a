// The read store on MongoDB (≥ 6, a replica set): majority, journalled writes; majority reads on the primary, in causally
// consistent sessions. No multi-document transactions: order and guards are enough (P1).
import { MongoClient, ReadConcern, WriteConcern, type ClientSession, type Db } from 'mongodb';
import type { GenerationId, GenerationView, GenerationWriter, ReadStore } from '../read-store.ts';
import { generationIn, readLive, whileThere } from './generations.ts';
import { createListeners } from './listeners.ts';
import { mongoApply, type ApplyStep } from './mongodb-apply.ts';
import { ensureCheckpointIndexes, mongoCheckpoints } from './mongodb-checkpoints.ts';
import { mongoChecks } from './mongodb-checks.ts';
import { ensureSessionIndexes, mongoSessions } from './mongodb-console-sessions.ts';
import { ENDING_CONNECTIONS } from './mongodb-connection.ts';
import * as control from './mongodb-control.ts';
import { translated } from './mongodb-errors.ts';
import { mongoLimits } from './mongodb-limits.ts';
import { sharedControl } from './mongodb-shared-control.ts';
import { mongoLeases } from './mongodb-leases.ts';
import { mongoNotice } from './mongodb-notice.ts';
import { mongoOperations } from './mongodb-operations.ts';
import { mongoDataKeys, mongoParked } from './mongodb-outside.ts';
import { mongoPublication } from './mongodb-publication.ts';
import { mongoTables } from './mongodb-tables.ts';
import { ensureReadIndexes, mongoReads } from './mongodb-reads.ts';
import { ensureUsageIndexes, mongoUsage } from './mongodb-usage.ts';
import { mongoWraps } from './mongodb-wraps.ts';
import type { UsageStep } from './usage-record.ts';
import { createPriority, type PriorityOptions } from './priority.ts';
import { generationView, readKeys, readKeyspaces } from './view.ts';

export interface OpenMongoStoreOptions {
  /** A connection string; the database that it names, else `keyfold`. */
  readonly url: string;
  /** ISO time at which a new store's first generation is made. */
  readonly now: string;
  /** How long an operation looks for a primary and a connection before the store counts as away. */
  readonly selectionTimeoutMs?: number;
  /** How long an answer may take before its connection is given up. */
  readonly answerTimeoutMs?: number;
  /** How long counting waits for changes of keys. */
  readonly counting?: PriorityOptions;
  /** For tests of crashes: called after each acknowledged step of a batch. */
  readonly afterStep?: (step: ApplyStep) => void;
  /** The same of a batch of usage. */
  readonly afterUsageStep?: (step: UsageStep) => void;
}

const SELECTION_TIMEOUT_MS = 3_000; // less than a mutation waits for its outcome (L9)
const ANSWER_TIMEOUT_MS = 10_000;
/** How long counting waits for changes of keys: a rebuild is one change after another. */
const COUNTING: PriorityOptions = { pieceMs: 25, workMs: 500 };
const NAMED_DATABASE = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/;

/**
 * Opens the store and makes what is missing: collections, indexes, the first generation.
 *
 * @throws {@link StoreUnavailableError} no primary could be reached.
 */
export async function openMongoStore(options: OpenMongoStoreOptions): Promise<ReadStore> {
  const { url, now } = options;
  const selectionMs = options.selectionTimeoutMs ?? SELECTION_TIMEOUT_MS;
  const client = new MongoClient(url, {
    ...ENDING_CONNECTIONS,
    appName: 'keyfold',
    serverSelectionTimeoutMS: selectionMs,
    connectTimeoutMS: selectionMs,
    waitQueueTimeoutMS: selectionMs,
    socketTimeoutMS: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
  });
  // P2, W2: whatever the connection string says.
  const db = client.db(NAMED_DATABASE.exec(url)?.[1] ?? 'keyfold', {
    readPreference: 'primary',
    readConcern: new ReadConcern('majority'),
    writeConcern: new WriteConcern('majority', undefined, true),
  });
  try {
    await translated(() => control.ensureControl(db, now));
    await translated(() => ensureUsageIndexes(db));
    await translated(() => ensureReadIndexes(db));
    await translated(() => ensureSessionIndexes(db));
    await translated(() => ensureCheckpointIndexes(db));
  } catch (error) {
    await client.close();
    throw error;
  }
  return mongoStore(client, db, options);
}

function mongoStore(client: MongoClient, db: Db, options: OpenMongoStoreOptions): ReadStore {
  const { counting = COUNTING, afterStep = () => undefined, afterUsageStep = () => undefined } = options;
  const listeners = createListeners();
  const readControl = sharedControl(client, db);
  const tablesOf = mongoTables(client, db);
  const changes = createPriority(counting);
  const usage = mongoUsage({
    ...{ client, db, control: () => readControl(), afterStep: afterUsageStep },
    afterChanges: () => changes.after(),
  });
  const viewOf = (id: GenerationId, checkpoint: GenerationView['checkpoint'], session?: ClientSession) =>
    generationView(id, checkpoint, tablesOf(id, session));

  function writer(id: GenerationId): GenerationWriter {
    const own = tablesOf(id);
    const apply = mongoApply(db, id, usage, afterStep);
    const there = () => readControl();
    return {
      id,
      checkpoint: async () => generationIn(await readControl(), id).checkpoint,
      keys: (ids) => changes.first(() => whileThere(there, id, () => readKeys(own, ids))),
      keyspaces: () => whileThere(there, id, () => readKeyspaces(own)),
      apply: async (writes, checkpoint) => {
        const outcome = await changes.first(() => translated(() => apply(writes, checkpoint)));
        if (outcome === 'applied') listeners.call();
        return outcome;
      },
      notice: (keys) => whileThere(there, id, () => translated(() => mongoNotice(db, id, keys))),
    };
  }

  return {
    control: () => readControl(),
    read: (work) =>
      client.withSession({ causalConsistency: true }, (session) =>
        readLive(
          () => readControl(session),
          ({ id, checkpoint }) => viewOf(id, checkpoint, session),
          work,
        ),
      ),
    view: async (id) => viewOf(id, generationIn(await readControl(), id).checkpoint),
    writer,
    createGeneration: (now, commandId = null) => translated(() => control.createGeneration(db, now, commandId)),
    switchGeneration: (from, to) => translated(() => control.switchGeneration(db, from, to)),
    failGeneration: (id, failure) => translated(() => control.failGeneration(db, id, failure)),
    dropGeneration: (id) => translated(() => control.dropGeneration(db, id)),
    dataKeys: mongoDataKeys(db),
    wraps: mongoWraps(db),
    parked: mongoParked(db),
    operations: mongoOperations(db),
    checks: mongoChecks(db),
    checkpoints: mongoCheckpoints(db),
    leases: mongoLeases(client, db),
    limits: mongoLimits(db),
    usage,
    publication: mongoPublication(db),
    reads: mongoReads(client, db),
    sessions: mongoSessions(db),
    onApply: (listener) => listeners.add(listener),
    close: () => client.close(),
  };
}

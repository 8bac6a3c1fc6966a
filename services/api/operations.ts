// Operators' work that makes no event: handing parked records to every fold again, and asking for a rebuild.
import { sha256 } from '../../events/canonical.ts';
import { fingerprint } from '../../events/fingerprint.ts';
import { foldKey, foldKeyspaces } from '../../events/fold.ts';
import { isAggregateId, KEYSPACES, type AggregateId } from '../../events/ids.ts';
import type { EventLog, NewRecord } from '../../events/log.ts';
import { measureRecord } from '../../events/logs/records.ts';
import { encodeRecordPosition, furthest, positionAfter, type RecordPosition } from '../../events/position.ts';
import { readRecord } from '../../events/quarantine.ts';
import type { RandomBytes } from '../../events/secret.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { requestRebuild } from '../../projections/rebuild.ts';
import type { OperationOutcome, ParkedRow } from '../../projections/rows.ts';
import { generationNumber } from '../../projections/stores/generations.ts';
import type { Waiter } from '../../projections/waiter.ts';
import type { Context, OperationRequest, RetryRequest } from '../../schema/context.ts';
import { randomBytes as pooledRandomBytes } from '../shared/random-bytes.ts';
import { deadlineIn, type Deadline } from './deadline.ts';
import { operate, type Planned } from './operation.ts';
import * as outcomes from './outcomes.ts';

/** How long an operator waits for the outcome, in milliseconds, as for any other mutation (L9). */
const OUTCOME_MS = 5000;

export interface OperationsOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly waiter: Waiter;
  /** ISO time. */
  readonly now: () => string;
  readonly randomBytes?: RandomBytes;
  readonly outcomeMs?: number;
  /** Tells a projector in this process that a generation was added. */
  readonly onRebuild?: () => void;
}

export type Operations = Pick<Context, 'retryParked' | 'rebuildProjections'>;

export function createOperations(options: OperationsOptions): Operations {
  const { log, store, waiter, now, outcomeMs = OUTCOME_MS, onRebuild } = options;
  const randomBytes = options.randomBytes ?? pooledRandomBytes;

  /** What is the same for every operation: under which commandId, as which command, until when. */
  function asked(name: string, input: object, { commandId }: OperationRequest) {
    return {
      identity: {
        commandId: commandId ?? Buffer.from(randomBytes(16)).toString('base64url'),
        fingerprint: fingerprint(name, input),
      },
      deadline: deadlineIn(outcomeMs),
    };
  }

  return {
    retryParked(request) {
      const position = request.position && encodeRecordPosition(request.position);
      const { identity, deadline } = asked('retryParked', position === null ? {} : { position }, request);
      const retry = {
        ...identity,
        plan: () => planRetry(request, deadline),
        carryOut: async (records: readonly RecordPosition[]) => ({
          position: await append(await openAmong(records), deadline),
          generation: null,
        }),
        async answer({ position: reached }: OperationOutcome, records: readonly RecordPosition[]) {
          if (!(await waiter.whenProcessed(reached, deadline))) return null;
          return { ok: true as const, position: reached, parked: await openAmong(records) };
        },
      };
      return operate(store, retry, deadline);
    },

    rebuildProjections(request) {
      const { identity, deadline } = asked('rebuildProjections', {}, request);
      const rebuild = {
        ...identity,
        plan: () => planRebuild(request),
        async carryOut() {
          const position = await log.end();
          const generation = await requestRebuild(store, now(), identity.commandId);
          onRebuild?.();
          return { position, generation };
        },
        answer: ({ position, generation }: OperationOutcome) =>
          Promise.resolve(generation === null ? null : { ok: true as const, position, generation }),
      };
      return operate(store, rebuild, deadline);
    },
  };

  async function planRetry(request: RetryRequest, deadline: Deadline): Promise<Planned> {
    if (request.position === null && request.ifVersion !== undefined)
      return refused('ifVersion needs position: it is the version of what that record belongs to', 'ifVersion');
    const planned = await chooseRecords(request);
    if ('records' in planned) return planned;
    // W3: a refusal counts only on a generation that has seen the whole log as it was before.
    if (!(await waiter.whenProcessed(await log.end(), deadline)))
      return { refused: outcomes.unavailable('the read models have fallen behind the log') };
    return chooseRecords(request);
  }

  async function chooseRecords({ position, ifVersion }: RetryRequest): Promise<Planned> {
    const open = await store.parked.open();
    if (position === null) return { records: open.map((record) => record.position) };
    const record = open.find((each) => isAt(each, position));
    if (!record) return refused('no record is parked at this position', 'position');
    if (copyOf(record).length === 0) {
      const message = 'this record belongs to no key, or is too large to be appended again: discard it';
      return refused(message, 'position');
    }
    if (!(await mayBeCopied(record))) {
      const message = "this record lies in another partition than its key's, and cannot be folded there: discard it";
      return refused(message, 'position');
    }
    if (ifVersion === undefined) return { records: [position] };
    const actual = await versionOf(record);
    return actual === ifVersion ? { records: [position] } : { refused: outcomes.conflict(ifVersion, actual) };
  }

  async function planRebuild({ ifVersion }: OperationRequest): Promise<Planned> {
    const { live } = await store.control();
    const actual = generationNumber(live);
    if (ifVersion === undefined || ifVersion === actual) return { records: [] };
    const message = `generation ${ifVersion} was expected to be the live one, it is ${actual}`;
    return {
      refused: outcomes.failed({ type: 'VersionConflict', message, expected: ifVersion, actual }),
    };
  }

  /** 0 where nothing of the aggregate was folded yet. */
  function versionOf(record: ParkedRow): Promise<number> {
    const aggregateId = aggregateOf(record);
    return store.read(async (view) => {
      if (aggregateId === KEYSPACES) return (await view.keyspaces()).version;
      return aggregateId === null ? 0 : ((await view.key(aggregateId))?.state.version ?? 0);
    });
  }

  /** Whom a record does not shut out where it lies it must not shut out where it is copied to: it has to fold there. */
  async function mayBeCopied({ aggregateId, key, value }: ParkedRow): Promise<boolean> {
    if (aggregateId !== null) return true;
    const read = readRecord({ key, value });
    if (read.kind === 'unreadable') return false;
    if (read.kind === 'fact') return true; // E6: no fold reads it
    return store.read(async (view) => {
      const verdict =
        read.kind === 'keyspaces'
          ? foldKeyspaces(await view.keyspaces(), read.event)
          : foldKey((await view.key(read.event.attributes.subject))?.state ?? null, read.event);
      return verdict.kind !== 'broken';
    });
  }

  async function openAmong(records: readonly RecordPosition[]): Promise<readonly ParkedRow[]> {
    if (records.length === 0) return [];
    const wanted = new Set(records.map(encodeRecordPosition));
    return (await store.parked.open()).filter(({ position }) => wanted.has(encodeRecordPosition(position)));
  }

  /** Repeated it changes nothing: every fold ignores what extends its head no more, and copies of what is parked (F1). */
  async function append(records: readonly ParkedRow[], deadline: Deadline) {
    const copies: NewRecord[] = [];
    for (const record of records) if (await mayBeCopied(record)) copies.push(...copyOf(record));
    if (copies.length === 0) return log.end();
    const written = await log.append(copies, { deadlineMs: deadline.left() });
    return written.map(positionAfter).reduce(furthest, {});
  }
}

function refused(message: string, member: string): Planned {
  return { refused: outcomes.failed({ type: 'InvalidInput', message, path: [member] }) };
}

/** Whose event it would be, also where it lies in another partition and so shuts nobody out. */
function aggregateOf({ aggregateId, key }: ParkedRow): AggregateId | null {
  return aggregateId ?? (key !== null && isAggregateId(key) ? key : null);
}

/**
 * The same bytes under the same key, in that key's partition: every reader folds them anew, and lifts the quarantine if it
 * can read them now.
 */
function copyOf(record: ParkedRow): readonly NewRecord[] {
  const { value, headers } = record;
  const key = aggregateOf(record);
  // Of a record that is too large only a part is kept: that would be another one.
  if (key === null || sha256(value) !== record.digest) return [];
  const copy = { key, value, headers };
  try {
    measureRecord(copy);
    return [copy];
  } catch {
    return [];
  }
}

function isAt(record: ParkedRow, position: RecordPosition): boolean {
  return record.position.partition === position.partition && record.position.offset === position.offset;
}

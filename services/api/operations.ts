// Operators' work that makes no event: handing parked records to every fold again, and asking for a rebuild.
import { AppendUnknownError, type EventLog, type NewRecord } from '../../events/log.ts';
import { measureRecord } from '../../events/logs/records.ts';
import {
  encodeRecordPosition,
  furthest,
  positionAfter,
  type Position,
  type RecordPosition,
} from '../../events/position.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { requestRebuild } from '../../projections/rebuild.ts';
import type { ParkedRow } from '../../projections/rows.ts';
import type { Waiter } from '../../projections/waiter.ts';
import type { Context } from '../../schema/context.ts';
import { deadlineIn } from './deadline.ts';
import * as outcomes from './outcomes.ts';

const OPERATION_MS = 5000;

export interface OperationsOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly waiter: Waiter;
  /** ISO time. */
  readonly now: () => string;
  /** Tells a projector in this process that a generation was added. */
  readonly onRebuild?: () => void;
}

export type Operations = Pick<Context, 'retryParked' | 'rebuildProjections'>;

export function createOperations({ log, store, waiter, now, onRebuild }: OperationsOptions): Operations {
  return {
    async retryParked(position) {
      return attempt(async () => {
        const open = await store.parked.open();
        const chosen = position === null ? open : open.filter((record) => isAt(record, position));
        if (position !== null && chosen.length === 0) {
          return outcomes.failed({
            type: 'InvalidInput',
            message: 'no record is parked at this position',
            path: ['position'],
          });
        }
        const copies = chosen.flatMap(copyOf);
        if (position !== null && copies.length === 0) {
          const message = 'this record belongs to no key, or is too large to be appended again: discard it';
          return outcomes.failed({ type: 'InvalidInput', message, path: ['position'] });
        }
        const reached = await append(copies);
        if (!(await waiter.whenProcessed(reached, deadlineIn(OPERATION_MS)))) {
          return outcomes.unavailable('the records were handed over again, but the projector has not folded them yet');
        }
        const still = new Set((await store.parked.open()).map((record) => encodeRecordPosition(record.position)));
        return {
          ok: true,
          position: reached,
          parked: chosen.filter((record) => still.has(encodeRecordPosition(record.position))),
        };
      });
    },

    async rebuildProjections() {
      return attempt(async () => {
        const generation = await requestRebuild(store, now());
        onRebuild?.();
        return { ok: true, position: await log.end(), generation };
      });
    },
  };

  async function append(copies: readonly NewRecord[]): Promise<Position> {
    if (copies.length === 0) return log.end();
    const written = await log.append(copies, { deadlineMs: OPERATION_MS });
    return written.map(positionAfter).reduce(furthest, {});
  }
}

/** The same bytes under the same key: every reader folds them anew, and lifts the quarantine if it can read them now. */
function copyOf({ aggregateId, value, headers }: ParkedRow): readonly NewRecord[] {
  if (aggregateId === null) return [];
  const copy = { key: aggregateId, value, headers };
  try {
    measureRecord(copy);
    return [copy];
  } catch {
    return [];
  }
}

async function attempt<T>(work: () => Promise<T>) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppendUnknownError) return outcomes.unavailable('the log did not acknowledge in time');
    const outcome = outcomes.fromFailure(error);
    if (outcome === null) throw error;
    return outcome;
  }
}

function isAt(record: ParkedRow, position: RecordPosition): boolean {
  return record.position.partition === position.partition && record.position.offset === position.offset;
}

// The facts table: one row per fact about time (E6), beside the history of events.
import { daysOf } from '../events/fact-record.ts';
import type { RecordedFact } from '../events/key/facts.ts';
import type { RecordPosition } from '../events/position.ts';
import type { FactRow, HistoryCursor, LogEntry } from './rows.ts';
import { isFact } from './rows.ts';

/** The row of a fact. */
export function factRow({ type, attributes, data }: RecordedFact, { partition, offset }: RecordPosition): FactRow {
  return {
    id: attributes.id,
    aggregateId: attributes.subject,
    type,
    workspaceId: attributes.workspaceid,
    time: attributes.time,
    position: { partition, offset },
    attributes,
    data,
  };
}

/**
 * Where an entry stands in a timeline. A fact has no version: it stands before every event of its key at the same time, and
 * among facts of that time what was announced earlier stands first.
 */
export function placeOf(entry: LogEntry): HistoryCursor {
  const { time, aggregateId } = entry;
  return { time, aggregateId, version: isFact(entry) ? -daysOf(entry) : entry.version };
}

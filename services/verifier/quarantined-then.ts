// Whether a key was quarantined at some position of the log: from the records that were parked, which stay on record when they
// are settled, and from the events that settled them (F1). Pure.
import { encodeRecordPosition, type Position, type RecordPosition } from '../../events/position.ts';
import { readRecord } from '../../events/quarantine.ts';
import type { HistoryRow, ParkedRow } from '../../projections/rows.ts';

/** Whether what lies at a place had been read by then. */
const isRead = ({ partition, offset }: RecordPosition, seen: Position): boolean => (seen[partition] ?? 0) > offset;

/** By whom a parked record was settled; `null`: by nobody yet. `undefined`: the place is not kept. */
function settledAt({ status, position, key, value }: ParkedRow, events: readonly HistoryRow[]) {
  if (status === 'OPEN') return null;
  if (status === 'DISCARDED') {
    const token = encodeRecordPosition(position);
    return events.find(({ type, data }) => type === 'RecordDiscarded' && 'position' in data && data.position === token)
      ?.position;
  }
  const copy = readRecord({ key, value });
  if (copy.kind === 'unreadable' || copy.kind === 'fact') return undefined;
  const { hash } = copy.event.attributes;
  return events.find(({ attributes, position: { offset } }) => attributes.hash === hash && offset > position.offset)
    ?.position;
}

/**
 * @param seen what had been read of the log.
 * @param parked records that were ever parked in the key's partition.
 * @param events of the key, and the discards of records of no key.
 * @returns `null`: a record was settled by a copy that changed nothing, and where that lies is not kept.
 */
export function quarantinedThen(
  keyId: string,
  seen: Position,
  parked: readonly ParkedRow[],
  events: readonly HistoryRow[],
): boolean | null {
  const own = parked
    .filter(({ aggregateId, position }) => aggregateId === keyId && isRead(position, seen))
    .toSorted((a, b) => a.position.offset - b.position.offset);
  const settled = own.map((row) => settledAt(row, events));
  const isCopyOf = (index: number, of: number): boolean => {
    const end = settled[of];
    const row = own[index];
    if (!row) return false;
    if (own[of]?.digest !== row.digest) return false;
    return end?.partition !== row.position.partition || end.offset > row.position.offset;
  };
  let untold = false;
  for (const [index, end] of settled.entries()) {
    // A copy of one that was still parked shuts nobody out a second time.
    if (own.slice(0, index).some((_, earlier) => isCopyOf(index, earlier))) continue;
    if (end === null || (end !== undefined && !isRead(end, seen))) return true;
    untold ||= end === undefined;
  }
  return untold ? null : false;
}

// The history table: one row per accepted event, with everything but the private part, of which the fingerprint stays.
import type { AnyEvent } from '../events/catalogue.ts';
import type { RecordPosition } from '../events/position.ts';
import type { HistoryRow } from './rows.ts';

/** The row of an accepted event. */
export function historyRow(event: AnyEvent, { partition, offset }: RecordPosition): HistoryRow {
  const { attributes, type, data, written, sealed } = event;
  return {
    id: attributes.id,
    aggregateId: attributes.subject,
    version: attributes.version,
    type,
    workspaceId: attributes.workspaceid ?? null,
    time: attributes.time,
    actor: attributes.actor,
    commandId: attributes.commandid,
    requestId: attributes.requestid,
    fingerprint: event.private.fingerprint,
    position: { partition, offset },
    attributes,
    data,
    ...(written && { written }),
    sealed,
  };
}

// An accepted event or a fact as internal services read it: CloudEvents 1.0 in the binary mode of the Kafka binding. Attributes
// and public data only; what is sealed and what is private is in none of it.
import type { NewRecord } from './log.ts';

/** What is handed on of an entry of the log. */
export interface PublicEvent {
  /** Under their names on the wire; `subject` becomes the record's key. */
  readonly attributes: { readonly subject: string };
  readonly data: object;
  /** The data as the log has it, where it was written otherwise, by an older version: what `dataschema` names. */
  readonly written?: object;
}

/** The record for the public topic: all of one key in one partition, `id` to tell copies by. */
export function toCloudEvent({ attributes, data, written = data }: PublicEvent): NewRecord {
  const headers = Object.entries(attributes as Readonly<Record<string, string | number>>).map(
    ([name, value]) => [`ce_${name}`, String(value)] as const,
  );
  return {
    key: attributes.subject,
    value: Buffer.from(JSON.stringify(written)),
    headers: { 'content-type': 'application/json', ce_specversion: '1.0', ...Object.fromEntries(headers) },
  };
}

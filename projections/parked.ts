// A record that no fold could take, as it is parked: whole if it could ever be appended again, else in part. Whoever may
// write into the log may write records of any size and shape; none of them becomes a row that a store refuses (P5).
import { MAX_RECORD_BYTES } from '../events/logs/records.ts';
import type { LogRecord } from '../events/log.ts';
import type { ParkedRow } from './rows.ts';

/** What is kept of a value that is too large for an event, in bytes. */
const KEPT_BYTES = 65_536;
/** What is kept of the key, and of all headers together, in UTF-16 code units; an aggregate's id is far shorter. */
const KEPT_TEXT = 65_536;

/** The record's own part of a row. What was cut is said in the reason; the digest is that of the whole value. */
export function keptOf(
  { key, value, headers }: Pick<LogRecord, 'key' | 'value' | 'headers'>,
  reason: string,
): Pick<ParkedRow, 'key' | 'value' | 'headers' | 'reason'> {
  const cuts: string[] = [];
  const cut = (what: string, whole: number, kept: number): void => {
    cuts.push(`${kept} of ${whole} ${what}`);
  };
  const tooLarge = value.byteLength > MAX_RECORD_BYTES;
  if (tooLarge) cut('bytes', value.byteLength, KEPT_BYTES);
  const tooLong = key !== null && key.length > KEPT_TEXT;
  if (tooLong) cut("of the key's characters", key.length, KEPT_TEXT);
  const entries = Object.entries(headers);
  const fitting = within(entries, KEPT_TEXT);
  if (fitting.length < entries.length) cut('headers', entries.length, fitting.length);
  return {
    key: tooLong ? key.slice(0, KEPT_TEXT) : key,
    value: tooLarge ? value.slice(0, KEPT_BYTES) : value,
    headers: Object.fromEntries(fitting),
    reason: cuts.length === 0 ? reason : `${reason}; kept are ${cuts.join(', ')}`,
  };
}

function within(headers: readonly [string, string][], length: number): readonly [string, string][] {
  let left = length;
  return headers.filter(([name, text]) => {
    const own = name.length + text.length;
    if (own > left) return false;
    left -= own;
    return true;
  });
}

// A key's row: 88 bytes that say what a verdict and the next event of the fold need of its state. What keys share is in it
// by number, so that a row has no object of its own.
import type { StoredStatus } from '../../events/key/state.ts';
import type { Segment } from './records.ts';

export const ROW_WORDS = 22;
/** Word offsets; the id comes first. Numbers of policies, holders, secrets and overlaps are those of their tables. */
const AT = {
  /** Status in the lowest bits, then whether it was used of late, above them the pepper of the current secret. */
  status: 5,
  version: 6,
  policy: 7,
  holder: 8,
  secret: 9,
  // Numbers of two words each.
  expiresAt: 10,
  time: 12,
  /** Of the chain (F1). */
  head: 14,
} as const;
export const HEAD_AT = AT.head;

/** What a check reads of a row. */
export interface CheckedRow {
  readonly status: StoredStatus;
  readonly version: number;
  readonly policy: number;
  /** Workspace and owner. */
  readonly holder: number;
  /** Of the current secret; while there is a previous one, of an overlap that holds both. */
  readonly secret: number;
  readonly overlaps: boolean;
  /** Epoch milliseconds; `Infinity`: never. */
  readonly expiresAt: number;
}

/** All of a row but its id and head. */
export interface Row extends CheckedRow {
  readonly pepper: number;
  /** Of the last event, epoch milliseconds. */
  readonly time: number;
}

const STATUSES: readonly StoredStatus[] = ['ACTIVE', 'DISABLED', 'REVOKED', 'DELETED'];
const STATUS_MASK = 0b11;
const USED = 0b100;
const PEPPER_SHIFT = 3;
/** Marks the number of an overlap. */
const OVERLAPS = 1 << 31;

export function readChecked({ words, numbers }: Segment, at: number): CheckedRow {
  const status = words[at + AT.status] ?? 0;
  const secret = words[at + AT.secret] ?? 0;
  return {
    status: STATUSES[status & STATUS_MASK] ?? 'DELETED',
    version: words[at + AT.version] ?? 0,
    policy: words[at + AT.policy] ?? 0,
    holder: words[at + AT.holder] ?? 0,
    secret: secret & ~OVERLAPS,
    overlaps: (secret & OVERLAPS) !== 0,
    expiresAt: numbers[(at + AT.expiresAt) / 2] ?? 0,
  };
}

export function readRow(segment: Segment, at: number): Row {
  const { words, numbers } = segment;
  const pepper = (words[at + AT.status] ?? 0) >>> PEPPER_SHIFT;
  return { ...readChecked(segment, at), pepper, time: numbers[(at + AT.time) / 2] ?? 0 };
}

/** Notes that a row was used. Not told to copies of it: what they say of it is a guess anyway. */
export function markUsed({ words }: Segment, at: number): void {
  const status = words[at + AT.status] ?? 0;
  if ((status & USED) === 0) words[at + AT.status] = status | USED;
}

/** Whether a row was used, or written, since this was asked last. */
export function takeUsed({ words }: Segment, at: number): boolean {
  const status = words[at + AT.status] ?? 0;
  words[at + AT.status] = status & ~USED;
  return (status & USED) !== 0;
}

/** Of a row that holds no key any more; the version of one that does is at least 1. */
export function clearRow({ words }: Segment, at: number): void {
  words[at + AT.version] = 0;
}

export const isCleared = ({ words }: Segment, at: number): boolean => words[at + AT.version] === 0;

/** Marks it as used. */
export function writeRow({ words, numbers }: Segment, at: number, row: Row): void {
  words[at + AT.status] = STATUSES.indexOf(row.status) | USED | (row.pepper << PEPPER_SHIFT);
  words[at + AT.version] = row.version;
  words[at + AT.policy] = row.policy;
  words[at + AT.holder] = row.holder;
  words[at + AT.secret] = row.secret | (row.overlaps ? OVERLAPS : 0);
  numbers[(at + AT.expiresAt) / 2] = row.expiresAt;
  numbers[(at + AT.time) / 2] = row.time;
}

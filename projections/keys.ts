// The keys table: one row per key, its folded state and details with what lists search and sort by. Pure.
import type { KeyEvent, Personal } from '../events/catalogue.ts';
import { evolveDetails } from '../events/key/evolve.ts';
import { momentAfter } from '../events/key/moments.ts';
import { FORGOTTEN, type KeyDetails, type KeyState } from '../events/key/state.ts';
import type { KeyRow } from './rows.ts';
import { normalize, searchWords } from './search.ts';

const UNUSED: KeyRow['usage'] = { lastUsedAt: null, lastSeenAt: null, requestCount: 0 };

/** The events whose personal part is shown with the key itself, not in its history alone. */
const DETAILED: ReadonlySet<string> = new Set<KeyEvent['type']>(['KeyCreated', 'KeyDetailsChanged', 'KeyRevoked']);

/** Whether the row of a key needs this event's personal part. */
export function showsPersonal({ type }: { readonly type: string }): boolean {
  return DETAILED.has(type);
}

/** The row after an event that was applied; `state` is what the fold made of it. */
export function keyRow(
  before: KeyRow | null,
  event: KeyEvent,
  state: KeyState,
  personal: Personal<KeyEvent['type']> | null,
): KeyRow {
  const details = evolveDetails(before?.details ?? FORGOTTEN, event, personal);
  const sameTexts =
    before?.details.name === details.name &&
    before.state.preview === state.preview &&
    before.state.ownerId === state.ownerId;
  const search = sameTexts ? before.search : searchOf(state, details);
  const { state: was, noticeAt: at } = before ?? {};
  const noticeAt = momentAfter(was ? { ...was, at: at ?? null } : null, state);
  return { state, details, search, noticeAt, usage: before?.usage ?? UNUSED };
}

/** The row of a key of whose use and reminders nothing is known. */
export function unusedRow(state: KeyState, details: KeyDetails): KeyRow {
  return { state, details, search: searchOf(state, details), noticeAt: null, usage: UNUSED };
}

function searchOf({ preview, keyId, ownerId }: KeyState, { name }: KeyDetails): KeyRow['search'] {
  return { name: normalize(name), words: searchWords([name, preview, keyId, ownerId ?? '']) };
}

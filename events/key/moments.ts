// Moments: when there is something to say of a key's expiry, and what (E6). All of them lie whole days before the expiry,
// so a key is looked at once a day at most, and the profile that is in force at a moment decides whether it is one. Pure.
import { isSameJson } from '../canonical.ts';
import { daysOf, factAt, momentBefore, type Expiring } from '../fact-record.ts';
import { MAX_REMINDER_DAYS, MS_PER_DAY, type RecordedFact } from './facts.ts';
import type { KeyState } from './state.ts';

/** A stretch of time in which a key had an expiry and was neither revoked nor deleted. */
export interface Standing extends Expiring {
  /** When the expiry was set; a moment before it, or at it, is none. */
  readonly from: string;
  /** When the expiry was set anew, or the key revoked or deleted; exclusive; `null`: it stands. */
  readonly until: string | null;
}

/** At which days before its expiry a key of a keyspace is spoken of, by the profile that is in force at a moment. */
export type RemindersAt = (keyspace: string, moment: string) => readonly number[];

type Lifetime = Pick<KeyState, 'status' | 'expiresAt'>;

/** The expiry that a key will meet, as it stands; `null`: none. */
export const expiryOf = ({ status, expiresAt }: Lifetime): string | null =>
  status === 'ACTIVE' || status === 'DISABLED' ? expiresAt : null;

/** The first moment after `time`; the expiry itself where it lies before; at most {@link MAX_REMINDER_DAYS} ahead of it. */
export function firstMoment(expiresAt: string, time: string): string {
  const days = Math.ceil((Date.parse(expiresAt) - Date.parse(time)) / MS_PER_DAY) - 1;
  return momentBefore(expiresAt, Math.min(Math.max(days, 0), MAX_REMINDER_DAYS));
}

/** The moment to look at a key next, once it was looked at at `time`; `null`: its expiry is over, or it has none. */
export function nextMoment(state: Lifetime, time: string): string | null {
  const expiresAt = expiryOf(state);
  return expiresAt === null || expiresAt <= time ? null : firstMoment(expiresAt, time);
}

/**
 * The moment to look at a key next, after an event. What has come before the event and was not looked at yet stays: it has
 * happened, whatever the event says.
 */
export function momentAfter(
  before: (Lifetime & { readonly at: string | null }) | null,
  after: KeyState,
): string | null {
  const expiresAt = expiryOf(after);
  if (before && expiryOf(before) === expiresAt) return before.at;
  const first = expiresAt === null ? null : firstMoment(expiresAt, after.time);
  const overdue = before?.at ?? null;
  if (overdue === null || overdue >= after.time) return first;
  return first === null || overdue < first ? overdue : first;
}

/** What is to be said of a stretch from `since` up to `now`, in order. */
export function factsOf(standing: Standing, since: string, now: string, remindersAt: RemindersAt): RecordedFact[] {
  const { expiresAt, keyspace, from, until } = standing;
  const days: number[] = [];
  const last = Math.min(MAX_REMINDER_DAYS, Math.ceil((Date.parse(expiresAt) - Date.parse(since)) / MS_PER_DAY));
  for (let day = last; day >= 1; day--) {
    const moment = momentBefore(expiresAt, day);
    if (moment < since || moment <= from || moment > now || (until !== null && moment >= until)) continue;
    if (remindersAt(keyspace, moment).includes(day)) days.push(day);
  }
  // An expiry that is set to a time before is met as soon as it is set.
  const met = expiresAt < from ? from : expiresAt;
  if (met <= now && (until === null || met < until)) days.push(0);
  return days.map((day) => factAt(standing, day));
}

/** Whether a fact is what {@link factsOf} may say of a stretch, whatever ended it, and whichever days the profile names. */
export function isSaidOf(standing: Standing, { attributes, data }: RecordedFact): boolean {
  const days = daysOf({ data });
  const said = factAt(standing, days);
  const isMoment = days === 0 || said.attributes.time > standing.from;
  return isMoment && isSameJson({ attributes: said.attributes, data: said.data }, { attributes, data });
}

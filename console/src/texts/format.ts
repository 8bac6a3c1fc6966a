// Dates, relative times and numbers in the reader's language.

const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const exactFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
/** To the millisecond: what receipts and request logs are exact to. */
const instantFormat = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});
const dateTimeFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const numberFormat = new Intl.NumberFormat();
/** `5m ago` while it changes by the minute, `2 hours ago` from then on. */
const soon = new Intl.RelativeTimeFormat(undefined, { style: 'narrow', numeric: 'always' });
const later = new Intl.RelativeTimeFormat(undefined, { style: 'long', numeric: 'always' });

const SECOND = 1000;
const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const STEPS = [
  ['year', 365 * DAY],
  ['month', 30 * DAY],
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
] as const;

const zoned = new Map<string, Intl.DateTimeFormat>();
function dateFormatOf(timeZone: string): Intl.DateTimeFormat {
  const known = zoned.get(timeZone) ?? new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone });
  zoned.set(timeZone, known);
  return known;
}

/** The day alone. @param timeZone where it is counted; absent: the reader's. */
export const formatDate = (time: string, timeZone?: string): string =>
  (timeZone === undefined ? dateFormat : dateFormatOf(timeZone)).format(new Date(time));
/** To the second, with its zone. */
export const formatExact = (time: string): string => exactFormat.format(new Date(time));
/** The time of day to the millisecond; with its day where that is not today. */
export function formatInstant(time: string, now: number): string {
  const instant = instantFormat.format(new Date(time));
  const day = dateFormat.format(new Date(time));
  return day === dateFormat.format(new Date(now)) ? instant : `${day}, ${instant}`;
}
/** Day and time to the second, short enough for a table. */
export const formatDateTime = (time: string): string => dateTimeFormat.format(new Date(time));
export const formatNumber = (value: number): string => numberFormat.format(value);

/** How long before or after `now`, in its largest unit. */
export function formatRelative(time: string, now: number): string {
  const distance = Date.parse(time) - now;
  const size = Math.abs(distance);
  const step = STEPS.find(([, length]) => size >= length);
  if (!step) return soon.format(Math.trunc(distance / SECOND), 'second');
  const [unit, length] = step;
  return (length < HOUR ? soon : later).format(Math.trunc(distance / length), unit);
}

/** As a field of day and time has it: to the second, in the reader's zone. */
export function localTime(time: number): string {
  const date = new Date(time);
  return new Date(time - date.getTimezoneOffset() * MINUTE).toISOString().slice(0, 19);
}

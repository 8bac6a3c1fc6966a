// The calendar of a keyspace: days as its time zone counts them, which is what expiry rules speak of.
const DAY_MS = 86_400_000;

/** The day that an instant lies on in a time zone, counted from 1970-01-01. */
export function dayIn(timeZone: string, instant: string): number {
  const format = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: 'numeric', day: 'numeric' });
  const part = (type: Intl.DateTimeFormatPartTypes, parts: readonly Intl.DateTimeFormatPart[]): number =>
    Number(parts.find((candidate) => candidate.type === type)?.value);
  const parts = format.formatToParts(new Date(instant));
  return Date.UTC(part('year', parts), part('month', parts) - 1, part('day', parts)) / DAY_MS;
}

/** How many days of the calendar lie between two instants. */
export function daysBetween(timeZone: string, from: string, to: string): number {
  return dayIn(timeZone, to) - dayIn(timeZone, from);
}

/** The instant some days of 24 hours later. */
export function daysAfter(instant: string, days: number): string {
  return new Date(Date.parse(instant) + days * DAY_MS).toISOString();
}

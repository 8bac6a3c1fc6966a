// The calendar of a keyspace: days as its time zone counts them, which is what expiry rules speak of. A day has 23 or 25
// hours where the clocks change.
const DAY_MS = 86_400_000;

/** What a clock on the wall shows at an instant, as if it were UTC; epoch milliseconds. */
function wallClock(timeZone: string, instant: number): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(new Date(instant)).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const seconds = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return seconds + (((instant % 1000) + 1000) % 1000);
}

/** The day that an instant lies on in a time zone, counted from 1970-01-01. */
export function dayIn(timeZone: string, instant: string): number {
  return Math.floor(wallClock(timeZone, Date.parse(instant)) / DAY_MS);
}

/** How many days of the calendar lie between two instants. */
export function daysBetween(timeZone: string, from: string, to: string): number {
  return dayIn(timeZone, to) - dayIn(timeZone, from);
}

/**
 * The same time of day, some days of the calendar later: where the clocks leave it out, as much later as they jump; where
 * they show it twice, the first time.
 */
export function daysAfter(timeZone: string, instant: string, days: number): string {
  const wanted = wallClock(timeZone, Date.parse(instant)) + days * DAY_MS;
  const shows = (at: number): boolean => wallClock(timeZone, at) === wanted;
  /** When a clock would show it that is set as the one here is a day before it, or a day behind it. */
  const bySetting = (nearby: number): number => wanted - (wallClock(timeZone, nearby) - nearby);
  const [before, behind] = [bySetting(wanted - DAY_MS), bySetting(wanted + DAY_MS)];
  return new Date(!shows(before) && shows(behind) ? behind : before).toISOString();
}

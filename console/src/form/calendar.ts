// Days as a product's time zone counts them, which is what its rules of expiry speak of.
const DAY_MS = 86_400_000;

/** What a clock on the wall shows at an instant, as if it were UTC; milliseconds since 1970. */
function wallClock(timeZone: string, instant: number): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  // `Date.UTC` takes the year 27 for 1927.
  const shown = new Date(0).setUTCFullYear(part('year'), part('month') - 1, part('day'));
  const seconds = (part('hour') * 60 + part('minute')) * 60 + part('second');
  return shown + seconds * 1000 + (((instant % 1000) + 1000) % 1000);
}

/** When a clock on the wall shows it. */
function instantOf(timeZone: string, shown: number): number {
  const offset = (instant: number): number => wallClock(timeZone, instant) - instant;
  return shown - offset(shown - offset(shown));
}

const dayNumber = (timeZone: string, instant: number): number => Math.floor(wallClock(timeZone, instant) / DAY_MS);
const written = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** `YYYY-MM-DD`, some days after the one that an instant lies on. */
export const dayOf = (timeZone: string, instant: number, days = 0): string =>
  written(dayNumber(timeZone, instant) + days);

/** How many days of the calendar lie between two instants. */
export const daysBetween = (timeZone: string, from: number, to: number): number =>
  dayNumber(timeZone, to) - dayNumber(timeZone, from);

/** The same time of day, some days later; RFC 3339. */
export const daysAfter = (timeZone: string, instant: number, days: number): string =>
  new Date(instantOf(timeZone, wallClock(timeZone, instant) + days * DAY_MS)).toISOString();

/** The last moment of a day; RFC 3339. `null`: there is no such day. @param day `YYYY-MM-DD` */
export function endOfDay(timeZone: string, day: string): string | null {
  const begun = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(begun)) return null;
  const end = new Date(instantOf(timeZone, begun + DAY_MS) - 1).toISOString();
  return /^\d{4}-/.test(end) ? end : null;
}

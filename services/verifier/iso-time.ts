// ISO times of answers: as `toISOString` writes them, at a tenth of its cost, since the days and the parts of a day come again.

const DAY = 86_400_000;
const MAX_DAYS = 10_000;
/** Without `HH:MM:SS.mmmZ`. */
const DATE_END = -13;
const MINUTE = 60_000;
const MINUTES_A_DAY = 1440;
/** Where these begin in an ISO time. */
const [HOURS_AT, SECONDS_AT, MILLISECONDS_AT] = [11, 17, 20];
const partsOf = (count: number, ms: number, from: number, to?: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => new Date(i * ms).toISOString().slice(from, to));
const MINUTES = partsOf(MINUTES_A_DAY, MINUTE, HOURS_AT, SECONDS_AT);
const SECONDS = partsOf(60, 1000, SECONDS_AT, MILLISECONDS_AT);
const MILLISECONDS = partsOf(1000, 1, MILLISECONDS_AT);

const dates = new Map<number, string>();

function dateOf(day: number): string {
  let date = dates.get(day);
  if (date === undefined) {
    if (dates.size >= MAX_DAYS) dates.clear();
    dates.set(day, (date = new Date(day * DAY).toISOString().slice(0, DATE_END)));
  }
  return date;
}

/** @param ms epoch milliseconds, whole, within those of a `Date`. */
export function isoTime(ms: number): string {
  const day = Math.floor(ms / DAY);
  const rest = ms - day * DAY;
  const minute = MINUTES[Math.floor(rest / MINUTE)] ?? '';
  const second = SECONDS[Math.floor(rest / 1000) % 60] ?? '';
  return dateOf(day) + minute + second + (MILLISECONDS[rest % 1000] ?? '');
}

// ISO times of answers: as `toISOString` writes them, at a fifth of its cost, since the days come again.

const DAY = 86_400_000;
const MAX_DAYS = 10_000;
/** Without `HH:MM:SS.mmmZ`. */
const DATE_END = -13;
const TWO = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));
const THREE = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, '0'));

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
  const hours = TWO[Math.floor(rest / 3_600_000)] ?? '';
  const minutes = TWO[Math.floor(rest / 60_000) % 60] ?? '';
  const seconds = TWO[Math.floor(rest / 1000) % 60] ?? '';
  return `${dateOf(day)}${hours}:${minutes}:${seconds}.${THREE[rest % 1000] ?? ''}Z`;
}

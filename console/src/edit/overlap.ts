// How long the secret before a new one may work on: at once, a few round times, or hours, within what the keyspace allows.
import { texts } from '../texts/texts.ts';

const words = texts.form.regenerate;
const HOUR = 3600;
const DAY = 24 * HOUR;
const STEPS = [HOUR, DAY, 3 * DAY, 7 * DAY];
export const CUSTOM = 'custom';

const duration = (seconds: number): string =>
  seconds % DAY === 0 ? words.day(seconds / DAY) : words.hour(Math.round((seconds / HOUR) * 10) / 10);

/** @param preset what the keyspace says, in seconds */
export function overlapOptions(preset: number, most: number): { value: string; label: string }[] {
  const seconds = [...new Set([0, ...STEPS.filter((step) => step < most), preset, most])].sort((a, b) => a - b);
  return [
    ...seconds.map((each) => ({ value: String(each), label: each === 0 ? words.atOnce : words.after(duration(each)) })),
    { value: CUSTOM, label: words.custom },
  ];
}

/** Seconds; `null`: what is entered is none that is allowed. */
export function overlapSeconds(choice: string, hours: string, most: number): number | null {
  const seconds = choice === CUSTOM ? Math.round(Number(hours.trim() === '' ? NaN : hours) * HOUR) : Number(choice);
  return Number.isFinite(seconds) && seconds >= 0 && seconds <= most ? seconds : null;
}

export const hoursOf = (seconds: number): number => Math.floor((seconds / HOUR) * 10) / 10;

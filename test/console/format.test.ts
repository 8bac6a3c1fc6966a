// How the console says when something was, and how much.
import { expect, test } from 'vitest';
import { formatDate, formatRelative } from '../../console/src/texts/format.ts';
import { texts } from '../../console/src/texts/texts.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ago = (ms: number): string => formatRelative(new Date(NOW - ms).toISOString(), NOW);

test('dagen D5: minutes are short, 5m ago', () => {
  expect(ago(5 * MINUTE)).toBe('5m ago');
  expect(ago(59 * MINUTE + 59_999)).toBe('59m ago');
  expect(ago(30_000)).toBe('30s ago');
});

test('ayra A6: hours and more are words, 2 hours ago', () => {
  expect(ago(2 * HOUR)).toBe('2 hours ago');
  expect(ago(24 * HOUR)).toBe('1 day ago');
  expect(ago(45 * 24 * HOUR)).toBe('1 month ago');
  expect(formatRelative(new Date(NOW + 3 * 24 * HOUR).toISOString(), NOW)).toBe('in 3 days');
});

test('a day is told where it is counted: its last moment is still that day, wherever the reader is', () => {
  const told = (zone: string): string => new Date(formatDate('2026-12-01T23:59:59.999Z', zone)).toDateString();
  expect(told('UTC')).toBe('Tue Dec 01 2026');
  expect(told('Pacific/Kiritimati')).toBe('Wed Dec 02 2026');
});

test('a rate is so many per unit, or per so many seconds where the time is none', () => {
  expect(texts.units.rate(60, 60)).toBe('60/min');
  expect(texts.units.rate(5, 1)).toBe('5/s');
  expect(texts.units.rate(1000, 3600)).toBe('1,000/h');
  expect(texts.units.rate(10, 90)).toBe('10 per 90 s');
});

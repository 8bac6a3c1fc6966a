// The calendar of a keyspace: expiry to the millisecond, over changes of the clocks and leap days.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayIn, daysAfter, daysBetween } from '../../events/keyspaces/calendar.ts';
import type { ProfileInput } from '../../events/keyspaces/profile.ts';
import { given } from './given.ts';
import { profileOf, WORKSPACE } from './world.ts';

const BERLIN = 'Europe/Berlin';
/** Whether a key that is made `now` may expire then. */
function may(now: string, expiresAt: string, expiry: ProfileInput['expiry'], timeZone = BERLIN): boolean {
  const { decision } = given([], { now, profile: profileOf({ timeZone, expiry }) }).when('createKey', {
    workspaceId: WORKSPACE,
    keyspace: 'default',
    name: 'n',
    expiresAt,
  });
  return decision.kind === 'event';
}

describe('after today', () => {
  const afterToday = { afterToday: true };
  test.each([
    ['a day of 24 hours', '2031-01-15T08:00:00.000Z', '2031-01-15T22:59:59.999Z', '2031-01-15T23:00:00.000Z'],
    ['the day of 23 hours', '2031-03-30T08:00:00.000Z', '2031-03-30T21:59:59.999Z', '2031-03-30T22:00:00.000Z'],
    ['the day of 25 hours', '2031-10-26T08:00:00.000Z', '2031-10-26T22:59:59.999Z', '2031-10-26T23:00:00.000Z'],
    ['a leap day', '2028-02-29T08:00:00.000Z', '2028-02-29T22:59:59.999Z', '2028-02-29T23:00:00.000Z'],
    [
      'the last millisecond of a day',
      '2031-01-15T22:59:59.998Z',
      '2031-01-15T22:59:59.999Z',
      '2031-01-15T23:00:00.000Z',
    ],
  ])('begins at midnight where the product is, on %s', (_, now, today, tomorrow) => {
    expect([may(now, today, afterToday), may(now, tomorrow, afterToday)]).toEqual([false, true]);
  });

  test('is another moment for a product elsewhere', () => {
    const now = '2031-01-15T12:00:00.000Z';
    const midnightInAuckland = '2031-01-16T11:00:00.000Z';
    expect(may(now, midnightInAuckland, afterToday, 'Pacific/Auckland')).toBe(true);
    expect(may(now, '2031-01-16T10:59:59.999Z', afterToday, 'Pacific/Auckland')).toBe(false);
  });
});

describe('the longest lifetime', () => {
  test.each([
    ['over the leap day', '2028-02-28T12:00:00.000Z', 1, '2028-02-29T22:59:59.999Z', '2028-02-29T23:00:00.000Z'],
    ['into the day of 23 hours', '2031-03-29T12:00:00.000Z', 1, '2031-03-30T21:59:59.999Z', '2031-03-30T22:00:00.000Z'],
    ['into the day of 25 hours', '2031-10-25T12:00:00.000Z', 1, '2031-10-26T22:59:59.999Z', '2031-10-26T23:00:00.000Z'],
    [
      'of a year with a leap day',
      '2027-06-01T12:00:00.000Z',
      366,
      '2028-06-01T21:59:59.999Z',
      '2028-06-01T22:00:00.000Z',
    ],
  ])('ends with its last day, %s', (_, now, maxLifetimeDays, last, over) => {
    expect([may(now, last, { maxLifetimeDays }), may(now, over, { maxLifetimeDays })]).toEqual([true, false]);
  });

  test('takes the default of as many days, whenever a key is made', () => {
    const instant = fc.date({ min: new Date('2027-12-01'), max: new Date('2032-12-31'), noInvalidDate: true });
    // In some the clocks jump at midnight, so that a day begins at one.
    const zone = fc.constantFrom(
      ...[BERLIN, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'],
      ...['Africa/Cairo', 'America/Havana', 'America/Santiago', 'Asia/Beirut'],
    );
    fc.assert(
      fc.property(instant, zone, fc.integer({ min: 1, max: 400 }), (from, timeZone, days) => {
        const now = from.toISOString();
        expect(daysBetween(timeZone, now, daysAfter(timeZone, now, days))).toBe(days);
      }),
      { numRuns: 300 },
    );
    const expiry = { maxLifetimeDays: 1, defaultDays: 1 };
    // 23:30 on the eve of the day of 23 hours: a day of 24 hours later would be the day after it.
    const { decision } = given([], {
      now: '2031-03-29T22:30:00.000Z',
      profile: profileOf({ timeZone: BERLIN, expiry }),
    }).when('createKey', { workspaceId: WORKSPACE, keyspace: 'default', name: 'n' });
    expect(decision).toMatchObject({ event: { data: { expiresAt: '2031-03-30T21:30:00.000Z' } } });
  });
});

test.each([
  ['where the clocks jump at midnight', 'Africa/Cairo', '2026-04-22T22:30:00.000Z', 1, '2026-04-23T22:30:00.000Z'],
  [
    'where they jump at midnight, a month on',
    'Africa/Cairo',
    '2026-03-24T22:30:00.000Z',
    30,
    '2026-04-23T22:30:00.000Z',
  ],
  ['where they jump at two', 'America/New_York', '2027-03-13T07:30:00.000Z', 1, '2027-03-14T07:30:00.000Z'],
  ['behind a jump', 'America/New_York', '2027-03-13T17:00:00.000Z', 1, '2027-03-14T16:00:00.000Z'],
  ['where an hour comes twice, in the first', BERLIN, '2031-10-25T00:30:00.000Z', 1, '2031-10-26T00:30:00.000Z'],
  ['behind an hour that came twice', BERLIN, '2031-10-25T12:00:00.000Z', 1, '2031-10-26T13:00:00.000Z'],
])('the same time of day some days later, %s', (_, timeZone, from, days, expected) => {
  expect(daysAfter(timeZone, from, days)).toBe(expected);
  expect(daysBetween(timeZone, from, expected)).toBe(days);
});

test('a default lifetime is taken where the day that it ends on begins at one', () => {
  const expiry = { defaultDays: 1, afterToday: true };
  const { decision } = given([], {
    now: '2026-04-22T22:30:00.000Z',
    profile: profileOf({ timeZone: 'Africa/Cairo', expiry }),
  }).when('createKey', { workspaceId: WORKSPACE, keyspace: 'default', name: 'n' });
  expect(decision).toMatchObject({ event: { data: { expiresAt: '2026-04-23T22:30:00.000Z' } } });
});

test('days are counted where the product is, before 1970 too', () => {
  expect(dayIn('UTC', '1970-01-01T00:00:00.000Z')).toBe(0);
  expect(dayIn('UTC', '1969-12-31T23:59:59.999Z')).toBe(-1);
  const noon = '2031-01-15T12:00:00.000Z';
  expect(dayIn('Pacific/Kiritimati', noon) - dayIn('UTC', noon)).toBe(1);
});

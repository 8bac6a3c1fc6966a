// Warnings: a keyspace's advice on what was nevertheless done, about names and expiry.
import type { Warning } from '../decision.ts';
import { daysBetween } from '../keyspaces/calendar.ts';
import type { Profile } from '../keyspaces/profile.ts';

const plain = (text: string): string => text.normalize('NFKC').trim().toLowerCase();

/** Advice on a name that says nothing about what the key is for. */
export function nameWarnings({ naming }: Profile, name: string): Warning[] {
  if (!naming.discouraged.some((discouraged) => plain(discouraged) === plain(name))) return [];
  return [{ code: 'DISCOURAGED_NAME', message: naming.advice ?? 'Choose a name that says what the key is for.' }];
}

/** Guidance for the band that a lifetime, counted in days of the keyspace's calendar, falls into; the last one has no end. */
export function expiryWarnings({ expiry, timeZone }: Profile, expiresAt: string | null, now: string): Warning[] {
  const days = expiresAt === null ? Infinity : daysBetween(timeZone, now, expiresAt);
  const band = expiry?.bands.find(({ upToDays }) => upToDays === null || days <= upToDays);
  return band ? [{ code: 'EXPIRY_BAND', message: band.text }] : [];
}

// Warnings: advice on what was nevertheless done: a keyspace's on names and expiry, and what a rotation ends early.
import type { Warning } from '../decision.ts';
import { daysBetween } from '../keyspaces/calendar.ts';
import type { Profile } from '../keyspaces/profile.ts';
import type { KeyState } from './state.ts';

/** What a text says, whatever its case, width, spaces and characters that nobody sees. */
const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    // By way of upper case, which tells no ß from ss, and no final sigma from another.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/\s+/gu, ' ')
    .trim();

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

/** Whoever still uses the secret before the current one was promised more time than a new rotation leaves it. */
export function rotationWarnings({ previousSecret }: Pick<KeyState, 'previousSecret'>, now: string): Warning[] {
  if (previousSecret === null || previousSecret.retiresAt <= now) return [];
  const message = `the previous secret, which was to work until ${previousSecret.retiresAt}, ends with this: there are never more than two`;
  return [{ code: 'PREVIOUS_SECRET_ENDS', message }];
}

// One effect of a changed profile on keys that exist, and how its sentences are made.
import type { Profile } from './profile.ts';

export interface Effect {
  /**
   * WIDENS: some keys may do more than before. NARROWS: some may do less. CHANGES: what keys may do is as before; what
   * people may do with them, what becomes of them or what callers are told is not.
   */
  readonly kind: 'WIDENS' | 'NARROWS' | 'CHANGES';
  readonly path: readonly string[];
  /** A sentence without an end. */
  readonly message: string;
}

const making =
  (kind: Effect['kind']) =>
  (path: readonly string[], message: string): Effect => ({ kind, path, message });

export const widens = making('WIDENS');
export const narrows = making('NARROWS');
export const changes = making('CHANGES');

/** The scope by which keys manage keys, before and after alike; `null`: it widens nothing that they manage more. */
export type Managers = string | null;

export function managersOf({ managesKeys: before }: Profile, { managesKeys: after }: Profile): Managers {
  return before === false || after === false ? null : after.change;
}

/** Widens where keys manage keys: they may do it, too. */
export const gained = (path: readonly string[], message: string, managers: Managers): Effect =>
  managers === null ? changes(path, message) : widens(path, `${message}, also by keys with ${managers}`);

/** The effects of those changes that did happen. */
export const where = (happened: boolean, effect: Effect): readonly Effect[] => (happened ? [effect] : []);

const MAX_NAMED = 8;

/** `a, b and 3 more` */
export function named(list: readonly string[]): string {
  const more = list.length - MAX_NAMED;
  return more > 0 ? `${list.slice(0, MAX_NAMED).join(', ')} and ${more} more` : list.join(', ');
}

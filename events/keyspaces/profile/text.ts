// The texts of a profile: labels that stand on a button or in a heading, and copy that is read.
import { z } from 'zod';
import * as fields from '../../fields.ts';

export const label = fields.text(80);
export const copy = fields.text(2000);
export const days = z.int().min(1).max(36_500);
export const seconds = (max: number) => z.int().min(0).max(max);

/** Names of things that belong to one profile: columns, presets, entries of metadata. */
export const id = fields.text(40);

/**
 * A member that came after profiles did, for people to read: optional, and never filled in, so that an event says what it
 * said when it was written. What stands for it where it is absent is said where it is read (words.ts).
 */
export const sentence = (description: string, ...examples: readonly string[]) =>
  fields.text(500).optional().meta({ description, examples });

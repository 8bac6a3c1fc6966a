// What may become of a key: names, expiry, limits, edits, rotation and removal.
import { z } from 'zod';
import { copy, days, id, label, seconds } from './text.ts';

const MAX_OVERLAP_S = 691_200;

export const rateLimit = z.strictObject({
  min: z.int().min(1).max(1_000_000),
  max: z.int().min(1).max(1_000_000),
  default: z.int().min(1).max(1_000_000).nullable().default(null).describe('null: a key has none unless it is given.'),
  windowSeconds: z.int().min(1).max(86_400).default(60),
});

export const expiry = z.strictObject({
  required: z.boolean().default(false),
  presetDays: z.array(days).max(20).default([]).describe('Lifetimes to choose with one click.'),
  custom: z.boolean().default(true).describe('Whether any other day may be chosen in a form.'),
  maxLifetimeDays: days.nullable().default(null).describe('Binds when a key is made or its expiry is changed.'),
  defaultDays: days.nullable().default(null).describe('Of a key for which none is given.'),
  afterToday: z
    .boolean()
    .default(false)
    .describe('Whether the day of expiry must lie after today in the keyspace’s time zone.'),
  bands: z
    .array(z.strictObject({ upToDays: days.nullable().describe('null: all that is longer.'), text: copy }))
    .max(20)
    .default([])
    .describe('Guidance by lifetime, shortest first.'),
});

export const EDITABLE = [
  'name',
  'description',
  'owner',
  'tags',
  'metadata',
  'permissions',
  'resources',
  'restrictions',
  'expiry',
] as const;

export const editRule = z.strictObject({
  how: z
    .enum(['IN_PLACE', 'SUCCESSOR', 'FORBIDDEN'])
    .default('IN_PLACE')
    .describe('SUCCESSOR: a new key with the change; the old one works until it is revoked.'),
  reason: copy.nullable().default(null).describe('For FORBIDDEN: what to do in its place.'),
});

export const edit = z
  .partialRecord(z.enum(EDITABLE), editRule)
  .default({})
  .describe('Fields that are not named are edited in place.');

export const rotation = z.strictObject({
  enabled: z.boolean().default(true),
  defaultOverlapSeconds: seconds(MAX_OVERLAP_S)
    .default(0)
    .describe('How long the old secret works beside the new one.'),
  maxOverlapSeconds: seconds(MAX_OVERLAP_S).default(MAX_OVERLAP_S),
});

export const removal = z.strictObject({
  mode: z.enum(['DELETE', 'DELETE_IS_REVOKE', 'REVOKE']).default('DELETE'),
  revoke: z.boolean().default(true).describe('Whether revoking is offered beside deleting.'),
  erase: z.boolean().default(false).describe('Whether a key’s personal data is erased with it.'),
  reasons: z.array(label).max(30).default([]).describe('Whoever revokes a key chooses one; empty: none is asked for.'),
});

export const naming = z.strictObject({
  discouraged: z.array(label).max(50).default([]).describe('Names that say nothing; a warning, not an error.'),
  advice: copy.nullable().default(null).describe('What the warning says.'),
});

export const owner = z.strictObject({
  required: z.boolean().default(false).describe('Whether every key has an owner; a person who names none is it.'),
});

export const metadataFields = z
  .array(z.strictObject({ id, label }))
  .max(30)
  .default([])
  .describe('Entries of a key’s metadata that this product has names for.');

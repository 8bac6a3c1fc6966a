// What may become of a key: names, expiry, limits, edits, rotation and removal.
import { z } from 'zod';
import { MAX_REMINDER_DAYS } from '../../key/facts.ts';
import { copy, days, id, label, seconds, sentence } from './text.ts';

const MAX_OVERLAP_S = 691_200;

export const rateLimit = z.strictObject({
  min: z
    .int()
    .min(1)
    .max(1_000_000)
    .meta({ description: 'The lowest limit.', examples: [1] }),
  max: z
    .int()
    .min(1)
    .max(1_000_000)
    .meta({ description: 'The highest limit.', examples: [600] }),
  default: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .default(null)
    .meta({ description: 'Of a key that is given none; null: it has none.', examples: [60] }),
  windowSeconds: z.int().min(1).max(86_400).default(60).describe('The window that all limits are for.'),
});

export const expiry = z.strictObject({
  required: z.boolean().default(false).describe('Whether every key must end.'),
  presetDays: z
    .array(days)
    .max(20)
    .default([])
    .meta({ description: 'Lifetimes to choose with one click.', examples: [[30, 90, 365]] }),
  custom: z.boolean().default(true).describe('Whether any other day may be chosen in a form.'),
  maxLifetimeDays: days
    .nullable()
    .default(null)
    .meta({ description: 'Binds when a key is made or its expiry is changed.', examples: [365] }),
  defaultDays: days
    .nullable()
    .default(null)
    .meta({ description: 'Of a key for which none is given.', examples: [90] }),
  afterToday: z
    .boolean()
    .default(false)
    .describe('Whether the day of expiry must lie after today in the keyspace’s time zone.'),
  reminders: z
    .array(z.int().min(1).max(MAX_REMINDER_DAYS))
    .max(20)
    .optional()
    .meta({
      description: 'How many days before its expiry a key is spoken of in history and to subscribers; empty: never.',
      examples: [[30, 7, 1]],
    }),
  bands: z
    .array(
      z.strictObject({
        upToDays: days.nullable().meta({ description: 'null: all that is longer.', examples: [30] }),
        title: sentence('What lifetimes of the band are called.', 'Short-term keys (1–30 days)'),
        text: copy.meta({ description: 'What is said of them.', examples: ['Use for demos and contractors.'] }),
      }),
    )
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
  reason: copy
    .nullable()
    .default(null)
    .meta({ description: 'For FORBIDDEN: what to do in its place.', examples: ['Delete it and create a new one.'] }),
});

export const edit = z
  .partialRecord(z.enum(EDITABLE), editRule)
  .default({})
  .meta({
    description: 'Fields that are not named are edited in place.',
    examples: [{ name: { how: 'SUCCESSOR' } }],
  });

export const rotation = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether keys can be given new secrets.'),
  defaultOverlapSeconds: seconds(MAX_OVERLAP_S)
    .default(0)
    .describe('How long the old secret works beside the new one.'),
  maxOverlapSeconds: seconds(MAX_OVERLAP_S).default(MAX_OVERLAP_S).describe('The longest overlap; 691200 is 8 days.'),
});

export const removal = z.strictObject({
  mode: z
    .enum(['DELETE', 'DELETE_IS_REVOKE', 'REVOKE'])
    .default('DELETE')
    .describe('DELETE: gone from lists. DELETE_IS_REVOKE: deleting revokes. REVOKE: keys are never deleted.'),
  revoke: z.boolean().default(true).describe('Whether revoking is offered beside deleting.'),
  erase: z.boolean().default(false).describe('Whether a key’s personal data is erased with it.'),
  reasons: z
    .array(label)
    .max(30)
    .default([])
    .meta({
      description: 'Whoever revokes a key chooses one; empty: none is asked for.',
      examples: [['Compromised', 'Replaced', 'Unused']],
    }),
});

export const naming = z.strictObject({
  discouraged: z
    .array(label)
    .max(50)
    .default([])
    .meta({ description: 'Names that say nothing; a warning, not an error.', examples: [['Key 1', 'Test']] }),
  advice: copy
    .nullable()
    .default(null)
    .meta({ description: 'What the warning says.', examples: ['Choose a name that says what the key is for.'] }),
  examples: z
    .array(label)
    .max(50)
    .optional()
    .meta({ description: 'Good names, to show beside the field.', examples: [['Production backend', 'CI runner']] }),
});

export const owner = z.strictObject({
  required: z
    .boolean()
    .default(false)
    .describe('Whether every key has an owner, by id and e-mail address; a person who names none is it.'),
});

export const metadataFields = z
  .array(
    z.strictObject({
      id: id.meta({ description: 'The entry; a column shows it as metadata.purpose.', examples: ['purpose'] }),
      label: label.meta({ description: 'What people call it.', examples: ['Purpose'] }),
      description: sentence('What it is for, beside its field.', 'What the key is used for.'),
    }),
  )
  .max(30)
  .default([])
  .describe('Entries of a key’s metadata that this product has names for.');

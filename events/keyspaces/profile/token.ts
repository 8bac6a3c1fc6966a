// What a key looks like and where it is sent: types, environments, prefixes, headers, and the characters that stay readable.
import { z } from 'zod';
import * as fields from '../../fields.ts';
import { label, sentence } from './text.ts';

const prefix = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,19}$/, 'must be 1–20 lower-case letters, digits and _, beginning with a letter')
  .regex(/[a-z0-9]$/, 'must not end in _');
const called = label.describe('What people call it.');

export const types = z
  .array(
    z.strictObject({
      id: fields.keyType.meta({ description: 'What a key’s type names it by.', examples: ['secret', 'public'] }),
      label: called,
      description: sentence('What keys of this type are for.', 'For servers: full access. Keep it secure.'),
      prefix: prefix.meta({
        description: 'Stands before the environment and the random part: kf gives kf_….',
        examples: ['kf'],
      }),
      public: z
        .boolean()
        .default(false)
        .describe('Whether keys of this type live in browsers and apps, where everybody can read them.'),
      unrestricted: z
        .enum(['ALLOWED', 'ALWAYS', 'NEVER'])
        .default('ALLOWED')
        .describe('Whether its keys may do everything: as the permissions say, always, or never.'),
      scopes: fields.scopes.nullable().default(null).describe('The only scopes that its keys may have; null: all.'),
      originsRequired: z
        .boolean()
        .default(false)
        .describe('Whether its keys work from listed origins only, and so need one at least.'),
    }),
  )
  .min(1)
  .max(10)
  .meta({
    description: 'The kinds of keys that there are.',
    examples: [[{ id: 'secret', label: 'Secret key', prefix: 'kf' }]],
  });

export const environments = z
  .array(
    z.strictObject({
      id: fields.environment.meta({ description: 'What a key’s environment names it by.', examples: ['live'] }),
      label: called,
      description: sentence('What keys of this environment are for.', 'Production'),
      prefix: z
        .string()
        .regex(/^[a-z0-9]{1,20}$/, 'must be 1–20 lower-case letters and digits')
        .nullable()
        .default(null)
        .meta({ description: 'Stands behind the type’s prefix; null: the id does.', examples: ['live'] }),
    }),
  )
  .max(10)
  .default([])
  .meta({
    description: 'Such as live and test, chosen when a key is made. Empty: keys have none.',
    examples: [
      [
        { id: 'live', label: 'Live' },
        { id: 'test', label: 'Test' },
      ],
    ],
  });

export const credential = z.strictObject({
  headers: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'must be a header’s name')
          .meta({ description: 'The header’s name; capitals do not matter.', examples: ['X-API-Key'] }),
        bearer: z.boolean().default(false).describe('Whether the key stands behind the word Bearer.'),
      }),
    )
    .min(1)
    .max(5)
    .default([
      { name: 'Authorization', bearer: true },
      { name: 'X-API-Key', bearer: false },
    ])
    .describe('Where a key may be sent.'),
  preview: z
    .strictObject({
      prefix: z.boolean().default(true).describe('Whether what stands before the random part is shown.'),
      first: z.int().min(0).max(8).default(0).describe('Characters of the random part that are shown.'),
      last: z.int().min(0).max(8).default(4).describe('Characters of the whole key’s end that are shown.'),
      mask: fields
        .text(20)
        .default('...')
        .meta({ description: 'Stands for what is not shown.', examples: ['••••••••'] }),
      keyId: z.boolean().default(false).describe('Whether the key’s id is shown behind it.'),
    })
    .prefault({})
    .describe('What stays readable of a secret. Nothing else of it is ever stored.'),
});

// How a product's keys are shown: labels, copy, columns and quick-start templates. Nothing here is decided by.
import { z } from 'zod';
import * as fields from '../../fields.ts';
import { COLUMN_FORMATS, COLUMN_IDS, FIELD_IDS, LABELLED_ACTIONS, METADATA_ENTRY, named } from './names.ts';
import { copy, id, label, sentence } from './text.ts';
import { sentences, words } from './words.ts';

const FORM_FIELDS = [...FIELD_IDS, METADATA_ENTRY];

export const labels = z
  .strictObject({
    title: label.default('API keys').describe('Heading of the section.'),
    noun: label.default('API key').describe('What one of them is called.'),
    create: label.default('Create API key').describe('The button that opens the form to make a key.'),
    statuses: z
      .strictObject({
        ACTIVE: label.default('Active').describe('It works.'),
        DISABLED: label.default('Disabled').describe('It is turned off.'),
        EXPIRED: label.default('Expired').describe('Its time is over.'),
        REVOKED: label.default('Revoked').describe('It was ended for good.'),
        DELETED: label.default('Deleted').describe('It is gone from lists.'),
      })
      .prefault({})
      .describe('What the statuses of a key are called.'),
    actions: z
      .record(named(fields.text(40), LABELLED_ACTIONS), label)
      .default({})
      .meta({
        description: `Action → what its button says; the rest have names of their own: ${LABELLED_ACTIONS.join(', ')}.`,
        examples: [{ DISABLE: 'Deactivate', ENABLE: 'Activate' }],
      }),
    fields: z
      .record(named(fields.text(40), FORM_FIELDS), label)
      .default({})
      .meta({
        description:
          'Field of a form → what it is called; the rest have names of their own: ' +
          `${FIELD_IDS.join(', ')}, or metadata.x.`,
        examples: [{ resources: 'Agent Access', expiresAt: 'Expires' }],
      }),
    empty: copy.default('No keys yet. Create the first one.').describe('What a list without keys says.'),
    ...words,
  })
  .describe('What things are called.');

export const texts = z
  .strictObject({
    subtitle: copy.default('Keys let programs call the API.').describe('Below the heading.'),
    reveal: copy
      .default('Copy the key now. It is shown once and cannot be read again.')
      .describe('Beside a new secret.'),
    disable: copy
      .default('Calls with this key are refused until it is enabled again.')
      .describe('Before a key is disabled.'),
    regenerate: copy
      .default('The key gets a new secret. Whatever uses the old one must be given the new one.')
      .describe('Before a key is regenerated.'),
    revoke: copy.default('The key stops working at once. This cannot be undone.').describe('Before a key is revoked.'),
    delete: copy
      .default('Whatever uses this key loses its access. This cannot be undone.')
      .describe('Before a key is deleted.'),
    ...sentences,
  })
  .describe('Sentences around what can be done with a key.');

export const menu = z
  .array(named(fields.text(40), LABELLED_ACTIONS))
  .max(LABELLED_ACTIONS.length)
  .nullable()
  .default(null)
  .meta({
    description: 'The actions that a list of keys offers; null: all that a key has. The others are left to the API.',
    examples: [['DISABLE', 'ENABLE', 'DELETE']],
  });

const fieldList = (description: string) =>
  z
    .array(named(fields.text(60), FORM_FIELDS))
    .max(60)
    .optional()
    .meta({ description, examples: [['name', 'scopes', 'expiresAt']] });

export const form = z
  .strictObject({
    create: fieldList(
      'Of the form to make a key, in their order; absent: all that keys have. The API takes all of them.',
    ),
    edit: fieldList('Of the form to edit a key, in the order of the other one; absent: those of create.'),
  })
  .optional()
  .describe(`The fields that forms show: ${FIELD_IDS.join(', ')}, or metadata.x. Absent: all that keys have.`);

export const columns = z
  .array(
    z.strictObject({
      id: named(id, [...COLUMN_IDS, METADATA_ENTRY]).meta({
        description: `One of ${COLUMN_IDS.join(', ')}, or metadata.x.`,
        examples: ['preview'],
      }),
      label: label.meta({ description: 'Its heading.', examples: ['Key Preview'] }),
      format: named(id, COLUMN_FORMATS).meta({
        description: `One of ${COLUMN_FORMATS.join(', ')}.`,
        examples: ['mono'],
      }),
      description: sentence('What it shows, beside its heading.', 'Expiry date, or Never'),
    }),
  )
  .max(30)
  .default([
    { id: 'name', label: 'Name', format: 'text' },
    { id: 'preview', label: 'Key', format: 'mono' },
    { id: 'scopes', label: 'Scopes', format: 'chips' },
    { id: 'status', label: 'Status', format: 'status' },
    { id: 'createdAt', label: 'Created', format: 'date' },
    { id: 'expiresAt', label: 'Expires', format: 'date' },
    { id: 'lastUsedAt', label: 'Last used', format: 'relative' },
  ])
  .describe('The table of keys, from left to right.');

export const quickStart = z
  .array(
    z.strictObject({
      tab: label.meta({ description: 'What its tab says.', examples: ['curl'] }),
      title: label.meta({ description: 'The heading above it.', examples: ['List agents'] }),
      code: fields.text(8000).meta({
        description: '{{origin}} and {{key}} stand for the page’s origin and a key.',
        examples: ['curl {{origin}}/v1/agents -H "X-API-Key: {{key}}"'],
      }),
    }),
  )
  .max(30)
  .default([])
  .describe('Examples of calls to copy.');

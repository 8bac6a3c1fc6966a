// How a product's keys are shown: labels, copy, columns and quick-start templates. Nothing here is decided by.
import { z } from 'zod';
import * as fields from '../../fields.ts';
import { copy, id, label } from './text.ts';

export const labels = z.strictObject({
  title: label.default('API keys').describe('Heading of the section.'),
  noun: label.default('API key').describe('What one of them is called.'),
  create: label.default('Create API key').describe('The button.'),
  statuses: z
    .strictObject({
      ACTIVE: label.default('Active'),
      DISABLED: label.default('Disabled'),
      EXPIRED: label.default('Expired'),
      REVOKED: label.default('Revoked'),
      DELETED: label.default('Deleted'),
    })
    .prefault({}),
  actions: z
    .record(fields.text(40), label)
    .default({})
    .describe('Key action, such as DISABLE → what its button says; the rest have names of their own.'),
  fields: z
    .record(fields.text(40), label)
    .default({})
    .describe('Field of a form, such as name → what it is called; the rest have names of their own.'),
  empty: copy.default('No keys yet. Create the first one.').describe('What a list without keys says.'),
});

/** Sentences around what can be done with a key. */
export const texts = z.strictObject({
  subtitle: copy.default('Keys let programs call the API.').describe('Below the heading.'),
  reveal: copy.default('Copy the key now. It is shown once and cannot be read again.').describe('Beside a new secret.'),
  disable: copy.default('Calls with this key are refused until it is enabled again.'),
  regenerate: copy.default('The key gets a new secret. Whatever uses the old one must be given the new one.'),
  revoke: copy.default('The key stops working at once. This cannot be undone.'),
  delete: copy.default('Whatever uses this key loses its access. This cannot be undone.'),
});

/** What a column of the table shows; `metadata.x` shows an entry of metadata. */
export const COLUMN_IDS = [
  'name',
  'description',
  'keyId',
  'preview',
  'type',
  'environment',
  'scopes',
  'permissions',
  'resources',
  'flags',
  'status',
  'enabled',
  'rateLimit',
  'requestCount',
  'lastUsedAt',
  'lastSeenAt',
  'lastRotatedAt',
  'createdAt',
  'createdBy',
  'expiresAt',
  'owner',
  'tags',
  'origins',
  'ipRanges',
  'actions',
] as const;

/** How a column shows it. */
export const COLUMN_FORMATS = [
  'text',
  'mono',
  'chips',
  'access',
  'status',
  'toggle',
  'limit',
  'count',
  'date',
  'relative',
  'actions',
] as const;

/** What a button can do, as `labels.actions` names it. */
export const LABELLED_ACTIONS = [
  'CREATE',
  'VIEW',
  'UPDATE',
  'CHANGE_SCOPES',
  'CHANGE_RESTRICTIONS',
  'CHANGE_EXPIRY',
  'DISABLE',
  'ENABLE',
  'REGENERATE',
  'RETIRE_PREVIOUS_SECRET',
  'REVOKE',
  'DELETE',
  'FORGET',
  'SEE_HISTORY',
  'SEE_USAGE',
] as const;

export const menu = z
  .array(fields.text(40))
  .max(LABELLED_ACTIONS.length)
  .nullable()
  .default(null)
  .describe('The actions that a list of keys offers; null: all that a key has. The others are left to the API.');

/** The fields of a form, as `labels.fields` names them. */
export const FIELD_IDS = [
  'name',
  'description',
  'type',
  'environment',
  'unrestricted',
  'scopes',
  'resources',
  'flags',
  'origins',
  'ipRanges',
  'rateLimit',
  'expiresAt',
  'owner',
  'tags',
  'metadata',
] as const;

export const columns = z
  .array(
    z.strictObject({
      id: id.describe(`One of ${COLUMN_IDS.join(', ')}, or metadata.x.`),
      label,
      format: id.describe(`One of ${COLUMN_FORMATS.join(', ')}.`),
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
  ]);

export const quickStart = z
  .array(
    z.strictObject({
      tab: label,
      title: label,
      code: fields.text(8000).describe('{{origin}} and {{key}} stand for the page’s origin and a key.'),
    }),
  )
  .max(30)
  .default([]);

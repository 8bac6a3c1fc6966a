// What a profile's settings of presentation may name: columns and their formats, actions, fields of a form. A profile's
// shape takes any text in their place, since what lies in the log is read through it: `named` tells editors alone.
import type { z } from 'zod';

/** Stands among names for each entry of metadata. */
export const METADATA_ENTRY = 'metadata.*';

/** Text that is to be one of `names`: JSON Schema of profiles says so, the check of a profile's source refuses others. */
export const named = <T extends z.ZodType<string>>(text: T, names: readonly string[]): T => text.meta({ names });

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

/** What is asked about before it is done. */
export const CONFIRMED_ACTIONS = ['DISABLE', 'REGENERATE', 'RETIRE_PREVIOUS_SECRET', 'REVOKE', 'DELETE'] as const;

/** What is told once it is done; SUCCESSOR: an edit made a new key in place of changing the one that there is. */
export const TOLD_ACTIONS = [
  'CREATE',
  'UPDATE',
  'CHANGE_SCOPES',
  'CHANGE_RESTRICTIONS',
  'CHANGE_EXPIRY',
  'SUCCESSOR',
  'DISABLE',
  'ENABLE',
  'REGENERATE',
  'RETIRE_PREVIOUS_SECRET',
  'REVOKE',
  'DELETE',
  'FORGET',
] as const;

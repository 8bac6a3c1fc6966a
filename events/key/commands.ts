// Commands on keys: what callers ask for, as zod schemas of their input; `decide` answers each with at most one event (E1).
// An omitted member is unchanged, `null` clears, a list replaces.
import { z } from 'zod';
import * as fields from '../fields.ts';
import { MAX_SOURCE } from '../keyspaces/source.ts';

/** What was rounded on its way here cannot be told from what was meant. */
const isExact = (number: number): boolean => !Number.isInteger(number) || Number.isSafeInteger(number);
const settableMetadata = fields.metadata.refine(
  (value) => fields.hasOnlyNumbers(isExact, value),
  `must hold no whole number beyond ±${Number.MAX_SAFE_INTEGER}: it would be rounded; write it as text`,
);

export const createKey = z.strictObject({
  workspaceId: fields.workspaceId,
  keyspace: fields.keyspaceSlug,
  name: fields.name,
  type: fields.keyType.nullish(),
  environment: fields.environment.nullish(),
  scopes: fields.scopes.nullish(),
  unrestricted: fields.unrestricted.nullish(),
  resources: fields.resources.nullish(),
  flags: fields.flags.nullish(),
  origins: fields.settableOrigins.nullish(),
  ipRanges: fields.ipRanges.nullish(),
  /** The window is the keyspace's; whoever names it must name that one. */
  rateLimit: fields.rateLimit.partial({ windowSeconds: true }).nullish(),
  expiresAt: fields.instant.nullish(),
  owner: z.strictObject({ id: fields.ownerId, email: fields.email.nullish() }).nullish(),
  description: fields.description.nullish(),
  tags: fields.tags.nullish(),
  metadata: settableMetadata.nullish(),
});

export const updateKey = createKey.pick({ description: true, owner: true, tags: true, metadata: true }).extend({
  name: fields.name.optional(),
});
export const changeScopes = createKey.pick({ scopes: true, unrestricted: true, resources: true, flags: true });
export const changeRestrictions = createKey.pick({ origins: true, ipRanges: true, rateLimit: true });
export const changeExpiry = z.strictObject({ expiresAt: fields.instant.nullable() });
const noted = z.strictObject({ note: fields.note.nullish() });
export const disableKey = noted;
export const enableKey = noted;
export const regenerateKey = z.strictObject({ overlapSeconds: z.int().min(0).max(691_200).nullish() });
export const retirePreviousSecret = z.strictObject({});
export const revokeKey = noted.extend({ reason: fields.text(80).nullish() });
export const deleteKey = noted;
export const forgetKey = z.strictObject({});
export const defineKeyspace = z.strictObject({
  source: fields.text(MAX_SOURCE),
  allowWidening: z.boolean().nullish(),
});
export const discardRecord = z.strictObject({ position: fields.recordPosition, reason: fields.discardReason });

/** Command name → schema of its input, without the members that every mutation has (id, commandId, ifVersion, waitFor). */
export const keyCommands = {
  createKey,
  updateKey,
  changeScopes,
  changeRestrictions,
  changeExpiry,
  disableKey,
  enableKey,
  regenerateKey,
  retirePreviousSecret,
  revokeKey,
  deleteKey,
  forgetKey,
  defineKeyspace,
  discardRecord,
} as const;

export type KeyCommandName = keyof typeof keyCommands;
export type KeyCommandInput<N extends KeyCommandName> = z.infer<(typeof keyCommands)[N]>;
export type KeyCommand<N extends KeyCommandName = KeyCommandName> = {
  [K in N]: { readonly name: K; readonly input: KeyCommandInput<K> };
}[N];

// The claim that says what a caller may see: `{ "workspaces": { "acme": "admin" }, "operator": false }`.
import { z } from 'zod';
import * as fields from '../../events/fields.ts';
import { ROLES, type Role } from '../../events/keyspaces/profile.ts';

const MAX_WORKSPACES = 1000;

/** A token without the claim is a caller without access; a claim of another shape is refused. */
export const accessClaim = z
  .object({
    workspaces: z
      .record(fields.workspaceId, z.enum(ROLES))
      .refine((workspaces) => Object.keys(workspaces).length <= MAX_WORKSPACES)
      .default({}),
    operator: z.boolean().default(false),
  })
  .prefault({});

/** What goes into the claim of a token. */
export interface AccessClaim {
  readonly workspaces: Readonly<Record<string, Role>>;
  readonly operator: boolean;
}

/** `sub`: becomes the actor's id, public in events for ever, so it is an opaque id and no e-mail address (E2). */
export const subject = fields
  .text(256)
  .min(1)
  .refine((sub) => !sub.includes('@'));
export const email = fields.email;

// Everything that can happen to a key: per event the public data, the personal and the private part, as zod schemas.
// A log cannot be amended: a change here is a new version of the event and an upcaster (events/upcast.ts).
import { z } from 'zod';
import * as fields from '../fields.ts';

/** The caller's circumstances, in the personal part of every event. */
const caller = { ip: fields.text(64).nullable(), userAgent: fields.text(512).nullable() };
const noted = z.strictObject({ ...caller, note: fields.note.nullable() });
const bare = z.strictObject(caller);

/** SHA-256 of the command's type and canonical input: private, since it would let a forgotten name be guessed. */
const fingerprint = { fingerprint: z.string().regex(/^[0-9a-f]{64}$/) };
const unhashed = z.strictObject(fingerprint);
const hashed = z.strictObject({
  ...fingerprint,
  scheme: z.literal('hmac-sha256'),
  pepperId: fields.text(64).min(1),
  hash: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

export const access = z.strictObject({
  scopes: fields.scopes,
  unrestricted: fields.unrestricted,
  resources: fields.resources,
  flags: fields.flags,
});
export const restrictions = z.strictObject({
  origins: fields.origins,
  ipRanges: fields.ipRanges,
  rateLimit: fields.rateLimit.nullable(),
});
const expiresAt = fields.instant.nullable();
const preview = fields.text(120);

const details = z.strictObject({
  ...caller,
  name: fields.name,
  description: fields.description.nullable(),
  email: fields.email.nullable(),
  tags: fields.tags,
  metadata: fields.metadata.nullable(),
});

/** Event name → its current version and the schemas of its parts. */
export const keyEvents = {
  KeyCreated: {
    version: 1,
    data: z.strictObject({
      keyspace: fields.keyspaceSlug,
      type: fields.keyType,
      environment: fields.environment.nullable(),
      ...access.shape,
      ...restrictions.shape,
      expiresAt,
      preview,
      predecessor: fields.keyId.nullable(),
      ownerId: fields.ownerId.nullable(),
    }),
    personal: details,
    private: hashed,
  },
  KeyDetailsChanged: {
    version: 1,
    data: z.strictObject({ ownerId: fields.ownerId.nullable() }),
    personal: details.partial().required({ ip: true, userAgent: true }),
    private: unhashed,
  },
  ScopesChanged: {
    version: 1,
    data: z.strictObject({ before: access, after: access }),
    personal: bare,
    private: unhashed,
  },
  RestrictionsChanged: {
    version: 1,
    data: z.strictObject({ before: restrictions, after: restrictions }),
    personal: bare,
    private: unhashed,
  },
  ExpiryChanged: {
    version: 1,
    data: z.strictObject({ before: expiresAt, after: expiresAt }),
    personal: bare,
    private: unhashed,
  },
  KeyDisabled: { version: 1, data: z.strictObject({}), personal: noted, private: unhashed },
  KeyEnabled: { version: 1, data: z.strictObject({}), personal: noted, private: unhashed },
  KeyRegenerated: {
    version: 1,
    data: z.strictObject({ preview, retiresAt: fields.instant }),
    personal: bare,
    private: hashed,
  },
  PreviousSecretRetired: { version: 1, data: z.strictObject({}), personal: bare, private: unhashed },
  KeyRevoked: {
    version: 1,
    data: z.strictObject({ reason: fields.text(80).nullable() }),
    personal: noted,
    private: unhashed,
  },
  KeyDeleted: {
    version: 1,
    data: z.strictObject({ destroyedDataKey: fields.text(80).nullable() }),
    personal: noted,
    private: unhashed,
  },
  KeyForgotten: {
    version: 1,
    data: z.strictObject({ destroyedDataKey: fields.text(80) }),
    personal: bare,
    private: unhashed,
  },
  RecordDiscarded: {
    version: 1,
    data: z.strictObject({ position: fields.recordPosition, reason: fields.discardReason }),
    personal: bare,
    private: unhashed,
  },
} as const;

// Facts about time (E6): records of the log that say that a moment has come. Without version and chain: no fold of state
// reads them, so they can neither win nor lose a head. The id follows from what they say; the first record of an id counts.
import { z } from 'zod';
import * as fields from '../fields.ts';

/** The most days before its expiry that a key is spoken of. */
export const MAX_REMINDER_DAYS = 365;
export const MS_PER_DAY = 86_400_000;

/** Fact name → its current version and the schema of its public data. Facts have no other part. */
export const keyFacts = {
  /** `days` before the key expires; which reminders there are is the profile's to say. */
  KeyExpiring: {
    version: 1,
    data: z.strictObject({
      keyspace: fields.keyspaceSlug,
      expiresAt: fields.instant,
      days: z.int().min(1).max(MAX_REMINDER_DAYS),
    }),
  },
  KeyExpired: {
    version: 1,
    data: z.strictObject({ keyspace: fields.keyspaceSlug, expiresAt: fields.instant }),
  },
} as const;

export type FactType = keyof typeof keyFacts;

export function isFactType(name: string): name is FactType {
  return Object.hasOwn(keyFacts, name);
}

export type FactData<T extends FactType = FactType> = { [K in T]: z.infer<(typeof keyFacts)[K]['data']> }[T];

/** The attributes of a fact, under their names on the wire; `time` is the moment that it speaks of, and part of the id. */
export const factAttributes = z.strictObject({
  /** `keyId@KeyExpired@2030-01-31T12:00:00.000Z`. */
  id: fields.text(120).min(1),
  source: z.literal('/keyfold'),
  type: z.string().regex(/^keyfold\.[A-Za-z]{1,40}\.v[1-9]\d{0,3}$/, 'must name a fact and its version'),
  subject: fields.keyId,
  time: fields.instant,
  dataschema: fields.text(120),
  workspaceid: fields.workspaceId,
});

export type FactAttributes = z.infer<typeof factAttributes>;

/** A fact as the log has it. */
export interface RecordedFact<T extends FactType = FactType> {
  readonly type: T;
  readonly attributes: FactAttributes;
  readonly data: FactData<T>;
}

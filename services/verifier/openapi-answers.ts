// What the verifier answers, as schemas: for the OpenAPI document. Tests hold real answers against them.
import { z } from 'zod';
import { CODES } from './verify.ts';

const time = z.string().meta({ format: 'date-time', description: 'UTC, milliseconds' });
const requestId = z.string().meta({ description: 'the id of the check: the one that was sent, else a new one' });
const message = z.string();

/** Codes of {@link verifyAnswer}, in the order in which they are tried. */
export const ANSWER_CODES = ['MALFORMED', 'NOT_FOUND', ...CODES] as const;

export const verifyAnswer = z
  .looseObject({
    valid: z.boolean().meta({ description: 'whether the code is VALID' }),
    code: z.enum(ANSWER_CODES).meta({ description: 'the first that applies, in this order' }),
    keyId: z.string().nullable(),
    workspaceId: z.string().nullable(),
    keyspace: z.string().nullable(),
    keyspaceVersion: z.number().nullable(),
    type: z.string().nullable(),
    environment: z.string().nullable(),
    scopes: z.array(z.string()),
    unrestricted: z.boolean(),
    resources: z.looseObject({ all: z.boolean(), ids: z.array(z.string()) }),
    flags: z.array(z.string()),
    owner: z.string().nullable().meta({ description: 'an opaque id' }),
    expiresAt: time.nullable(),
    rateLimit: z
      .looseObject({
        limit: z.number(),
        remaining: z.number().meta({ description: 'tokens left in the window' }),
        resetAt: time.meta({ description: 'from when on there are more; of RATE_LIMITED: when the same check passes' }),
        degraded: z.boolean().meta({ description: "counted by this verifier's own share: the store is away" }),
      })
      .nullable()
      .meta({ description: 'of VALID and RATE_LIMITED, for a key with a rate limit' }),
    version: z.number().nullable().meta({ description: 'how many events the key has had' }),
    asOf: time.meta({ description: 'everything acknowledged before this moment is taken into account' }),
    requestId,
    name: z.string().nullable().optional().meta({ description: 'if it was asked for by include' }),
    metadata: z.unknown().optional().meta({ description: 'if it was asked for by include' }),
  })
  .meta({
    id: 'Answer',
    description: 'The verdict. Of MALFORMED and NOT_FOUND all that would tell of a key is null, false or empty.',
  });

export const staleAnswer = z
  .looseObject({ valid: z.literal(false), code: z.literal('STALE'), message, requestId })
  .meta({ id: 'StaleAnswer', description: 'Nothing can be proven now, or the position was not reached in time.' });

export const batchAnswer = z
  .array(z.union([verifyAnswer, staleAnswer]))
  .min(1)
  .max(100);

export const originAnswer = z.looseObject({ allowed: z.boolean(), asOf: time, requestId }).meta({ id: 'OriginAnswer' });

export const refusal = z.looseObject({ code: z.string(), message, requestId }).meta({ id: 'Refusal' });

export const inputRefusal = z
  .looseObject({
    code: z.literal('INVALID_INPUT'),
    message,
    path: z.array(z.string()).meta({ description: 'members and indexes that lead to what is wrong; empty: all of it' }),
    requestId,
  })
  .meta({ id: 'InputRefusal' });

export const passed = z.looseObject({ code: z.literal('VALID'), requestId }).meta({ id: 'Passed' });

export const health = z.looseObject({ status: z.literal('ok') });

export const readiness = z
  .looseObject({ status: z.enum(['ready', 'degraded', 'unready']), reasons: z.array(z.string()) })
  .meta({ id: 'Readiness' });

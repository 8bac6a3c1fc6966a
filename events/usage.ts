// Usage: what verifiers have decided, as it lies in `keyfold.usage`: a record is one batch of one verifier, its key that
// verifier's id, so that all of them lie in one partition, in order (P6). Counts are complete; requests may be a sample.
import { z } from 'zod';
import * as fields from './fields.ts';
import { REFUSED_OUTCOMES } from './keyspaces/profile/access.ts';

/** Outcomes that are known of a key; `NOT_FOUND` is one whose key was deleted or whose secret retired. */
const code = z.enum([...REFUSED_OUTCOMES, 'VALID']);
/** Which of the key's secrets was shown. */
const secret = z.enum(['CURRENT', 'PREVIOUS', 'RETIRED']);
const time = z.iso.datetime({ precision: 3 });
const version = z.int().positive();

/** Checks of one key, in one hour, that came to the same and were made with the same secret. */
export const usageCount = z.object({
  keyId: fields.keyId,
  workspaceId: fields.workspaceId,
  /** The beginning of the hour in which they were decided, UTC. */
  hour: time,
  code,
  secret,
  count: z.int().positive(),
  /** The first of them; absent: taken to be the last. */
  firstAt: time.optional(),
  /** The last of them. */
  lastAt: time,
  /** The key's version that they were decided on: tells whose secret was the current one. Absent: told by time. */
  keyVersion: version.optional(),
  /** The key's; absent: these checks are in no workspace's usage that hides a keyspace from its reader. */
  keyspace: z.string().max(64).optional(),
});

/** One check, with what is needed to decide it again: it was judged at `time` on exactly fold(log[0 … position]). */
export const loggedRequest = z.object({
  requestId: z.string().max(64),
  time,
  keyId: fields.keyId,
  workspaceId: fields.workspaceId,
  keyspace: z.string().max(64),
  code,
  secret,
  /** Of a retired secret: what its keyspace shows of it, which tells it from the key's others. Absent: not told. */
  preview: fields.text(120).optional(),
  method: fields.text(32).nullable(),
  /** Without its query. */
  path: fields.text(8192).nullable(),
  origin: fields.text(2048).nullable(),
  ip: z.string().max(64).nullable(),
  userAgent: fields.text(2048).nullable(),
  /** What was asked for: absent members were not. */
  asked: z.object({
    keyspace: z.string().optional(),
    scopes: z.array(z.string()).optional(),
    permission: z.string().optional(),
    resource: z.object({ type: z.string(), id: z.string() }).optional(),
    flags: z.array(z.string()).optional(),
    environment: z.string().optional(),
    cost: z.int().optional(),
  }),
  keyVersion: version,
  /** Of the profile that was in force. */
  keyspaceVersion: version.nullable(),
  /** A position token: what the view had folded. */
  position: z.string(),
});

export const usageBatch = z.object({
  /** Random per process start. */
  verifier: z.string().min(1).max(100),
  /** 1, 2, 3, … of that verifier. */
  sequence: version,
  counts: z.array(usageCount),
  requests: z.array(loggedRequest),
});

export type UsageCount = z.infer<typeof usageCount>;
export type LoggedRequest = z.infer<typeof loggedRequest>;
export type UsageBatch = z.infer<typeof usageBatch>;

/** The id of a batch's request: the same however often the batch is sent. @param index within the batch, from 0. */
export const loggedRequestId = ({ verifier, sequence }: UsageBatch, index: number): string =>
  `${verifier}.${sequence}.${index}`;

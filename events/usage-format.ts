// Usage batches as verifiers write them, format 2: what repeats lies in tables, once, and a check is a row of places in
// them. Read, it is the batch that events/usage.ts describes. Format 1, that batch as it is, is read as well.
import { z } from 'zod';
import * as fields from './fields.ts';
import { problemOf } from './problem.ts';
import {
  loggedRequest,
  usageBatch,
  usageCount,
  type LoggedRequest,
  type UsageBatch,
  type UsageCount,
} from './usage.ts';

export const USAGE_FORMAT = 2;

const place = z.int().nonnegative();
const placeOrNone = place.nullable();
/** Milliseconds after `since`, or before. */
const moment = z.int();
const { shape: count } = usageCount;
const { shape: request } = loggedRequest;

/** Checks that came to the same, of one key in one hour. */
const countRow = z.tuple([
  fields.keyId,
  /** In `workspaces`. */
  place,
  /** In `keyspaces`. */
  place,
  /** The key's version. */
  request.keyVersion,
  /** The profile's version. */
  request.keyspaceVersion,
  count.code,
  count.secret,
  /** In hours since the epoch. */
  z.int(),
  /** 0: another batch counts them, and this row is only here for the requests that name it. */
  z.int().nonnegative(),
  /** The first and the last of them. */
  moment,
  moment,
]);

/** A check of the request log. */
const requestRow = z.tuple([
  request.requestId,
  moment,
  /** In `counts`: whose it was and what it came to. */
  place,
  /** In `methods`, `paths`, `origins`, `ips` and `agents`. */
  placeOrNone,
  placeOrNone,
  placeOrNone,
  placeOrNone,
  placeOrNone,
  /** In `asked` and `positions`. */
  place,
  place,
  /** The preview. */
  request.preview,
]);

const compactBatch = z.object({
  verifier: usageBatch.shape.verifier,
  sequence: usageBatch.shape.sequence,
  format: z.literal(USAGE_FORMAT),
  /** Epoch milliseconds that all times but hours are counted from. */
  since: z.int(),
  workspaces: z.array(fields.workspaceId),
  keyspaces: z.array(request.keyspace),
  methods: z.array(request.method.unwrap()),
  paths: z.array(request.path.unwrap()),
  origins: z.array(request.origin.unwrap()),
  ips: z.array(request.ip.unwrap()),
  agents: z.array(request.userAgent.unwrap()),
  asked: z.array(request.asked),
  positions: z.array(request.position),
  counts: z.array(countRow),
  requests: z.array(requestRow),
});

export type CompactBatch = z.infer<typeof compactBatch>;

const HOUR_MS = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();

/** @throws RangeError: a row names what no table has. */
function at<T>(table: readonly T[], index: number): T {
  const found = table[index];
  if (found === undefined) throw new RangeError(`there is no place ${index} in a table of ${table.length}`);
  return found;
}

function expand(batch: CompactBatch): UsageBatch {
  const { verifier, sequence, since } = batch;
  const orNull = (table: readonly string[], index: number | null): string | null =>
    index === null ? null : at(table, index);
  const rows = batch.counts.map((row) => ({
    keyId: row[0],
    workspaceId: at(batch.workspaces, row[1]),
    keyspace: at(batch.keyspaces, row[2]),
    keyVersion: row[3],
    code: row[5],
    secret: row[6],
  }));
  const counts = batch.counts.flatMap((row, index): UsageCount[] => {
    if (row[8] === 0) return [];
    const times = { hour: iso(row[7] * HOUR_MS), firstAt: iso(since + row[9]), lastAt: iso(since + row[10]) };
    return [{ ...at(rows, index), ...times, count: row[8] }];
  });
  const requests = batch.requests.map((row): LoggedRequest => {
    const { keyId, workspaceId, keyspace, keyVersion, code, secret } = at(rows, row[2]);
    return {
      requestId: row[0],
      time: iso(since + row[1]),
      keyId,
      workspaceId,
      keyspace,
      code,
      secret,
      ...(row[10] === undefined ? {} : { preview: row[10] }),
      method: orNull(batch.methods, row[3]),
      path: orNull(batch.paths, row[4]),
      origin: orNull(batch.origins, row[5]),
      ip: orNull(batch.ips, row[6]),
      userAgent: orNull(batch.agents, row[7]),
      asked: at(batch.asked, row[8]),
      keyVersion,
      keyspaceVersion: at(batch.counts, row[2])[4],
      position: at(batch.positions, row[9]),
    };
  });
  return { verifier, sequence, counts, requests };
}

export type ReadUsage = { readonly batch: UsageBatch } | { readonly reason: string };

const decoder = new TextDecoder('utf-8', { fatal: true });

/** `undefined`: it is no JSON in UTF-8. */
function parse(value: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(value));
  } catch {
    return undefined;
  }
}

const formatOf = (parsed: unknown): unknown =>
  typeof parsed === 'object' && parsed !== null && 'format' in parsed ? parsed.format : 1;

const invalid = (error: z.ZodError): ReadUsage => {
  const { path, message } = problemOf(error);
  return { reason: `${path.join('.')} ${message}` };
};

/** Reads a record of `keyfold.usage`, of any format that there ever was. */
export function readUsageBatch(value: Uint8Array): ReadUsage {
  const parsed = parse(value);
  if (parsed === undefined) return { reason: 'not JSON' };
  switch (formatOf(parsed)) {
    case 1: {
      const read = usageBatch.safeParse(parsed);
      return read.success ? { batch: read.data } : invalid(read.error);
    }
    case USAGE_FORMAT: {
      const read = compactBatch.safeParse(parsed);
      if (!read.success) return invalid(read.error);
      try {
        return { batch: expand(read.data) };
      } catch (error) {
        if (error instanceof RangeError) return { reason: error.message };
        throw error;
      }
    }
    default:
      return { reason: `its format is not 1 or ${USAGE_FORMAT}: a later build wrote it, upgrade this one first` };
  }
}

/** The same batch without the checks of the request log, and how many these were; `null`: it is none. */
export function withoutRequests(value: Uint8Array): { readonly value: Uint8Array; readonly left: number } | null {
  const parsed = parse(value);
  const read = formatOf(parsed) === USAGE_FORMAT ? compactBatch.safeParse(parsed) : usageBatch.safeParse(parsed);
  if (!read.success) return null;
  const { data } = read;
  const { requests } = data;
  const rest =
    'format' in data
      ? {
          ...{ ...data, counts: data.counts.filter((row) => row[8] > 0), requests: [] },
          ...{ methods: [], paths: [], origins: [], ips: [], agents: [], asked: [], positions: [] },
        }
      : { ...data, requests: [] };
  return { value: Buffer.from(JSON.stringify(rest)), left: requests.length };
}

// Usage by hand: decisions as a verifier would have made them, the batches that it would send, and waiting until all that
// was sent is counted.
import { vi } from 'vitest';
import type { EventLog, LogBatch, LogRecord, NewRecord } from '../../events/log.ts';
import { covers } from '../../events/position.ts';
import type { LoggedRequest, UsageBatch, UsageCount } from '../../events/usage.ts';
import type { ReadStore } from '../../projections/read-store.ts';
import { usagePosition, type CheckCode, type SecretUsed } from '../../projections/usage.ts';

/** One check, as it was decided. */
export interface Decision {
  readonly keyId: string;
  readonly time: string;
  readonly workspaceId?: string;
  readonly keyspace?: string;
  readonly code?: CheckCode;
  readonly secret?: SecretUsed;
  readonly keyVersion?: number;
  /** Of its entry in the request log; `null`: it has none. */
  readonly request?: Partial<LoggedRequest> | null;
}

/** What is counted of decisions, as a verifier adds them up. */
export function countsOf(decisions: readonly Decision[]): readonly UsageCount[] {
  const counts = new Map<string, UsageCount>();
  for (const decision of decisions) {
    const { keyId, time, workspaceId = 'acme', keyspace = 'default' } = decision;
    const { code = 'VALID', secret = 'CURRENT', keyVersion = 1 } = decision;
    const hour = `${time.slice(0, 13)}:00:00.000Z`;
    const id = [keyId, hour, code, secret, keyVersion].join(' ');
    const before = counts.get(id);
    counts.set(id, {
      ...{ keyId, workspaceId, keyspace, keyVersion, hour, code, secret },
      count: (before?.count ?? 0) + 1,
      firstAt: before?.firstAt !== undefined && before.firstAt < time ? before.firstAt : time,
      lastAt: before && before.lastAt > time ? before.lastAt : time,
    });
  }
  return [...counts.values()];
}

export function requestOf({ keyId, time, workspaceId, keyspace, ...rest }: Decision, number = 0): LoggedRequest {
  const { code = 'VALID', secret = 'CURRENT', keyVersion = 1, request } = rest;
  return {
    requestId: `r-${number}`,
    time,
    keyId,
    workspaceId: workspaceId ?? 'acme',
    keyspace: keyspace ?? 'default',
    code,
    secret,
    method: 'GET',
    path: '/orders',
    origin: null,
    ip: '192.0.2.1',
    userAgent: 'curl',
    asked: {},
    keyVersion,
    keyspaceVersion: 1,
    position: 'p1_0-1',
    ...request,
  };
}

export const batchOf = (verifier: string, sequence: number, decisions: readonly Decision[]): UsageBatch => ({
  verifier,
  sequence,
  counts: [...countsOf(decisions)],
  requests: decisions.filter(({ request }) => request !== null).map(requestOf),
});

export const usageRecord = (batch: UsageBatch): NewRecord => ({
  key: batch.verifier,
  value: Buffer.from(JSON.stringify(batch)),
  headers: {},
});

/** Batches as they lie in a partition, from an offset on. */
export function partitionOf(batches: readonly UsageBatch[], partition = 0, from = 0): LogBatch {
  const records = batches.map((batch, index): LogRecord => ({
    ...usageRecord(batch),
    partition,
    offset: from + index,
  }));
  return { partition, records, next: from + records.length };
}

/** Whether all that is in the usage log now is counted, and shown by the rows of keys. */
export async function usageReached(usage: EventLog, store: ReadStore, ms = 60_000): Promise<void> {
  const end = await usage.end();
  await vi.waitFor(
    async () => {
      if (!covers(usagePosition(await store.usage.checkpoints()), end)) throw new Error('usage is not counted yet');
    },
    { timeout: ms, interval: 10 },
  );
}

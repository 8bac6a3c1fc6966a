// Usage in memory, scripted: `apply` goes step by step without a transaction, each counter under its own guard, as on a
// server that has none; a test may crash or freeze it before any step.
import type { KeyRow } from '../../projections/rows.ts';
import type { KeyRecord } from '../../projections/stores/key-record.ts';
import { damagedRow } from '../../projections/stores/stored-json.ts';
import { bucketStart, usageReads } from '../../projections/stores/usage-reads.ts';
import {
  counterHead,
  fromStoredRequest,
  furtherUsage,
  keysOf,
  totalId,
  toRequestRecord,
  toTotal,
  type RequestRecord,
  type StoredCounter,
  type UsageStep,
} from '../../projections/stores/usage-record.ts';
import { withoutCaller } from '../../projections/stores/usage-erasure.ts';
import { addTallies, tallyOf, type UsageCheckpoint, type UsageStore, type UsageSum } from '../../projections/usage.ts';
import { memoryTable } from './memory-table.ts';

export interface MemoryUsageData {
  readonly checkpoints: Map<number, UsageCheckpoint>;
  readonly counters: Map<string, StoredCounter & { readonly sources: ReadonlyMap<number, number> }>;
  readonly requests: Map<string, RequestRecord>;
  /** Key id → up to when its callers are erased. */
  readonly erasures: Map<string, string>;
}

export const emptyUsage = (): MemoryUsageData => ({
  checkpoints: new Map(),
  counters: new Map(),
  requests: new Map(),
  erasures: new Map(),
});

export interface MemoryUsageOptions {
  readonly data: MemoryUsageData;
  readonly call: (name: string) => Promise<void>;
  /** Called before each document is written. */
  readonly step: (step: UsageStep) => Promise<void>;
  /** The keys of every generation that is live or building. */
  readonly keyTables: () => readonly Map<string, KeyRecord>[];
}

/** `of`: what a new row is made with (P6). */
export function memoryUsage({
  data,
  call,
  step,
  keyTables,
}: MemoryUsageOptions): UsageStore & { readonly of: (row: KeyRow) => KeyRow['usage'] } {
  const counters = memoryTable(() => data.counters.values());
  const reads = usageReads({
    counters,
    requests: memoryTable(() => data.requests.values()),
    async sums(condition, startLength) {
      const sums = new Map<string, UsageSum>();
      for (const { hour, code, secret, count } of await counters.find(condition, {
        columns: ['id'],
        descending: false,
      })) {
        const start = bucketStart((hour ?? '').slice(0, startLength));
        const id = `${start} ${code} ${secret}`;
        const sum = { start, code, secret, count: count + (sums.get(id)?.count ?? 0) };
        sums.set(id, sum as UsageSum);
      }
      return [...sums.values()];
    },
    erasures: () => Promise.resolve(data.erasures),
    damaged: damagedRow,
  });

  return {
    of: ({ state, usage }) => {
      const total = data.counters.get(totalId(state.keyId));
      return furtherUsage(usage, total && toTotal(total));
    },
    totals: (...args) => reads.totals(...args),
    secretUses: (...args) => call('usage.secretUses').then(() => reads.secretUses(...args)),
    sums: (...args) => call('usage.sums').then(() => reads.sums(...args)),
    listRequests: (...args) => call('usage.listRequests').then(() => reads.listRequests(...args)),
    countRequests: (...args) => call('usage.countRequests').then(() => reads.countRequests(...args)),
    requests: (...args) => call('usage.requests').then(() => reads.requests(...args)),
    async checkpoints() {
      await call('usage.checkpoints');
      return new Map(data.checkpoints);
    },
    async apply({ partition, checkpoint, counters: writes, requests }) {
      await call('usage.apply');
      for (const row of requests) {
        await step('requests');
        if (!data.requests.has(row.id))
          data.requests.set(row.id, toRequestRecord(withoutCaller(structuredClone(row), data.erasures)));
      }
      for (const write of writes) {
        await step('counters');
        const head = counterHead(write);
        const before = data.counters.get(head.id);
        const source = before?.sources.get(partition) ?? 0;
        const steps = write.steps.filter(({ offset }) => offset >= source);
        const last = steps.at(-1);
        if (!last) continue;
        const tally = before ? addTallies(before, tallyOf(steps)) : tallyOf(steps);
        const sources = new Map([...(before?.sources ?? []), [partition, last.offset + 1]]);
        data.counters.set(head.id, { ...head, ...tally, sources });
      }
      const keyIds = keysOf(writes);
      for (const [keyId, usage] of await reads.totals(keyIds)) {
        await step('copied');
        for (const keys of keyTables()) raise(keys, keyId, usage);
      }
      await step('checkpoint');
      if ((data.checkpoints.get(partition)?.offset ?? 0) < checkpoint.offset)
        data.checkpoints.set(partition, checkpoint);
      return 'applied';
    },
    async erase(keyId, until) {
      await call('usage.erase');
      if ((data.erasures.get(keyId) ?? '') < until) data.erasures.set(keyId, until);
      for (const [id, stored] of data.requests)
        data.requests.set(id, toRequestRecord(withoutCaller(fromStoredRequest(stored, damagedRow), data.erasures)));
    },
    async sweep(now) {
      await call('usage.sweep');
      let swept = 0;
      for (const table of [data.requests, data.counters]) {
        for (const [id, { expiresAt }] of table) {
          if (expiresAt !== null && expiresAt <= now) swept += table.delete(id) ? 1 : 0;
        }
      }
      return swept;
    },
  };
}

function raise(keys: Map<string, KeyRecord>, keyId: string, usage: KeyRow['usage']): void {
  const record = keys.get(keyId);
  if (!record) return;
  const { lastUsedAt, lastSeenAt, requestCount } = record;
  keys.set(keyId, { ...record, ...furtherUsage({ lastUsedAt, lastSeenAt, requestCount }, usage) });
}

// Usage as it is stored: the columns that look-ups and lists go by, once for all stores.
import type { Writes } from '../read-store.ts';
import type { KeyRow } from '../rows.ts';
import {
  counterId,
  tallyOf,
  type CounterOf,
  type CounterWrite,
  type RequestRow,
  type SecretUse,
  type SecretUsed,
  type Tally,
  type UsageCheckpoint,
  type UsageStore,
  type VerifierMark,
} from '../usage.ts';
import { readStored, type Damaged } from './stored-json.ts';

/** The steps of a batch, in their order; tests crash between them. */
export type UsageStep = 'requests' | 'counters' | 'copied' | 'checkpoint';

/** What a counter is of: written when it is made. */
export interface CounterHead {
  readonly id: string;
  readonly kind: CounterOf['kind'];
  readonly scope: string;
  readonly hour: string | null;
  readonly keyVersion: number | null;
  readonly code: string | null;
  readonly secret: string | null;
  readonly expiresAt: string | null;
}

export type StoredCounter = CounterHead & Tally;

export const HEAD_COLUMNS = ['id', 'kind', 'scope', 'hour', 'keyVersion', 'code', 'secret', 'expiresAt'] as const;
export const TALLY_COLUMNS = ['count', 'firstUsedAt', 'lastUsedAt', 'lastSeenAt'] as const;
export const COUNTER_COLUMNS = [...HEAD_COLUMNS, ...TALLY_COLUMNS] as const;

export function counterHead({ of, expiresAt }: CounterWrite): CounterHead {
  return {
    id: counterId(of),
    kind: of.kind,
    scope: of.scope,
    hour: of.kind === 'HOUR' ? of.hour : null,
    keyVersion: of.kind === 'SECRET' ? of.keyVersion : null,
    code: of.kind === 'HOUR' ? of.code : null,
    secret: of.kind === 'TOTAL' ? null : of.secret,
    expiresAt,
  };
}

export const toStoredCounter = (write: CounterWrite): StoredCounter => ({
  ...counterHead(write),
  ...tallyOf(write.steps),
});

/** The keys that writes are about. */
export const keysOf = (counters: readonly CounterWrite[]): readonly string[] =>
  counters.flatMap(({ of }) => (of.kind === 'TOTAL' ? [of.scope] : []));

export const totalId = (keyId: string): string => counterId({ kind: 'TOTAL', scope: keyId });

export const toTotal = ({ lastUsedAt, lastSeenAt, count }: Tally): KeyRow['usage'] => ({
  lastUsedAt,
  lastSeenAt,
  requestCount: count,
});

/** A row's usage and what is counted of the key: the further of each. */
export function furtherUsage(a: KeyRow['usage'], b: KeyRow['usage'] | undefined): KeyRow['usage'] {
  if (!b) return a;
  const last = (x: string | null, y: string | null) => ((x ?? '') > (y ?? '') ? x : y);
  return {
    lastUsedAt: last(a.lastUsedAt, b.lastUsedAt),
    lastSeenAt: last(a.lastSeenAt, b.lastSeenAt),
    requestCount: Math.max(a.requestCount, b.requestCount),
  };
}

/** The writes of keys, new rows with what is counted of them: a generation that is made anew has it from the start (P6). */
export async function withUsage(usage: Pick<UsageStore, 'totals'>, keys: Writes['keys']): Promise<Writes['keys']> {
  const totals = await usage.totals(keys.flatMap(({ from, row }) => (from === 0 ? [row.state.keyId] : [])));
  if (totals.size === 0) return keys;
  return keys.map(({ from, row }) => ({
    from,
    row: { ...row, usage: furtherUsage(row.usage, totals.get(row.state.keyId)) },
  }));
}

export const toSecretUse = ({ keyVersion, secret, count, firstUsedAt, lastUsedAt, lastSeenAt }: StoredCounter) =>
  ({
    keyVersion: keyVersion ?? 0,
    secret: (secret ?? 'CURRENT') as SecretUsed,
    ...{ count, firstUsedAt, lastUsedAt, lastSeenAt },
  }) satisfies SecretUse;

export interface StoredRequest {
  /** JSON of the whole row. */
  readonly row: string;
}

export interface RequestRecord extends StoredRequest {
  readonly id: string;
  readonly workspaceId: string;
  readonly keyId: string;
  readonly keyspace: string;
  readonly requestId: string;
  readonly time: string;
  readonly code: string;
  readonly secret: string;
  readonly ip: string | null;
  /** The beginning of it: what can be asked for. */
  readonly path: string | null;
  readonly expiresAt: string;
}

export const REQUEST_COLUMNS = [
  ...['id', 'workspaceId', 'keyId', 'keyspace', 'requestId', 'time', 'code', 'secret', 'ip', 'path'],
  ...['expiresAt', 'row'],
] as readonly (keyof RequestRecord)[];

/** Longer than what a filter may ask for, so that a character cut in two is never met. */
const PATH_KEPT = 512;

export function toRequestRecord(row: RequestRow): RequestRecord {
  const { id, workspaceId, keyId, keyspace, requestId, time, code, secret, ip, expiresAt } = row;
  const path = row.path === null ? null : row.path.slice(0, PATH_KEPT).toWellFormed();
  return {
    ...{ id, workspaceId, keyId, keyspace, requestId, time, code, secret, ip, path, expiresAt },
    row: JSON.stringify(row),
  };
}

export const fromStoredRequest = ({ row }: StoredRequest, damaged: Damaged): RequestRow =>
  readStored<RequestRow>(row, ['id', 'keyId', 'time', 'asked'], 'requests', damaged);

export interface StoredCheckpoint {
  readonly partition: number;
  readonly offset: number;
  /** JSON: verifier id → sequence and time. */
  readonly verifiers: string;
}

export const toVerifiersText = ({ verifiers }: UsageCheckpoint): string =>
  JSON.stringify({ verifiers: [...verifiers] });

export function fromStoredCheckpoint({ offset, verifiers }: StoredCheckpoint, damaged: Damaged): UsageCheckpoint {
  const read = readStored<{ verifiers: readonly (readonly [string, VerifierMark])[] }>(
    verifiers,
    ['verifiers'],
    'usage checkpoints',
    damaged,
  );
  return { offset, verifiers: new Map(read.verifiers) };
}

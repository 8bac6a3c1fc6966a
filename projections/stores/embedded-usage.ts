// Usage in the embedded store: a file of its own, counts.db, on disk before it is acknowledged, since no log gives it back.
// Records, counters and the checkpoint are one transaction; what keys are listed by is copied to their rows after it, and
// what was not copied yet is remembered, so that a crash in between is mended by the next batch (P6).
import type { Statements } from '../../events/logs/sqlite.ts';
import { inTurns } from '../in-turns.ts';
import { addTallies, type CounterWrite, type UsageStore, type UsageSum, type UsageWrites } from '../usage.ts';
import { sqlTable, toSql } from './embedded-conditions.ts';
import type { EmbeddedFile } from './embedded-errors.ts';
import { insertRows } from './embedded-rows.ts';
import { tableNames } from './embedded-schema.ts';
import { embeddedErasures, ERASURES_SCHEMA, readErasures } from './embedded-usage-erasure.ts';
import { withoutCaller } from './usage-erasure.ts';
import { bucketStart, usageReads } from './usage-reads.ts';
import {
  COUNTER_COLUMNS,
  fromStoredCheckpoint,
  keysOf,
  REQUEST_COLUMNS,
  toRequestRecord,
  toStoredCounter,
  toVerifiersText,
  type StoredCheckpoint,
  type StoredCounter,
  type StoredRequest,
  type UsageStep,
} from './usage-record.ts';

/** What most requests are: they are found by their time, and an index for the others alone costs next to nothing. */
const USUAL = { code: 'VALID', secret: 'CURRENT' };
const unlike = (column: keyof typeof USUAL): string => `WHERE ${column} <> '${USUAL[column]}'`;

/** Few and short: each one more costs as much as the row. Requests of one millisecond are put in order when they are read. */
const REQUEST_INDEXES = {
  workspace: '(workspaceId, time)',
  key: '(keyId, time)',
  expiry: '(expiresAt)',
  requestId: '(requestId)',
  ip: '(workspaceId, ip, time)',
  path: '(workspaceId, path)',
  code: `(workspaceId, code, time) ${unlike('code')}`,
  secret: `(workspaceId, secret, time) ${unlike('secret')}`,
};
/** Of earlier builds. */
const FORMER_INDEXES = Array.from({ length: 9 }, (_, number) => `requests_${number}`);

export const USAGE_SCHEMA = `
  CREATE TABLE IF NOT EXISTS checkpoints (
    partition INTEGER PRIMARY KEY, "offset" INTEGER NOT NULL, verifiers TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS counters (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, scope TEXT NOT NULL, hour TEXT, keyVersion INTEGER, code TEXT, secret TEXT,
    expiresAt TEXT, count INTEGER NOT NULL, firstUsedAt TEXT, lastUsedAt TEXT, lastSeenAt TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS counters_hour ON counters (scope, hour) WHERE kind = 'HOUR';
  CREATE INDEX IF NOT EXISTS counters_secret ON counters (scope, keyVersion) WHERE kind = 'SECRET';
  CREATE INDEX IF NOT EXISTS counters_expiresAt ON counters (expiresAt) WHERE expiresAt IS NOT NULL;
  CREATE TABLE IF NOT EXISTS uncopied (keyId TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS requests (
    id TEXT PRIMARY KEY, workspaceId TEXT NOT NULL, keyId TEXT NOT NULL, keyspace TEXT NOT NULL, requestId TEXT NOT NULL,
    time TEXT NOT NULL, code TEXT NOT NULL, secret TEXT NOT NULL, ip TEXT, path TEXT, expiresAt TEXT NOT NULL,
    row TEXT NOT NULL
  ) STRICT;
  ${FORMER_INDEXES.map((name) => `DROP INDEX IF EXISTS ${name}`).join(';\n  ')};
  ${Object.entries(REQUEST_INDEXES)
    .map(([name, columns]) => `CREATE INDEX IF NOT EXISTS requests_by_${name} ON requests ${columns}`)
    .join(';\n  ')};
  ${ERASURES_SCHEMA}
`;

/** Rows that one sweep removes of each table at most: others are served in between. */
const SWEPT_AT_ONCE = 500;
/** Rows that are made ready in one go, a millisecond: checks are answered in between. */
const REQUESTS_AT_ONCE = 128;
const COUNTERS_AT_ONCE = 500;

const insertRequests = insertRows('requests', REQUEST_COLUMNS, 'DO NOTHING');
/** Never null beside a text: SQLite's min and max of a null are null. */
const further = (column: string, choose: 'min' | 'max') =>
  `${column} = coalesce(${choose}(${column}, excluded.${column}), ${column}, excluded.${column})`;
const addCounters = insertRows(
  'counters',
  COUNTER_COLUMNS,
  `(id) DO UPDATE SET count = count + excluded.count, ${further('firstUsedAt', 'min')}, ${further('lastUsedAt', 'max')},
    ${further('lastSeenAt', 'max')}`,
);

export interface EmbeddedUsageOptions {
  /** counts.db. */
  readonly counts: EmbeddedFile;
  /** read.db. */
  readonly db: EmbeddedFile;
  readonly afterStep?: (step: UsageStep) => void;
}

export function embeddedUsage({ counts, db, afterStep = () => undefined }: EmbeddedUsageOptions): UsageStore {
  const reads = usageReads({
    counters: sqlTable<StoredCounter>(counts, 'counters', COUNTER_COLUMNS),
    requests: sqlTable<StoredRequest>(counts, 'requests', ['row'], { usual: USUAL }),
    sums: async (condition, startLength) => {
      const { sql, params } = toSql(condition);
      const found = await counts.all<UsageSum>(
        `SELECT substr(hour, 1, ${startLength}) AS start, code, secret, sum(count) AS count FROM counters
          WHERE ${sql} GROUP BY 1, 2, 3`,
        params,
      );
      return found.map((sum) => ({ ...sum, start: bucketStart(sum.start) }));
    },
    erasures: (keyIds) => readErasures(counts, keyIds),
    damaged: counts.damaged,
  });
  const erasures = embeddedErasures(counts);

  /** Answers whether the checkpoint is still the one that the writes were folded onto. */
  async function write(tx: Statements, { partition, from, checkpoint, counters, requests }: UsageWrites) {
    const stored = await tx.get<{ offset: number }>('SELECT "offset" FROM checkpoints WHERE partition = ?', [
      partition,
    ]);
    if ((stored?.offset ?? 0) !== from) return false;
    const erased = await readErasures(tx, [...new Set(requests.map(({ keyId }) => keyId))]);
    for (let start = 0; start < requests.length; start += REQUESTS_AT_ONCE) {
      const some = requests.slice(start, start + REQUESTS_AT_ONCE);
      await insertRequests(
        tx,
        some.map((row) => toRequestRecord(withoutCaller(row, erased))),
      );
    }
    await addCounters(tx, await merged(counters));
    const keys = JSON.stringify(keysOf(counters));
    await tx.all('INSERT INTO uncopied (keyId) SELECT value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING', [
      keys,
    ]);
    await tx.all(
      `INSERT INTO checkpoints (partition, "offset", verifiers) VALUES (?, ?, ?)
        ON CONFLICT (partition) DO UPDATE SET "offset" = excluded."offset", verifiers = excluded.verifiers`,
      [partition, checkpoint.offset, toVerifiersText(checkpoint)],
    );
    return true;
  }

  /** One after the other: what is remembered as not copied is looked at by one at a time. */
  let copying: Promise<void> = Promise.resolve();
  function copyAll(): Promise<void> {
    const after = copying.catch(() => undefined).then(copySome);
    copying = after;
    return after;
  }

  async function copySome(): Promise<void> {
    const found = await counts.all<{ keyId: string }>('SELECT keyId FROM uncopied');
    if (found.length === 0) return;
    const totals = await reads.totals(found.map(({ keyId }) => keyId));
    const copied = JSON.stringify(
      [...totals].map(([id, { lastUsedAt, lastSeenAt, requestCount }]) => [id, lastUsedAt, lastSeenAt, requestCount]),
    );
    await copyToRows(db, copied);
    afterStep('copied');
    // What was counted meanwhile is still to be copied.
    await counts.run(
      `DELETE FROM uncopied WHERE keyId IN (SELECT new.value ->> 0 FROM json_each(?) AS new
        JOIN counters AS c ON c.id = 'total ' || (new.value ->> 0) AND c.count = new.value ->> 3)`,
      [copied],
    );
  }

  return {
    ...reads,
    checkpoints: async () => {
      const found = await counts.all<StoredCheckpoint>('SELECT partition, "offset", verifiers FROM checkpoints');
      return new Map(found.map((stored) => [stored.partition, fromStoredCheckpoint(stored, counts.damaged)]));
    },
    apply: async (writes) => {
      const applied = await counts.transaction((tx) => write(tx, writes));
      if (applied) afterStep('counters');
      await copyAll();
      return applied ? 'applied' : 'conflict';
    },
    sweep: async (now) => {
      const expired = (table: string) =>
        `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE expiresAt <= ? ORDER BY expiresAt LIMIT ${SWEPT_AT_ONCE})`;
      const swept = (await counts.run(expired('requests'), [now])) + (await counts.run(expired('counters'), [now]));
      return swept + (await erasures.goOn());
    },
    erase: (keyId, until) => erasures.erase(keyId, until),
  };
}

/** One row a counter: a statement may not meet the same one twice. */
async function merged(counters: readonly CounterWrite[]): Promise<StoredCounter[]> {
  const found = new Map<string, StoredCounter>();
  await inTurns(
    counters,
    (some) => {
      for (const stored of some.map(toStoredCounter)) {
        const before = found.get(stored.id);
        found.set(stored.id, before ? { ...before, ...addTallies(before, stored) } : stored);
      }
    },
    COUNTERS_AT_ONCE,
  );
  return [...found.values()];
}

/** $max, outside the version guard, in every generation that is live or building: its tables are there (P3). */
async function copyToRows(db: EmbeddedFile, tuples: string): Promise<void> {
  await db.transaction(async (tx) => {
    const generations = await tx.all<{ id: string }>(`SELECT id FROM generations WHERE status IN ('live', 'building')`);
    for (const { id } of generations) {
      const last = (column: string) =>
        `${column} = coalesce(max(k.${column}, new.${column}), k.${column}, new.${column})`;
      await tx.all(
        `WITH new (id, lastUsedAt, lastSeenAt, requestCount) AS (
          SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)
        ) UPDATE ${tableNames(id).keys} AS k SET ${last('lastUsedAt')}, ${last('lastSeenAt')},
          requestCount = max(k.requestCount, new.requestCount) FROM new WHERE k.id = new.id`,
        [tuples],
      );
    }
  });
}

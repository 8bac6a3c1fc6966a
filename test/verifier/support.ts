// What the verifier's tests share: chains of events as a writer would record them, a projector that goes as far as it is
// told, and settings that need no thought.
import { createHash } from 'node:crypto';
import { seededBytes } from '../events/seeded.ts';
import type { AnyNewEvent, Data, KeyEventType } from '../../events/catalogue.ts';
import { keyIdFor, KEYSPACES } from '../../events/ids.ts';
import { DEFAULT_PROFILE } from '../fakes/default-profile.ts';
import { profile as profileSchema, type ProfileInput } from '../../events/keyspaces/profile.ts';
import type { LogBatch, LogRecord, NewRecord } from '../../events/log.ts';
import type { Position } from '../../events/position.ts';
import { encodeRecord, genesis, recordEvent, type Place } from '../../events/record.ts';
import { generateSecret, hashSecret, secret, type Pepper } from '../../events/secret.ts';
import { projectBatch, readAhead } from '../../projections/batch.ts';
import type { GenerationId, ReadStore } from '../../projections/read-store.ts';
import { createLogger } from '../../services/shared/logger.ts';
import type { MemoryLog } from '../fakes/memory-log.ts';
import { plainKey } from '../fakes/plain-key.ts';

export const NOW = Date.parse('2026-03-01T12:00:00.000Z');
export const iso = (ms: number): string => new Date(ms).toISOString();
export const silent = createLogger({ level: 'silent' });

export const PEPPER: Pepper = { id: 'p2', key: createHash('sha256').update('new').digest() };
export const OLD_PEPPER: Pepper = { id: 'p1', key: createHash('sha256').update('old').digest() };

export type Created = Data<'KeyCreated'>;

/** Who writes: keeps the head of every aggregate and makes the records that extend it. */
export interface WriterOptions {
  readonly seed?: number;
  readonly pepper?: Pepper;
  readonly now?: number;
  /** What is shown of a secret; absent: nothing of it. */
  readonly preview?: (text: string) => string;
}

export function createWriter({ seed = 1, pepper = PEPPER, now = NOW - 86_400_000, preview }: WriterOptions = {}) {
  const randomBytes = seededBytes(seed);
  const heads = new Map<string, Place>();
  const secrets = new Map<string, string[]>();
  let commands = 0;

  function draft(aggregateId: string, event: AnyNewEvent, from?: Place): { record: NewRecord; place: Place } {
    const place = from ?? heads.get(aggregateId) ?? genesis(aggregateId);
    const recorded = recordEvent(
      event,
      place,
      {
        commandId: `c${++commands}`,
        fingerprint: 'f'.repeat(64),
        requestId: 'r1',
        actor: { kind: 'user', id: 'u1' },
        ip: null,
        userAgent: null,
        workspaceId: aggregateId === KEYSPACES ? null : 'acme',
        keyspaceVersion: 1,
        now: iso(now + commands * 1000),
      },
      { id: `${aggregateId}.1`, key: new Uint8Array(32) },
      randomBytes,
    );
    const { version, hash, time } = recorded.attributes;
    return { record: encodeRecord(recorded), place: { aggregateId, version, head: hash, time } };
  }

  /** A record that extends the head, and the head moves on. */
  function write(aggregateId: string, event: AnyNewEvent): NewRecord {
    const { record, place } = draft(aggregateId, event);
    heads.set(aggregateId, place);
    return record;
  }

  const newSecret = (keyId: string, prefix: string, by: Pepper) => {
    const text = generateSecret(prefix, randomBytes).reveal();
    secrets.set(keyId, [...(secrets.get(keyId) ?? []), text]);
    return hashSecret(secret(text), by);
  };

  return {
    write,
    /** As {@link write}, but the head stays: a writer that lost, or that lies. */
    draft: (aggregateId: string, event: AnyNewEvent, from?: Place): NewRecord => draft(aggregateId, event, from).record,
    head: (aggregateId: string): Place => heads.get(aggregateId) ?? genesis(aggregateId),
    /** The last secret of a key; `back` = 1: the one before. */
    secretOf: (keyId: string, back = 0): string => secrets.get(keyId)?.at(-1 - back) ?? 'none',
    keyId: (name: string): string => keyIdFor('acme', name),
    create(
      name: string,
      data: Partial<Created> = {},
      options: { prefix?: string; pepper?: Pepper; name?: string } = {},
    ) {
      const keyId = keyIdFor('acme', name);
      const hash = newSecret(keyId, options.prefix ?? 'kf', options.pepper ?? pepper);
      return write(keyId, {
        type: 'KeyCreated',
        data: plainKey({ ...data, ...(preview ? { preview: preview(this.secretOf(keyId)) } : {}) }),
        personal: { name: options.name ?? name, description: null, email: null, tags: [], metadata: { plan: 'pro' } },
        private: hash,
      });
    },
    regenerate(keyId: string, retiresAt: number, by = pepper): NewRecord {
      const hash = newSecret(keyId, 'kf', by);
      return write(keyId, {
        type: 'KeyRegenerated',
        data: { preview: preview?.(this.secretOf(keyId)) ?? 'kf_…', retiresAt: iso(retiresAt) },
        personal: {},
        private: hash,
      });
    },
    /** Any event that needs nothing but its public data. */
    event<T extends KeyEventType>(keyId: string, type: T, data: Data<T>): NewRecord {
      return write(keyId, plain(type, data));
    },
    keyspace(input: ProfileInput = DEFAULT_PROFILE, version = 1): NewRecord {
      const type = version === 1 ? 'KeyspaceDefined' : 'KeyspaceChanged';
      const data = { version, profile: profileSchema.parse(input) };
      return write(KEYSPACES, { type, data, personal: {}, private: {} });
    },
  };
}

export type Writer = ReturnType<typeof createWriter>;

const NOTED: ReadonlySet<string> = new Set(['KeyDisabled', 'KeyEnabled', 'KeyRevoked', 'KeyDeleted']);

/** An event without secrets or details of its own. */
export function plain<T extends KeyEventType>(type: T, data: Data<T>): AnyNewEvent {
  return { type, data, personal: NOTED.has(type) ? { note: null } : {}, private: {} } as unknown as AnyNewEvent;
}

/** Projects what the log holds before `to` (default: all) from a generation's checkpoint on, in small batches. */
export async function project(log: MemoryLog, store: ReadStore, to: Position = {}, into?: GenerationId): Promise<void> {
  const batchSize = 3;
  const writer = store.writer(into ?? (await store.control()).live);
  const dataKeys = {
    open: (events: readonly unknown[]) => Promise.resolve(events.map(() => null)),
    destroy: () => Promise.resolve(),
  };
  const checkpoint = await writer.checkpoint();
  for (let partition = 0; partition < log.partitions; partition++) {
    const end = to[partition] ?? log.records(partition).length;
    for (let from = checkpoint[partition] ?? 0; from < end; from += batchSize) {
      const next = Math.min(end, from + batchSize);
      const records = log.records(partition).slice(from, next);
      const batch = { partition, records, next };
      const options = { store, writer, dataKeys, now: () => iso(NOW) };
      await projectBatch(options, await readAhead(options, batch));
    }
  }
}

/** The records of a log, partition by partition. */
export function batches(log: MemoryLog): LogBatch[] {
  return Array.from({ length: log.partitions }, (_, partition) => {
    const records: readonly LogRecord[] = log.records(partition);
    return { partition, records, next: records.length };
  });
}

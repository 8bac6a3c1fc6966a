// Retirement: at the end of an overlap the projector writes `PreviousSecretRetired` into the log, once. Verifiers stop at
// `retiresAt` by themselves; this is so that history says it. Any number of processes may try: the first one wins (F1).
import { sha256 } from '../events/canonical.ts';
import { fingerprint } from '../events/fingerprint.ts';
import { eventId } from '../events/ids.ts';
import { entryOf } from '../events/keyspaces/state.ts';
import { checkReaches, type EventLog, type NewRecord } from '../events/log.ts';
import { covers, positionAfter, type Position } from '../events/position.ts';
import { encodeRecord, recordEvent } from '../events/record.ts';
import { DataKeyErasedError, type DataKeys } from './personal.ts';
import type { GenerationView, ReadStore } from './read-store.ts';
import type { KeyRow } from './rows.ts';
import { createTicker } from './ticker.ts';
import { describeTrouble, type ProjectionLogger } from './troubles.ts';

/** How many keys are retired at once. */
const BATCH = 100;
const APPEND_MS = 10_000;

export interface RetirementOptions {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly dataKeys: Pick<DataKeys, 'forWriting'>;
  readonly randomBytes: (size: number) => Uint8Array;
  /** ISO time. */
  readonly now: () => string;
  readonly logger: ProjectionLogger;
  readonly intervalMs?: number;
}

export interface Retirement {
  start(): void;
  stop(): Promise<void>;
  /** Retires what is due now; answers how many events were appended. Throws what log, store or settings fail with. */
  retireDue(): Promise<number>;
}

/** The commandId of the retirement that follows a regeneration: the same, whoever writes it (1–64 of `A–Z a–z 0–9 _ -`). */
export function retirementCommandId(keyId: string, regeneration: number): string {
  return `retire_${sha256(eventId(keyId, regeneration)).slice(0, 40)}`;
}

interface Due {
  readonly row: KeyRow;
  /** The version at which the secret was regenerated. */
  readonly regeneration: number;
  /** The profile's version now. */
  readonly keyspaceVersion: number;
}

export function createRetirement(options: RetirementOptions): Retirement {
  const { log, store, dataKeys, randomBytes, now, logger, intervalMs = 1000 } = options;
  /** What was appended and is not projected yet: key id → position. */
  const underWay = new Map<string, Position>();

  async function retireDue(): Promise<number> {
    const time = now();
    const { due, checkpoint } = await store.read(async (view) => {
      for (const [keyId, position] of underWay) if (covers(view.checkpoint, position)) underWay.delete(keyId);
      const rows = (await view.retiring(time, BATCH)).filter(({ state }) => !underWay.has(state.keyId));
      return { due: await Promise.all(rows.map((row) => regenerationOf(view, row))), checkpoint: view.checkpoint };
    });
    if (due.length === 0) return 0;
    // T: nothing is written into a log that the read models are not made from: nobody would fold it, so it stayed due.
    checkReaches(await log.end(), checkpoint);
    const records: NewRecord[] = [];
    for (const each of due) {
      const record = await retire(each, time);
      if (record) records.push(record);
    }
    if (records.length === 0) return 0;
    const positions = await log.append(records, { deadlineMs: APPEND_MS });
    positions.forEach((position, index) => {
      const key = records[index]?.key;
      if (key !== undefined) underWay.set(key, positionAfter(position));
    });
    return records.length;
  }

  async function retire({ row, regeneration, keyspaceVersion }: Due, time: string): Promise<NewRecord | null> {
    const { keyId, workspaceId, version, head, dataKeyNumber } = row.state;
    const commandId = retirementCommandId(keyId, regeneration);
    const dataKey = await dataKeys.forWriting(keyId, dataKeyNumber).catch((error: unknown) => {
      // Forgotten since it was read: the next round reads it again.
      if (error instanceof DataKeyErasedError) return null;
      throw error;
    });
    if (!dataKey) return null;
    const event = recordEvent(
      { type: 'PreviousSecretRetired', data: {}, personal: {}, private: {} },
      { aggregateId: keyId, version, head, time: row.state.time },
      {
        commandId,
        fingerprint: fingerprint('retirePreviousSecret', { id: keyId }),
        requestId: commandId,
        actor: { kind: 'system', id: 'projector' },
        ip: null,
        userAgent: null,
        workspaceId,
        keyspaceVersion,
        now: time,
      },
      dataKey,
      randomBytes,
    );
    return encodeRecord(event);
  }

  /** Why it waits; told once. */
  let trouble: string | null = null;
  const ticker = createTicker({
    intervalMs,
    work: async () => {
      const retired = await retireDue();
      trouble = null;
      if (retired > 0) logger.info({ retired }, 'previous secrets retired');
    },
    onError: (error) => {
      const reason = describeTrouble(error);
      if (trouble !== reason) logger.warn({ err: error }, `retirement waits: ${reason}`);
      trouble = reason;
    },
  });
  return { start: () => ticker.start(), stop: () => ticker.stop(), retireDue };
}

async function regenerationOf(view: GenerationView, row: KeyRow): Promise<Due> {
  const { keyId, keyspace, keyspaceVersion } = row.state;
  const last = { limit: 1, backward: true, after: null, before: null };
  const [{ rows }, keyspaces] = await Promise.all([
    view.listHistory({ scope: { aggregateId: keyId }, types: ['KeyRegenerated'] }, last),
    view.keyspaces(),
  ]);
  // History is written before the row that shows the overlap (P1): it is there.
  return {
    row,
    regeneration: rows[0]?.version ?? 0,
    keyspaceVersion: entryOf(keyspaces, keyspace)?.version ?? keyspaceVersion,
  };
}

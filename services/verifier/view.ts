// The view: every key, all profiles and the open parked records, as they are after log[0 … position]. Answers come from
// exactly that fold (V2), which is the fold of every other reader (F1). Without I/O.
import type { EventType } from '../../events/catalogue.ts';
import { foldKey, foldKeyspaces } from '../../events/fold.ts';
import { NO_KEYSPACES, type KeyspacesState } from '../../events/keyspaces/state.ts';
import type { LogBatch, LogRecord } from '../../events/log.ts';
import type { Position } from '../../events/position.ts';
import {
  isSettled,
  NO_QUARANTINE,
  quarantineAfter,
  quarantined,
  readRecord,
  type Quarantine,
} from '../../events/quarantine.ts';
import type { Pepper } from '../../events/secret.ts';
import { createKeyTable, type FoundKey, type KeyTable } from './key-table.ts';
import { createDigest } from './packed.ts';
import { createSecretHash } from './secret-hash.ts';
import type { Lookup } from './verify.ts';

export interface View extends Lookup {
  /** Next offset of each partition: the view is the fold of everything before. */
  readonly position: Position;
  readonly keys: KeyTable;
  readonly keyspaces: KeyspacesState;
  readonly quarantine: Quarantine;
  /** Whether an active public key of the keyspace works from an origin. @param now effective now (L11), epoch milliseconds. */
  allowsOrigin(keyspace: string, origin: string, now: number): boolean;
  /** How many applied events may have taken access from somebody: receipts for these are waited for. */
  readonly removals: number;
  /** Folds a record; one that lies before {@link View.position} was folded already. */
  fold(record: LogRecord): void;
  /** After the last record of a batch: where its partition goes on. */
  passed(batch: Pick<LogBatch, 'partition' | 'next'>): void;
  /** Ids of peppers that keys were hashed under and the settings lack: these keys fail closed. */
  missingPeppers(): readonly string[];
}

/** What a view starts from: the rows of a read store, complete up to `position`. */
export interface Beginning {
  readonly position: Position;
  /** The view goes on writing in it; default: an empty one. */
  readonly keys?: KeyTable;
  readonly keyspaces: KeyspacesState;
  readonly quarantine: Quarantine;
}

export const FROM_NOTHING: Beginning = { position: {}, keyspaces: NO_KEYSPACES, quarantine: NO_QUARANTINE };

/** Events after which nobody may do less. */
const GIVES_ACCESS: ReadonlySet<EventType> = new Set(['KeyCreated', 'KeyDetailsChanged', 'KeyEnabled']);

/** @param peppers newest first; a key's text is hashed with each of them that keys use. */
export function createView(beginning: Beginning, peppers: readonly Pepper[]): View {
  const { keys = createKeyTable() } = beginning;
  const hashes = peppers.map((pepper) => ({ id: pepper.id, hash: createSecretHash(pepper) }));
  const position: Record<number, number> = { ...beginning.position };
  let { keyspaces, quarantine } = beginning;
  let shutOut = quarantined(quarantine);
  keys.setShutOut(shutOut);
  keys.setKeyspaces(keyspaces.profiles);
  let removals = 0;
  const digest = createDigest();

  function find(text: string): FoundKey | null {
    for (const { id, hash } of hashes) {
      if (!keys.peppers.has(id)) continue;
      hash(text, digest.bytes);
      const found = keys.bySecret(digest.words);
      if (found !== null) return found;
    }
    return null;
  }

  /** F1 */
  function foldEvent(record: LogRecord): Parameters<typeof quarantineAfter> {
    const read = readRecord(record);
    switch (read.kind) {
      case 'unreadable':
        return [quarantine, record, 'broken', null];
      case 'keyspaces': {
        const verdict = foldKeyspaces(keyspaces, read.event);
        if (verdict.kind === 'applied') {
          keyspaces = verdict.state;
          keys.setKeyspaces(keyspaces.profiles);
          removals++;
        }
        return [quarantine, record, verdict.kind, read.event];
      }
      case 'key': {
        const verdict = foldKey(keys.get(read.event.attributes.subject), read.event);
        if (verdict.kind === 'applied') {
          keys.put(verdict.state);
          if (!GIVES_ACCESS.has(read.event.type)) removals++;
        }
        return [quarantine, record, verdict.kind, read.event];
      }
    }
  }

  return {
    position,
    keys,
    get keyspaces() {
      return keyspaces;
    },
    get removals() {
      return removals;
    },
    get quarantine() {
      return quarantine;
    },
    fold: (record) => {
      if (record.offset < (position[record.partition] ?? 0)) return;
      if (!isSettled(quarantine, record)) {
        const after = quarantineAfter(...foldEvent(record)).quarantine;
        if (after !== quarantine) keys.setShutOut((shutOut = quarantined(after)));
        quarantine = after;
      }
      position[record.partition] = record.offset + 1;
    },
    passed: ({ partition, next }) => {
      position[partition] = Math.max(position[partition] ?? 0, next);
    },
    find,
    allowsOrigin: (keyspace, origin, now) => keys.allowsOrigin(keyspace, origin, now),
    isQuarantined: (keyId) => shutOut.size > 0 && shutOut.has(keyId),
    missingPeppers: () => [...keys.peppers.keys()].filter((id) => hashes.every((pepper) => pepper.id !== id)),
  };
}

// The view: keys, all profiles and the open parked records, as they are after log[0 … position]. Answers come from exactly
// that fold (V2), which is the fold of every other reader (F1); of a key that is not held there is none. Without I/O.
import type { EventType, KeyEvent } from '../../events/catalogue.ts';
import { foldKey, foldKeyspaces } from '../../events/fold.ts';
import type { KeyState } from '../../events/key/state.ts';
import { NO_KEYSPACES, type KeyspacesState } from '../../events/keyspaces/state.ts';
import type { LogBatch, LogRecord } from '../../events/log.ts';
import { covers, type Position } from '../../events/position.ts';
import {
  isSettled,
  NO_QUARANTINE,
  quarantineAfter,
  quarantined,
  readRecord,
  type Quarantine,
} from '../../events/quarantine.ts';
import type { Pepper } from '../../events/secret.ts';
import { admit, type KeyRead } from './admission.ts';
import type { FoundKey } from './found-key.ts';
import { createKeptEvents, introduced, type KeptEvents } from './kept-events.ts';
import { createKeyTable, type KeyTable } from './key-table.ts';
import { createNegativeCache } from './negative-cache.ts';
import { packDigest, unpackDigest } from './packed.ts';
import { createSecretHash, type SecretHash } from './secret-hash.ts';
import type { Lookup } from './verify.ts';

export interface View extends Lookup {
  /** Next offset of each partition: the view is the fold of everything before. */
  readonly position: Position;
  readonly keys: Omit<KeyTable, 'put' | 'learn' | 'setKeyspaces' | 'setShutOut'>;
  readonly keyspaces: KeyspacesState;
  readonly quarantine: Quarantine;
  /** How many applied events may have taken access from somebody: receipts for these are waited for. */
  readonly removals: number;
  /** Whether all keys are held: then one that is not found does not exist. */
  readonly complete: boolean;
  /** Whether a secret that is not found is proven to be no key's. */
  lacks(text: string): boolean;
  /**
   * Whether an active public key of the keyspace works from an origin; `null`: none that is held, and not all are.
   *
   * @param now effective now (L11), epoch milliseconds.
   */
  allowsOrigin(keyspace: string, origin: string, now: number): boolean | null;
  /** Folds a record; one that lies before {@link View.position} was folded already. */
  fold(record: LogRecord): void;
  /** After the last record of a batch: where its partition goes on. */
  passed(batch: Pick<LogBatch, 'partition' | 'next'>): void;
  /** Ids of peppers that keys were hashed under and the settings lack: these keys fail closed. */
  missingPeppers(): readonly string[];
  /** Ids of peppers that keys of the store were hashed under, held or not. */
  learnPeppers(ids: Iterable<string>): void;
  /** What was tailed of keys since a position. */
  readonly kept: Pick<KeptEvents, 'base' | 'of' | 'keyOf'>;
  /** The hashes of a secret, as stores have them, under each pepper. */
  hashesOf(text: string): readonly string[];
  /**
   * Takes in a key that was read from the store.
   *
   * @param hashes that lead to it there.
   * @returns `false`: it is not to be used; read again (V1).
   */
  take(read: KeyRead, hashes: readonly string[]): boolean;
  /** Notes that the store, read at a checkpoint, has no key with a secret. @returns `false`: read again (V1, V3). */
  lack(text: string, checkpoint: Position): boolean;
  /** Keys that are to be read although nobody has asked for them: what preflights and health say depends on them. */
  readonly wanted: Set<string>;
  /** Whether there may be public keys, besides those that are wanted, that are not held. */
  readonly lacksPublic: boolean;
  /** All keys that were public under these profiles have been taken in since. */
  tookPublic(under: KeyspacesState): void;
  /** Keys whose personal data was erased: what is held of it beside the view is to go, and they from here. */
  readonly erased: Set<string>;
  /** The last record of each partition that was folded here. */
  readonly lastRecords: ReadonlyMap<number, LogRecord>;
}

/** What a view starts from: the rows of a read store, complete up to `position`. */
export interface Beginning {
  readonly position: Position;
  /** The view goes on writing in it; default: an empty one. */
  readonly keys?: KeyTable;
  readonly keyspaces: KeyspacesState;
  readonly quarantine: Quarantine;
  /** Whether these are all keys; default: they are. */
  readonly complete?: boolean;
  readonly wanted?: readonly string[];
  /** VERIFIER_MAX_KEYS, by which the table was made; default: no bound. */
  readonly maxKeys?: number;
}

export const FROM_NOTHING: Beginning = { position: {}, keyspaces: NO_KEYSPACES, quarantine: NO_QUARANTINE };

/** Events after which nobody may do less. */
const GIVES_ACCESS: ReadonlySet<EventType> = new Set(['KeyCreated', 'KeyDetailsChanged', 'KeyEnabled']);
/** The share of the bound from which on events are kept: before, no key can leave before the projector knows of it. */
const KEEPS_FROM = 0.9;

/** @param peppers newest first; a key's text is hashed with each of them that keys use. */
export function createView(beginning: Beginning, peppers: readonly Pepper[]): View {
  const { maxKeys = Infinity, complete: began = true } = beginning;
  const { keys = createKeyTable({ maxKeys }) } = beginning;
  const { bySecret, peppers: pepperCounts } = keys; // as in keyed-records.ts
  const hashers = peppers.map((pepper) => ({ id: pepper.id, hash: hashOnce(createSecretHash(pepper)) }));
  const position: Record<number, number> = { ...beginning.position };
  const kept = createKeptEvents({ base: position });
  const absent = createNegativeCache();
  const wanted = new Set(beginning.wanted);
  const erased = new Set<string>();
  const storedPeppers = new Set<string>();
  const lastRecords = new Map<number, LogRecord>();
  let shutOut = quarantined(beginning.quarantine);
  keys.setShutOut(shutOut);

  function find(text: string): FoundKey | null {
    for (const { id, hash } of hashers) {
      // Of a key that is not held, nobody knows the pepper.
      if (view.complete && !pepperCounts.has(id)) continue;
      const found = bySecret(hash(text));
      if (found !== null) return found;
    }
    return null;
  }

  function setQuarantine(after: Quarantine): void {
    if (after === view.quarantine) return;
    view.quarantine = after;
    keys.setShutOut((shutOut = quarantined(after)));
  }

  function setKeyspaces(state: KeyspacesState): void {
    view.keyspaces = state;
    if (keys.setKeyspaces(state.profiles) && !view.complete) view.lacksPublic = true;
  }

  function hold(state: KeyState): void {
    keys.put(state);
    view.complete = view.complete && keys.evicted === 0;
  }

  /** Keeps it for keys that are read later; V3: clears the negative entry of the hash that it introduces. */
  function keep(record: LogRecord, event: KeyEvent): void {
    if (view.complete && keys.size < maxKeys * KEEPS_FROM) kept.pass(record);
    else kept.keep(record, event);
    const hash = introduced(event);
    const digest = hash === null ? null : packDigest(hash, 'base64url');
    if (digest !== null) absent.clear(digest);
  }

  /** An event of a key that is not held: whether it extends its head is known once the key is read. */
  function postpone(event: KeyEvent): void {
    const { subject } = event.attributes;
    if (shutOut.has(subject) || (event.type === 'KeyCreated' && keys.isPublic(event.data))) wanted.add(subject);
  }

  /** F1. `null`: postponed. */
  function foldEvent(record: LogRecord): Parameters<typeof quarantineAfter> | null {
    const read = readRecord(record);
    switch (read.kind) {
      case 'unreadable':
        return [view.quarantine, record, 'broken', null];
      case 'fact':
        return [view.quarantine, record, 'ignored', null]; // E6: it says nothing about any state
      case 'keyspaces': {
        const verdict = foldKeyspaces(view.keyspaces, read.event);
        if (verdict.kind === 'applied') {
          setKeyspaces(verdict.state);
          view.removals++;
        }
        return [view.quarantine, record, verdict.kind, read.event];
      }
      case 'key': {
        keep(record, read.event);
        if (erases(read.event)) erased.add(read.event.attributes.subject);
        const takesAccess = !GIVES_ACCESS.has(read.event.type);
        const state = keys.get(read.event.attributes.subject);
        if (state === null && !view.complete) {
          postpone(read.event);
          if (takesAccess) view.removals++;
          return null;
        }
        const verdict = foldKey(state, read.event);
        if (verdict.kind === 'applied') {
          hold(verdict.state);
          if (takesAccess) view.removals++;
        }
        return [view.quarantine, record, verdict.kind, read.event];
      }
    }
  }

  const view: { -readonly [Member in keyof View]: View[Member] } = {
    position,
    keys,
    kept,
    wanted,
    erased,
    lastRecords,
    keyspaces: beginning.keyspaces,
    quarantine: beginning.quarantine,
    removals: 0,
    complete: began && keys.evicted === 0,
    lacksPublic: keys.setKeyspaces(beginning.keyspaces.profiles) && !began,
    tookPublic: (under) => {
      if (under === view.keyspaces) view.lacksPublic = false;
    },
    fold: (record) => {
      if (record.offset < (position[record.partition] ?? 0)) return;
      if (!isSettled(view.quarantine, record)) {
        const folded = foldEvent(record);
        if (folded !== null) setQuarantine(quarantineAfter(...folded).quarantine);
      }
      position[record.partition] = record.offset + 1;
      lastRecords.set(record.partition, record);
    },
    passed: ({ partition, next }) => {
      position[partition] = Math.max(position[partition] ?? 0, next);
    },
    find,
    lacks: (text) => view.complete || hashers.every(({ hash }) => absent.has(hash(text))),
    allowsOrigin: (keyspace, origin, now) =>
      keys.allowsOrigin(keyspace, origin, now) || (view.lacksPublic || wanted.size > 0 ? null : false),
    isQuarantined: (keyId) => shutOut.size > 0 && shutOut.has(keyId),
    missingPeppers: () => {
      const used = new Set([...keys.peppers.keys(), ...keys.formerPeppers, ...storedPeppers]);
      return [...used].filter((id) => hashers.every((pepper) => pepper.id !== id));
    },
    learnPeppers: (ids) => {
      for (const id of ids) storedPeppers.add(id);
    },
    hashesOf: (text) => hashers.map(({ hash }) => unpackDigest(hash(text), 0, 'base64url')),
    take: (read, found) => {
      const { keyId, checkpoint } = read;
      if (!covers(checkpoint, kept.base)) return false;
      // One that is held is at the tail already.
      if (keys.get(keyId) === null) {
        const admitted = admit(read, kept.of(keyId, checkpoint), view.quarantine);
        if (admitted === null) return false;
        setQuarantine(admitted.quarantine);
        if (admitted.state !== null) hold(admitted.state);
        for (const hash of admitted.hashes) keys.learn(keyId, hash);
      }
      for (const hash of found) keys.learn(keyId, hash);
      wanted.delete(keyId);
      return true;
    },
    lack: (text, checkpoint) => {
      if (!covers(checkpoint, kept.base)) return false;
      for (const { hash } of hashers) absent.add(hash(text));
      return true;
    },
  };
  return view;
}

/** The last text once only: one that is not found is asked for again, whether it is lacking, and to be read. */
function hashOnce(hash: SecretHash): SecretHash {
  let last: string | null = null;
  let words: ReturnType<SecretHash>;
  return (text) => {
    if (text !== last) words = hash(text);
    last = text;
    return words;
  };
}

const erases = ({ data }: KeyEvent): boolean => 'destroyedDataKey' in data && data.destroyedDataKey !== null;

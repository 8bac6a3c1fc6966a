// Data keys: one per aggregate and number, wrapped in the store, under which personal parts are sealed and opened (E2).
// A data key is durable before anything sealed under it is appended; an erased one opens nothing, ever again.
import type { EventType, Personal } from '../events/catalogue.ts';
import type { Salted } from '../events/chain.ts';
import { dataKeyId, type AggregateId } from '../events/ids.ts';
import { openPersonal, openSealed, type DataKey, type SealedEvent } from '../events/record.ts';
import { DATA_KEY_BYTES, MissingSealingKeyError, unwrapKey, wrapKey, type SealingKey } from '../events/sealing.ts';
import { inTurns } from './in-turns.ts';
import type { DataKeys as StoredDataKeys } from './read-store.ts';
import type { DataKeyRow } from './rows.ts';

/** An event or a history row: what is sealed, and under which data key. */
export type SealedRow<T extends EventType = EventType> = SealedEvent<T> & {
  readonly attributes: { readonly datakeyid: string };
};

export interface DataKeys {
  /**
   * The data key for an aggregate's next event, made if there is none: durable before this resolves (E2).
   *
   * @throws {@link DataKeyErasedError} the number was forgotten meanwhile: read the aggregate again.
   */
  forWriting(aggregateId: AggregateId, number: number): Promise<DataKey>;
  /**
   * The opened personal parts, in order; `null` where the data key is erased. Asks the store each time, so that what is
   * erased there is erased here.
   *
   * @throws MissingSealingKeyError a data key is wrapped by a key that the settings do not hold.
   */
  open<T extends EventType>(rows: readonly SealedRow<T>[]): Promise<readonly (Personal<T> | null)[]>;
  /** As {@link open}, the parts as they were sealed, each with its salt: what proves them. */
  openSealed(rows: readonly SealedRow[]): Promise<readonly (Salted<object> | null)[]>;
  /** Destroys a data key, in the store first; again it changes nothing. @param at ISO time */
  destroy(id: string, at: string): Promise<void>;
}

export interface DataKeysOptions {
  readonly store: { readonly dataKeys: StoredDataKeys };
  /** Newest first: the first one wraps. */
  readonly sealingKeys: readonly SealingKey[];
  readonly randomBytes: (size: number) => Uint8Array;
  /** How many unwrapped data keys are kept. */
  readonly capacity?: number;
  /** Told of a part that its data key does not open: it is not erased, somebody has changed it. Id of the event. */
  readonly onChanged?: (eventId: string) => void;
  /** Told of data keys that something is sealed under and that are neither there nor erased: a backup was older. */
  readonly onLost?: (dataKeyIds: readonly string[]) => void;
}

export function createDataKeys(options: DataKeysOptions): DataKeys {
  const { store, sealingKeys, randomBytes, capacity = 10_000, onChanged, onLost } = options;
  /** By id; `wrapped` tells whether what the store holds is still the same. */
  const unwrapped = new Map<string, { readonly wrapped: string; readonly key: Uint8Array }>();

  function remember(id: string, wrapped: string, key: Uint8Array): Uint8Array {
    unwrapped.delete(id);
    unwrapped.set(id, { wrapped, key });
    for (const oldest of unwrapped.keys()) {
      if (unwrapped.size <= capacity) break;
      unwrapped.delete(oldest);
    }
    return key;
  }

  function unwrap(row: DataKeyRow): Uint8Array {
    const known = unwrapped.get(row.id);
    return known?.wrapped === row.wrapped ? known.key : remember(row.id, row.wrapped, unwrapStored(row, sealingKeys));
  }

  async function openEach<R extends SealedRow, P>(
    rows: readonly R[],
    openWith: (row: R, key: Uint8Array) => P | null,
  ): Promise<readonly (P | null)[]> {
    if (rows.length === 0) return [];
    const ids = [...new Set(rows.map(({ attributes }) => attributes.datakeyid))];
    const keys = await store.dataKeys.load(ids);
    const absent = ids.filter((id) => !keys.has(id));
    for (const id of absent) unwrapped.delete(id);
    const lost = absent.length === 0 ? [] : await store.dataKeys.unknown(absent);
    if (lost.length > 0) onLost?.(lost);
    // All of them before others have their turn: what is destroyed meanwhile must not be remembered again.
    const unwrappedById = new Map([...keys].map(([id, stored]) => [id, unwrap(stored)]));
    const parts: (P | null)[] = [];
    await inTurns(rows, (some) => {
      for (const row of some) {
        const key = unwrappedById.get(row.attributes.datakeyid);
        const opened = key ? openWith(row, key) : null;
        if (key && opened === null) onChanged?.(row.attributes.id);
        parts.push(opened);
      }
    });
    return parts;
  }

  return {
    async forWriting(aggregateId, number) {
      const id = dataKeyId(aggregateId, number);
      // Whoever goes on under this number knows that the one before is destroyed.
      unwrapped.delete(dataKeyId(aggregateId, number - 1));
      const known = unwrapped.get(id);
      if (known) return { id, key: known.key };
      const [newest] = sealingKeys;
      if (!newest) throw new MissingSealingKeyError('no sealing key is set: add one to KEYFOLD_SEALING_KEYS');
      const row = { id, ...wrapKey(randomBytes(DATA_KEY_BYTES), id, newest, randomBytes) };
      const stored = await store.dataKeys.insert(row);
      if (!stored) throw new DataKeyErasedError(`data key ${id} has been erased`);
      return { id, key: unwrap(stored) };
    },
    open: <T extends EventType>(rows: readonly SealedRow<T>[]) => openEach(rows, openPersonal<T>),
    openSealed: (rows) => openEach(rows, openSealed),
    async destroy(id, at) {
      await store.dataKeys.destroy(id, at);
      unwrapped.delete(id);
    },
  };
}

function unwrapStored(row: DataKeyRow, sealingKeys: readonly SealingKey[]): Uint8Array {
  try {
    return unwrapKey(row, row.id, sealingKeys);
  } catch (error) {
    if (error instanceof MissingSealingKeyError) throw error;
    const message = `sealing key "${row.sealingKeyId}" does not open data key ${row.id}: KEYFOLD_SEALING_KEYS holds another key under this id`;
    throw new MissingSealingKeyError(message, { cause: error });
  }
}

/** The data key was destroyed: whoever wanted to write under it has read the aggregate before it was forgotten. */
export class DataKeyErasedError extends Error {
  readonly code = 'DATA_KEY_ERASED';
}

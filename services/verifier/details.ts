// Details on request (`include`): a key's name and metadata, read from the store by id through a bounded cache. The view
// holds nothing personal; while the store is away the answer is `null`.
import type { KeyDetails } from '../../events/key/state.ts';
import type { ReadStore } from '../../projections/read-store.ts';

export type Details = Pick<KeyDetails, 'name' | 'metadata'>;

export interface DetailsReader {
  /** @param version of the key in the view: older details are read anew. Never rejects; `null` when `until` comes first. */
  read(keyId: string, version: number, until?: AbortSignal): Promise<Details | null>;
  /** Lets go what is held of keys whose personal data was erased. */
  forget(keyIds: Iterable<string>): void;
}

const MAX_CACHED = 10_000;
const TIMEOUT_MS = 1000;

export interface DetailsReaderOptions {
  readonly store: ReadStore;
  readonly maxCached?: number;
  readonly timeoutMs?: number;
}

export function createDetailsReader(options: DetailsReaderOptions): DetailsReader {
  const { store, maxCached = MAX_CACHED, timeoutMs = TIMEOUT_MS } = options;
  const cache = new Map<string, { readonly version: number; readonly details: Details }>();
  /** How often something was forgotten: what was asked for before may be what is to be forgotten. */
  let forgotten = 0;

  function keep(keyId: string, version: number, details: Details): void {
    cache.delete(keyId);
    const [oldest] = cache.keys();
    if (oldest !== undefined && cache.size >= maxCached) cache.delete(oldest);
    cache.set(keyId, { version, details });
  }

  async function load(keyId: string, version: number): Promise<Details | null> {
    const before = forgotten;
    const row = await store.read((view) => view.key(keyId));
    if (row === null) return null;
    const { name, metadata } = row.details;
    const details = { name, metadata };
    // A projector may be behind this view.
    if (forgotten === before && row.state.version >= version) keep(keyId, row.state.version, details);
    return details;
  }

  return {
    forget: (keyIds) => {
      forgotten += 1;
      for (const keyId of keyIds) cache.delete(keyId);
    },
    read: async (keyId, version, until) => {
      const known = cache.get(keyId);
      if (known && known.version >= version) return known.details;
      if (until?.aborted) return null;
      let timer: NodeJS.Timeout | undefined;
      let giveUp = (): void => undefined;
      const late = new Promise<null>((resolve) => {
        giveUp = () => resolve(null);
        timer = setTimeout(giveUp, timeoutMs);
        until?.addEventListener('abort', giveUp);
      });
      const loaded = load(keyId, version).catch(() => null);
      return Promise.race([loaded, late]).finally(() => {
        clearTimeout(timer);
        until?.removeEventListener('abort', giveUp);
      });
    },
  };
}

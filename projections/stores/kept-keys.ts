// Keys as lists have read them, kept so that the next list need not read and parse them again. What a row holds is
// determined by its version within one generation (P1): a kept one counts only where its version is the stored one.
import type { KeyRow } from '../rows.ts';

/** What of a key no version vouches for (P6), and what tells whether a kept row is the stored one. */
export interface KeyHead {
  readonly id: string;
  readonly version: number;
  readonly usage: KeyRow['usage'];
}

/** The rows of one generation; the ones that were kept first leave first. */
export interface KeptKeys {
  /** @param since what {@link KeptKeys.drops} was before they were read: those of keys that have changed since are not kept. */
  keep(rows: readonly KeyRow[], since?: number): void;
  /** Of keys that have changed: what was forgotten of them stays in no memory. */
  drop(ids: readonly string[]): void;
  /** How often any were dropped. */
  drops(): number;
  /** The rows of these heads; `null` if one of them is not kept at that version. */
  rowsOf(heads: readonly KeyHead[]): KeyRow[] | null;
}

const MAX_ROWS = 4096;
/** Drops that are remembered: of rows that were read before more than these nothing is kept. */
const RECENT_DROPS = 64;

export function createKeptKeys(maxRows = MAX_ROWS): KeptKeys {
  const rows = new Map<string, KeyRow>();
  let drops = 0;
  const recent: (readonly string[])[] = [];
  return {
    drops: () => drops,
    keep(read, since = drops) {
      if (drops - since > recent.length) return;
      const changed = new Set(since === drops ? [] : recent.slice(since - drops).flat());
      for (const row of read) {
        if (changed.has(row.state.keyId)) continue;
        rows.delete(row.state.keyId);
        rows.set(row.state.keyId, row);
      }
      for (const id of rows.keys()) {
        if (rows.size <= maxRows) break;
        rows.delete(id);
      }
    },
    drop(ids) {
      drops += 1;
      recent.push(ids);
      if (recent.length > RECENT_DROPS) recent.shift();
      for (const id of ids) rows.delete(id);
    },
    rowsOf(heads) {
      const found: KeyRow[] = [];
      for (const { id, version, usage } of heads) {
        const kept = rows.get(id);
        if (kept?.state.version !== version) return null;
        found.push({ ...kept, usage });
      }
      return found;
    },
  };
}

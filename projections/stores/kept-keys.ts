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
  keep(rows: readonly KeyRow[]): void;
  /** Of keys that have changed: what was forgotten of them stays in no memory. */
  drop(ids: readonly string[]): void;
  /** The rows of these heads; `null` if one of them is not kept at that version. */
  rowsOf(heads: readonly KeyHead[]): KeyRow[] | null;
}

const MAX_ROWS = 4096;

export function createKeptKeys(maxRows = MAX_ROWS): KeptKeys {
  const rows = new Map<string, KeyRow>();
  return {
    keep(read) {
      for (const row of read) {
        rows.delete(row.state.keyId);
        rows.set(row.state.keyId, row);
      }
      for (const id of rows.keys()) {
        if (rows.size <= maxRows) break;
        rows.delete(id);
      }
    },
    drop(ids) {
      for (const id of ids) rows.delete(id);
    },
    rowsOf(heads) {
      const found: KeyRow[] = [];
      for (const { id, version, usage } of heads) {
        const kept = rows.get(id);
        if (kept?.state.version !== version) return null;
        found.push({ state: kept.state, details: kept.details, search: kept.search, usage });
      }
      return found;
    },
  };
}

// The receipts of many changes as one: since when each verifier refuses all of the keys.
import type { ReceiptFragment } from '../api/generated/graphql.ts';

export interface Summary {
  /** Changes that every verifier has confirmed. */
  readonly confirmed: number;
  /** Changes with a receipt. */
  readonly total: number;
  /** The last confirmation of all; `null`: some are missing. */
  readonly confirmedAt: string | null;
  readonly verifiers: readonly VerifierSummary[];
}

export interface VerifierSummary {
  readonly id: string;
  readonly confirmed: number;
  /** The last one; `null`: some are missing. */
  readonly confirmedAt: string | null;
}

const latest = (times: readonly string[]): string | null => times.toSorted().at(-1) ?? null;

export function summaryOf(receipts: readonly ReceiptFragment[]): Summary {
  const whole = receipts.flatMap(({ confirmedAt }) => confirmedAt ?? []);
  const reports = receipts.flatMap(({ verifiers }) => verifiers);
  return {
    confirmed: whole.length,
    total: receipts.length,
    confirmedAt: whole.length === receipts.length ? latest(whole) : null,
    verifiers: [...new Set(reports.map(({ id }) => id))].map((id) => {
      const own = reports.filter((report) => report.id === id);
      const times = own.flatMap(({ confirmedAt }) => confirmedAt ?? []);
      return { id, confirmed: times.length, confirmedAt: times.length === own.length ? latest(times) : null };
    }),
  };
}

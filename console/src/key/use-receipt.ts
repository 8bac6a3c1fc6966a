// Which verifiers have folded a change: asked again, less and less often, until all have.
import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { KeyReceiptDocument, type ReceiptFragment } from '../api/generated/graphql.ts';

const FIRST_PAUSE_MS = 300;
const MAX_PAUSE_MS = 5000;

export interface ReceiptOptions {
  /** Global. */
  readonly id: string;
  /** `null`: there is nothing to ask for. */
  readonly version: number | null;
  readonly first: ReceiptFragment | null;
}

/** The first moment by which each has confirmed is the one that stays: later reports are later. */
function merged(before: ReceiptFragment | null, next: ReceiptFragment): ReceiptFragment {
  const known = new Map(before?.verifiers.map(({ id, confirmedAt }) => [id, confirmedAt]));
  const verifiers = next.verifiers.map((verifier) => ({
    ...verifier,
    confirmedAt: known.get(verifier.id) ?? verifier.confirmedAt ?? null,
  }));
  const times = verifiers.flatMap(({ confirmedAt }) => confirmedAt ?? []);
  const last = times.toSorted().at(-1) ?? next.confirmedAt ?? null;
  return { ...next, verifiers, confirmedAt: next.confirmedAt == null ? null : last };
}

export function useReceipt({ id, version, first }: ReceiptOptions): ReceiptFragment | null {
  const client = useClient();
  const [receipt, setReceipt] = useState(first);
  if (receipt === null && first !== null) setReceipt(first);
  const whole = receipt?.confirmedAt != null;
  useEffect(() => {
    if (version === null || whole) return undefined;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pause = FIRST_PAUSE_MS;
    const ask = async (): Promise<void> => {
      const { data } = await client
        .query(KeyReceiptDocument, { id, version }, { requestPolicy: 'network-only' })
        .toPromise();
      if (over) return;
      const next = data?.key?.enforcement;
      if (next) setReceipt((before) => merged(before, next));
      timer = setTimeout(() => void ask(), pause);
      pause = Math.min(MAX_PAUSE_MS, pause * 1.5);
    };
    timer = setTimeout(() => void ask(), first === null ? 0 : pause);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [client, id, version, whole, first]);
  return receipt;
}

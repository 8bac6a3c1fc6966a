// One receipt for many keys: since when every verifier refuses all of them.
import { useRef } from 'react';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { download } from '../components/download.ts';
import { CheckIcon, ClockIcon } from '../components/icons.tsx';
import { bulkTexts } from '../texts/bulk-texts.ts';
import styles from '../key/key-page.module.css';
import { VerifierTable } from '../key/verifier-table.tsx';
import { formatInstant } from '../texts/format.ts';
import { useNow } from '../texts/now.ts';
import type { Item } from './bulk.ts';
import { summaryOf } from './bulk-summary.ts';
import type { BulkAction, Done } from './use-bulk-removal.ts';
import type { OwnerKey } from './use-owner-keys.ts';

const words = bulkTexts.receipt;

export interface BulkReceiptProps {
  readonly owner: string;
  readonly action: BulkAction;
  readonly items: readonly Item<OwnerKey, Done>[];
}

export function BulkReceipt({ owner, action, items }: BulkReceiptProps) {
  const now = useNow();
  const source = useRef<HTMLElement>(null);
  const done = items.flatMap(({ key, result }) =>
    result.kind === 'done' && result.done.receipt
      ? [{ key, version: result.done.version, receipt: result.done.receipt }]
      : [],
  );
  if (done.length === 0) return null;
  const { confirmed, total, confirmedAt, verifiers } = summaryOf(done.map(({ receipt }) => receipt));
  const missing = verifiers.filter((verifier) => verifier.confirmedAt === null).map(({ id }) => id);
  const json = (): string =>
    JSON.stringify(
      {
        ...{ owner, action, keys: total, confirmed, confirmedAt, verifiers },
        receipts: done.map(({ key, version, receipt }) => ({
          key: key.keyId,
          version,
          confirmedAt: receipt.confirmedAt ?? null,
          verifiers: receipt.verifiers.map(({ id, position, confirmedAt: time }) => ({
            id,
            position,
            confirmedAt: time,
          })),
        })),
      },
      null,
      2,
    );
  return (
    <section
      ref={source}
      className={styles.receipt}
      data-partial={confirmedAt === null ? '' : undefined}
      aria-label={words.heading}
    >
      <p className={styles.verdict} role="status">
        {confirmedAt === null ? <ClockIcon /> : <CheckIcon />}
        {confirmedAt === null
          ? words.partial(confirmed, total)
          : verifiers.length === 0
            ? words.empty
            : words.whole(total, verifiers.length, formatInstant(confirmedAt, now))}
      </p>
      {confirmedAt === null && missing.length > 0 && <p>{words.missing(missing.join(', '))}</p>}
      <VerifierTable words={words} confirmed={words.confirmed} verifiers={verifiers} now={now} />
      <div className={styles.row}>
        <CopyButton text={json} source={source} label={words.copy} name={words.copyName} />
        <Button onClick={() => download(`receipt-${owner}.json`, new Blob([json()], { type: 'application/json' }))}>
          {words.download}
        </Button>
        {confirmedAt === null && <span className={styles.muted}>{words.watching}</span>}
      </div>
    </section>
  );
}

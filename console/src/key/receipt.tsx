// The receipt of a change that took access away: which verifiers refuse since when. While it is not whole it is asked again,
// so that each confirmation is seen as it arrives.
import { useRef } from 'react';
import type { ReceiptFragment } from '../api/generated/graphql.ts';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { download } from '../components/download.ts';
import { CheckIcon, ClockIcon } from '../components/icons.tsx';
import { formatInstant } from '../texts/format.ts';
import { useNow } from '../texts/now.ts';
import { keyTexts } from '../texts/key-texts.ts';
import styles from './key-page.module.css';
import { useReceipt } from './use-receipt.ts';
import { VerifierTable } from './verifier-table.tsx';

const words = keyTexts.receipt;

export interface ReceiptProps {
  readonly shown: { readonly id: string; readonly keyId: string };
  /** What it is a receipt of: the status that the key has since, or what was done. */
  readonly change: string;
  /** The one that the change made; `null`: not known, then it stays as it came. */
  readonly version: number | null;
  /** As the change was answered, if it was asked for then. */
  readonly first: ReceiptFragment | null;
  /** The change ended the old secret alone. */
  readonly retired?: boolean;
}

export function Receipt({ shown, change, version, first, retired = false }: ReceiptProps) {
  const now = useNow();
  const source = useRef<HTMLElement>(null);
  const receipt = useReceipt({ id: shown.id, version, first });
  if (!receipt) return null;
  const { confirmed, total, confirmedAt, verifiers } = receipt;
  const whole = confirmedAt !== null;
  const missing = verifiers.filter((verifier) => verifier.confirmedAt == null).map(({ id }) => id);
  const json = (): string => JSON.stringify({ key: shown.keyId, change, version, ...plain(receipt) }, null, 2);
  return (
    <section ref={source} className={styles.receipt} data-partial={whole ? undefined : ''} aria-label={words.heading}>
      <p className={styles.verdict} role="status">
        {whole ? <CheckIcon /> : <ClockIcon />}
        {confirmedAt !== null
          ? total === 0
            ? words.empty
            : (retired ? words.retired : words.whole)(total, formatInstant(confirmedAt, now))
          : total === 0
            ? words.unknown
            : words.partial(confirmed, total)}
      </p>
      {!whole && missing.length > 0 && <p>{words.missing(missing.join(', '))}</p>}
      <VerifierTable
        words={words}
        confirmed={words.position}
        verifiers={verifiers.map(({ id, position, confirmedAt: time }) => ({
          id,
          confirmed: <code>{position}</code>,
          confirmedAt: time,
        }))}
        now={now}
      />
      <div className={styles.row}>
        <CopyButton text={json} source={source} label={words.copy} name={words.copyName} />
        <Button
          onClick={() => download(`receipt-${shown.keyId}.json`, new Blob([json()], { type: 'application/json' }))}
        >
          {words.download}
        </Button>
        {!whole && version !== null && <span className={styles.muted}>{words.watching}</span>}
      </div>
    </section>
  );
}

const plain = ({ confirmedAt, confirmed, total, verifiers }: ReceiptFragment) => ({
  confirmedAt,
  confirmed,
  total,
  verifiers: verifiers.map(({ id, position, confirmedAt: time }) => ({ id, position, confirmedAt: time })),
});

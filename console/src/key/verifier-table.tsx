// Verifiers in a receipt: what each has confirmed, and when.
import type { ReactNode } from 'react';
import { formatInstant } from '../texts/format.ts';
import styles from './key-page.module.css';

export interface VerifierTableProps {
  readonly words: {
    readonly heading: string;
    readonly verifier: string;
    readonly time: string;
    readonly notYet: string;
  };
  /** Of the column that says what a verifier has confirmed. */
  readonly confirmed: string;
  readonly verifiers: readonly {
    readonly id: string;
    readonly confirmed: ReactNode;
    readonly confirmedAt?: string | null;
  }[];
  readonly now: number;
}

export function VerifierTable({ words, confirmed, verifiers, now }: VerifierTableProps) {
  if (verifiers.length === 0) return null;
  return (
    <div className={styles.wide} role="region" aria-label={words.heading} tabIndex={0}>
      <table className={styles.plain}>
        <thead>
          <tr>
            <th scope="col">{words.verifier}</th>
            <th scope="col">{confirmed}</th>
            <th scope="col">{words.time}</th>
          </tr>
        </thead>
        <tbody>
          {verifiers.map((verifier) => (
            <tr key={verifier.id}>
              <td>{verifier.id}</td>
              <td>{verifier.confirmed}</td>
              <td>
                {verifier.confirmedAt == null ? (
                  words.notYet
                ) : (
                  <time dateTime={verifier.confirmedAt}>{formatInstant(verifier.confirmedAt, now)}</time>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

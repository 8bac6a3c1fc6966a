// Parts of a page of facts: a heading, words with what they stand for, and small tables, which scroll by themselves where
// they are too wide.
import type { ReactNode } from 'react';
import { texts } from '../texts/texts.ts';
import styles from './section.module.css';

export interface SectionProps {
  readonly heading: string;
  /** What the heading does not say. */
  readonly text?: string | null;
  readonly buttons?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ heading, text, buttons, children }: SectionProps) {
  return (
    <section className={styles.section} aria-label={heading}>
      <div className={styles.head}>
        <h2>{heading}</h2>
        {buttons}
      </div>
      {text != null && <p className={styles.text}>{text}</p>}
      {children}
    </section>
  );
}

export interface FactsProps {
  /** In their order; `null`: left out. */
  readonly facts: readonly (readonly [label: string, value: ReactNode] | null)[];
}

export function Facts({ facts }: FactsProps) {
  return (
    <dl className={styles.facts}>
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1] === '' || fact[1] == null ? texts.nothing : fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

export interface SmallTableProps {
  /** What it is a table of. */
  readonly label: string;
  readonly headings: readonly string[];
  readonly rows: readonly { readonly id: string; readonly cells: readonly ReactNode[] }[];
}

/** The first cell of a row is its heading. */
export function SmallTable({ label, headings, rows }: SmallTableProps) {
  return (
    <div className={styles.scroller} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            {headings.map((heading) => (
              <th key={heading} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, cells }) => (
            <tr key={id}>
              {cells.map((cell, index) =>
                index === 0 ? (
                  <th key={headings[index]} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={headings[index]}>{cell === '' || cell == null ? texts.nothing : cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

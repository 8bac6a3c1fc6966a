// What every page has: its title, in the browser's too, and where focus goes when it is reached by a link.
import { useEffect, useRef, type ReactNode } from 'react';
import { texts } from '../texts/texts.ts';
import styles from './page.module.css';

export interface PageProps {
  readonly title: string;
  readonly subtitle?: ReactNode;
  /** At the right of its title. */
  readonly buttons?: ReactNode;
  readonly children: ReactNode;
}

/** The first page is where the browser has put focus; every later one takes it to its heading. */
let first = true;

export function Page({ title, subtitle, buttons, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = texts.pageTitle(title);
  }, [title]);
  useEffect(() => {
    if (!first) heading.current?.focus({ preventScroll: true });
    first = false;
  }, []);
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.titles}>
          <h1 ref={heading} tabIndex={-1} className={styles.title}>
            {title}
          </h1>
          {subtitle != null && <p className={styles.subtitle}>{subtitle}</p>}
        </div>
        {buttons != null && <div className={styles.buttons}>{buttons}</div>}
      </header>
      {children}
    </div>
  );
}
